"""`digest`: what a role's digest would say now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.app.root import App
from engine.app.views import local
from engine.definition.hints import suggest
from engine.dispatcher.notices.digests import coming_digest, digest_view
from engine.dispatcher.notices.readers import Reader, bulletin, readers
from engine.errors import NotFound, Refused
from engine.letter import DIGEST

_LOOKS_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DigestNow:
    """A digest as it would be: empty words where nothing is new; `next` says when one comes by itself, if ever."""

    to: str
    subject: str
    text: str
    often: str
    next: str | None


def digest_now(app: App, who: str, workflow: str | None) -> DigestNow:
    """The digest of a role (or of an address) as of now; since the last one, or of a week. Raises NotFound and Refused."""
    now = app.clock.now()
    if not app.has_store:
        raise NotFound("no plan is applied, so there is nothing to tell")
    with app.store.read() as tx:
        applied = app.standings.all(tx, now)
        reader = _reader(readers(applied), who, workflow)
        coming = coming_digest(reader, now)
        seat = coming[0] if coming else reader.seats[0]
        told = digest_view(tx, reader, applied, now - _LOOKS_BACK, seat.hours.zone, now)
        often = str(seat.role.digest or "")
        following = local(coming[1], seat.hours.zone) if coming else None
        if told is None:
            return DigestNow(reader.address, "", "", often, following)
        letter = bulletin(seat, DIGEST, "digest-now", now, "")
        context = seat.standing.composer.bulletin(
            letter, waiting=told.waiting, digest=told.view, pages=app.settings.web_url
        )
        rendered = seat.standing.opened.renderer.render(context)
        return DigestNow(reader.address, rendered.subject, rendered.text, often, following)


def _reader(known: list[Reader], who: str, workflow: str | None) -> Reader:
    """The reader who has a role, or an address."""
    seats = [seat for each in known for seat in each.seats if workflow in (None, seat.standing.workflow.name)]
    found = [
        each for each in known
        if each.address == who.casefold()
        or any(seat.role.name == who for seat in each.seats if workflow in (None, seat.standing.workflow.name))
    ]  # fmt: skip
    if not found:
        names = {seat.role.name for seat in seats}
        raise NotFound(f"no applied plan has a role “{who}” with an address. {suggest(who, sorted(names))}".rstrip())
    if len(found) > 1:
        names_ = sorted({seat.standing.workflow.name for each in found for seat in each.seats if seat.role.name == who})
        raise Refused(f"several people are {who}: say of which plan with --workflow ({', '.join(names_)})")
    return found[0]
