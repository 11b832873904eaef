"""Whom a plan of `tests/any_plan.py` may be about, and what may be recorded of it, valid or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

ZONES = (
    "Europe/Zurich", "Asia/Kathmandu", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham",
    "Pacific/Apia", "Pacific/Kiritimati", "America/Havana", "Africa/Casablanca", "Europe/Dublin", "UTC",
)  # fmt: skip
"""Offsets of half an hour and of 45 minutes, a summer time of half an hour, clocks that change at midnight."""
PARTIES = ("CH", "NP", "KE", "FJ")
FIRST, LAST = date(2018, 1, 1), date(2019, 3, 31)
_DAYS = st.dates(FIRST, LAST).map(str)
_FLAGS = st.sampled_from(("yes", "yes", "no"))
_VALUES = {
    "report": _DAYS, "oral": _DAYS, "annual": _DAYS, "extended_to": _DAYS, "snoozed_until": _DAYS,
    "date": st.one_of(_DAYS, st.sampled_from(("2018-06", "2018-02-12..2018-02-14", "2018-Q3"))),
    "status": st.sampled_from(("candidate", "prepared", "silent")), "remark": st.just("x"), "mood": st.just("x"),
    "pace": st.sampled_from(("gentle", "strict", "usual")), "approval": st.just("required"),
    "write_to": st.sampled_from(("capital", "mission")), "unreachable": st.just("ch@example.org"),
}  # fmt: skip
_OF_PARTIES = ("report", "oral", "status", "ready", "remark", "annual")
PAST = ("report", "oral", "annual")
"""What may not lie ahead."""
_OF_STEPS = ("held", "cancelled", "done", "reviewed")
_CHASED = (
    "extended_to", "exempt", "snoozed_until", "reopened", "opted_out", "answered", "contacted", "pace", "approval", "write_to",
)  # fmt: skip
_AT = {
    "event": ("date", "date", "held", "cancelled", "attended", "coming"), "task": ("done",), "ongoing": ("reviewed", "contacted"),
    "follow_up": _CHASED, "yearly": _CHASED, "target": _CHASED,
}  # fmt: skip


@dataclass(frozen=True)
class Recording:
    """Something to record after some hours: a fact's arguments. `retract`: it is taken back at once."""

    hours: int
    fact: str
    value: str
    about: Mapping[str, str]
    details: Mapping[str, str]
    retract: bool


@st.composite
def recordings(draw: st.DrawFn, steps: Mapping[str, str]) -> Recording:
    """Anything that may be recorded of a plan with these steps, each with its kind."""
    step, party = draw(st.sampled_from(sorted(steps))), draw(st.sampled_from(PARTIES[:2]))
    fact = draw(st.sampled_from((*_OF_PARTIES, "mood", "date", "unreachable", *_AT[steps[step]], *_AT[steps[step]])))
    value = draw(_VALUES.get(fact, _FLAGS))
    about = {"party": party, "step": step}
    if fact in _OF_PARTIES:
        about = {"party": party}
    elif fact in _OF_STEPS or (fact == "date" and steps[step] == "event"):
        about = {"step": step}
    elif fact == "date":
        about = {"anchor": draw(st.sampled_from(("middle", "end")))}
    elif fact in ("mood", "unreachable"):
        about = {"contact": "ch_mission"} if fact == "unreachable" else {}
    details = {"form": draw(st.sampled_from(("full", "empty")))} if fact == "report" and draw(st.booleans()) else {}
    return Recording(draw(st.integers(1, 24 * 60)), fact, value, about, details, draw(st.integers(1, 6)) == 1)


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, str]:
    """The files of parties and contacts: some of them share an address, and some have no zone."""
    cell = lambda *words: draw(st.sampled_from(words))  # noqa: E731 - a row is written in one line
    rows, contacts = ["id,name,region,island,joined,timezone,status"], ["id,party,post,name,address,timezone"]
    for party in PARTIES[: draw(st.integers(1, 4))]:
        joined, where = cell("", "2017-12-01", "2018-02-28", "2018-05"), cell("", *ZONES)
        rows.append(
            f"{party},{party},{cell('Africa', 'Pacific', '')},{cell('yes', 'no', '')},{joined},{where},{cell('', 'silent')}"
        )
        for post in cell(("mission", "capital"), ("mission",), ("capital",), ()):
            address = cell(f"{party.lower()}@example.org", f"{post}@{party.lower()}.example")
            contacts.append(f"{party.lower()}_{post},{party},{post},{post} of {party},{address},{cell('', *ZONES)}")
    # Each post has a contact: the rule of address may name no other.
    contacts += [f"ch_{post}_2,CH,{post},Second {post},{post}-2@ch.example," for post in ("mission", "capital")]
    return {"parties.csv": "\n".join(rows) + "\n", "contacts.csv": "\n".join(contacts) + "\n"}
