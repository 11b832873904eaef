"""What `stop` and `resume` do and say; and what other commands say while everything is stopped."""

from __future__ import annotations

from engine.app.letters.switch import resume, stop_everything, stopped, stopped_words
from engine.app.root import App
from engine.cli.output import complain, say
from engine.cli.session import actor
from engine.definition.words import counted


def do_stop(app: App, reason: str) -> None:
    """Stop everything."""
    stop_everything(app, reason, actor())
    say("Everything is stopped: no letter leaves until “followthrough resume”.")


def do_resume(app: App) -> None:
    """Let letters leave again, and say what waits."""
    done = resume(app, actor())
    say(f"Letters leave again. They had been stopped {stopped_words(done.was)}.")
    if done.due:
        say(f"{counted(done.due, 'letter')} fell due meanwhile: of each chase the newest goes, the others are missed.")


def warn_if_stopped(app: App) -> None:
    """On stderr, whoever looks at letters is told that none leaves."""
    found = stopped(app)
    if found is not None:
        complain(f"Everything is stopped {stopped_words(found)}. “followthrough resume” lets letters leave again.")
