"""What is posted: whose a form is and where it leads back to; and the course of a form that shows first what it would change."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Form, HTTPException, Request
from fastapi.responses import Response
from pydantic import AfterValidator

from engine.errors import BadInput, Refused
from engine.web.access import Session, same_token
from engine.web.site import Site

_OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9_\-./%?=&~:@+]*")
_CHANGED = "Something else is on record by now: look at it again."


def _posted(request: Request, csrf: Annotated[str, Form()]) -> Session:
    session: Session | None = request.scope.get("session_of")
    if session is None or not same_token(session, csrf):
        raise HTTPException(403, "This form is not of this session: open the page again.")
    return session


def _own_path(back: str) -> str:
    return back if _OWN_PATH.fullmatch(back) else "/"


Posted = Annotated[Session, Depends(_posted)]
"""The session of a form that is ours; another form does nothing."""
Back = Annotated[str, Form(), AfterValidator(_own_path)]
"""A path of ours to go back to."""
Text = Annotated[str, Form(max_length=500)]
Word = Annotated[str, Form(max_length=100)]
Day = Annotated[str, Form(max_length=20)]
Pressed = Annotated[str, Form()]
"""A tick or a button: empty where it was not pressed."""


def sentence(error: Refused) -> str:
    """What was refused, as a sentence."""
    text = str(error)
    return text if text.endswith((".", "?")) else f"{text}."


class Previewed(Protocol):
    """What keeping a form would come to. `mark` is another for whatever else it would; empty: there is nothing to keep."""

    @property
    def mark(self) -> str: ...


PreviewT = TypeVar("PreviewT", bound=Previewed)


@dataclass(frozen=True, slots=True)
class Course:
    """How far a form is: its first press shows what it would change, the next keeps just that, or goes back to the form."""

    session: Session
    mark: str
    """Of what was shown."""
    again: bool
    """Whether the form is to be changed."""

    def go(
        self, site: Site, attempt: Callable[[bool], PreviewT], show: Callable[[Sequence[str], PreviewT | None], Response],
        keep: Callable[[PreviewT], Response],
    ) -> Response:  # fmt: skip
        """`attempt` records, or (True) rehearses it; `show` makes the page, with what is wrong; `keep` answers in the end."""
        if self.again:
            return show((), None)
        with site.lock:
            try:
                shown = attempt(True)
                if not self.mark or self.mark != shown.mark:
                    return show((_CHANGED,) if self.mark else (), shown)
                attempt(False)
            except Refused as error:
                faults = [str(each) for each in error.problems] if isinstance(error, BadInput) else [sentence(error)]
                return show(faults, None)
        return keep(shown)


def _course(session: Posted, mark: Pressed = "", again: Pressed = "") -> Course:
    return Course(session, mark, bool(again))


Rehearsed = Annotated[Course, Depends(_course)]
"""A form of ours that shows first what it would change."""
