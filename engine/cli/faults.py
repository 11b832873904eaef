"""How a fault reaches the person at the terminal: in words on stderr, never as a traceback."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from engine.cli.output import complain
from engine.errors import BadInput, FollowthroughError, StoreError

FAILED = 1
PASSING = 75
"""The status of a `run` that failed in a way that may be over the next time (EX_TEMPFAIL): start it again."""
DEBUG = "FOLLOWTHROUGH_DEBUG"


class Careful(TyperGroup):
    """Runs a command and tells what went wrong: what is ours in its own words, what nobody expected kindly."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Its two options by name."""
        return ["[-h | --help]", "[--version]", self.subcommand_metavar]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands alone: the two options stand in the usage, and all of it fits a screen."""
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands by section, each section in the order in which its commands are declared."""
        sections: dict[str, list[tuple[str, Any]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            sections.setdefault(command.rich_help_panel, []).append((name, command))
        widest = max(len(name) for commands in sections.values() for name, _ in commands)
        for title, commands in sections.items():
            with formatter.section(title):
                limit = formatter.width - 6 - widest
                rows = [(name.ljust(widest), command.get_short_help_str(limit)) for name, command in commands]
                formatter.write_dl(rows)

    def invoke(self, ctx: Any) -> Any:
        passing = True  # the database, the disk, the program itself; what is refused stays refused
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, TyperException, BrokenPipeError):
            raise
        except FollowthroughError as error:
            tell(error)
            passing = isinstance(error, StoreError)
        except OSError as error:
            complain(
                f"Error: {error.filename}: {error.strerror}" if error.filename else f"Error: {error.strerror or error}"
            )
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            complain(_unexpected(error, f"{ctx.info_name} {ctx.invoked_subcommand}"))
        raise typer.Exit(PASSING if passing and ctx.invoked_subcommand == "run" else FAILED)


def tell(error: FollowthroughError) -> None:
    """Say on stderr what was refused or failed."""
    if isinstance(error, BadInput):
        for problem in error.problems:
            complain(str(problem))
    else:
        complain(f"Error: {error}")


def _unexpected(error: Exception, command: str) -> str:
    """One line for a fault of the program itself, with where the report is."""
    what = f"Error: this is a fault in followthrough itself, and none of yours ({type(error).__name__}: {error})."
    report = _keep_report(error, command)
    where = f"The report is in {report}" if report else "It could not keep a report"
    return " ".join(f"{what} {where}; {DEBUG}=1 shows it here.".split())


def _keep_report(error: Exception, command: str) -> Path | None:
    """Add the traceback to `errors.log` beside the database; None where that cannot be."""
    try:
        from engine import settings
        from engine.clock import SystemClock

        home = settings.load().settings.home
        home.mkdir(parents=True, exist_ok=True)
        report = home / "errors.log"
        lines = traceback.format_exception(error)
        handle = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)  # names and addresses may be in it
        with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{SystemClock().now().isoformat(timespec='seconds')} {command}\n{''.join(lines)}\n")
    except Exception:
        return None
    return report
