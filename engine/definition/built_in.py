"""The facts that are built in: what each takes, about whom, and what of the plan it has to fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.definition import facts
from engine.definition.cadence import USUAL
from engine.definition.conditions import STEP_FLAGS
from engine.definition.facts import Subject
from engine.definition.hints import suggest
from engine.definition.workflow import AnyStep, FollowUp, Plannable, Target, cadence_of

AGAINST_THE_RULE = "against_the_rule"
"""The detail of an extension that its step's rule does not allow, and a person gives all the same."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a fact takes: `type` and `of` its value, `needs` its subject, `kinds` the steps it may be at.

    `may_name` are parts of the subject that may be left out. `reasoned` facts, and those with one of
    `reasoned_details`, need a note that says why. `ahead`: its value may be a day that lies ahead.
    """

    type: str
    needs: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    details: Mapping[str, tuple[str, ...]] | None = None
    each_cycle: bool = False
    ahead: bool = False
    may_name: tuple[str, ...] = ()
    reasoned: bool = False
    reasoned_details: tuple[str, ...] = ()
    elsewhere: str = ""
    """What to record of an event instead."""


def _flagged(name: str) -> tuple[str, ...]:
    return tuple(kind for kind, flags in STEP_FLAGS.items() if name in flags)


KINDS = {
    "event": "an event", "task": "a task", "follow_up": "a follow-up", "target": "a target",
    "ongoing": "an ongoing step",
}  # fmt: skip
_STEP, _AT_STEP, _PARTY = ("step",), ("party", "step"), ("party",)
_CHASED, _WRITTEN_TO = ("follow_up", "target"), ("follow_up", "target", "event")
_OF_STEPS = (facts.HELD, facts.CANCELLED, facts.DONE, facts.REVIEWED)
_OF_PARTIES_AT_STEPS = (facts.INVITED, facts.COMING, facts.ATTENDED, facts.CONTACTED)
OVERRIDES = (facts.WRITE_TO, facts.PACE, facts.APPROVAL, facts.LANGUAGE)
"""What is done otherwise for one party than the plan says."""
OURS = frozenset({
    facts.ADDRESS, facts.INVITED, facts.CONTACTED, facts.UNREACHABLE, facts.EXTENDED_TO, facts.REOPENED, facts.EXEMPT,
    facts.SNOOZED_UNTIL, *OVERRIDES,
})  # fmt: skip
"""What is recorded about a party and says nothing that it did: what is done about it, and how it is reached."""
RULES: Mapping[str, Rule] = {
    facts.DATE: Rule("date", ("step or anchor",), ("event",), ahead=True),
    **{name: Rule("flag", _STEP, _flagged(name)) for name in _OF_STEPS},
    **{name: Rule("flag", _AT_STEP, _flagged(name)) for name in _OF_PARTIES_AT_STEPS},
    facts.ADDRESS: Rule("address", ("contact",)),
    facts.UNREACHABLE: Rule("address", ("contact",)),
    facts.ANSWERED: Rule("flag", _AT_STEP, _CHASED, each_cycle=True),
    facts.EXTENSION_ASKED: Rule("date", _AT_STEP, ("follow_up",), each_cycle=True),
    facts.EXTENDED_TO: Rule(
        "date", _AT_STEP, ("follow_up",), each_cycle=True, ahead=True, details={AGAINST_THE_RULE: ("yes",)},
        reasoned_details=(AGAINST_THE_RULE,),
    ),
    facts.REOPENED: Rule("flag", _AT_STEP, ("follow_up",), each_cycle=True),
    facts.EXEMPT: Rule("flag", _AT_STEP, _CHASED, each_cycle=True, reasoned=True),
    facts.OPTED_OUT: Rule(
        "flag", _AT_STEP, _CHASED, each_cycle=True, elsewhere="Whether a party comes to an event is the fact coming.",
    ),
    facts.SNOOZED_UNTIL: Rule("date", _AT_STEP, _CHASED, each_cycle=True, ahead=True),
    facts.WRITE_TO: Rule("word", _PARTY, _WRITTEN_TO, may_name=_STEP, reasoned=True),
    facts.PACE: Rule("word", _PARTY, _CHASED, may_name=_STEP, reasoned=True),
    facts.APPROVAL: Rule("choice", _PARTY, _WRITTEN_TO, of=("required",), may_name=_STEP, reasoned=True),
    facts.LANGUAGE: Rule("language", _PARTY, _WRITTEN_TO, may_name=_STEP, reasoned=True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why something does not fit the plan: what is wrong (`argument`: step or value), and how to mend it."""

    argument: str
    message: str
    hint: str = ""


def unfit(plannable: Plannable, fact: str, value: str, subject: Subject) -> Unfit | None:
    """Why a built-in fact cannot be recorded of this step or party, whose names are known to be right."""
    step = plannable.workflow.steps.get(subject.step or "")
    match fact:
        case facts.OPTED_OUT if value != "no" and step is not None and not is_optional(step):
            hint = "Write “optional: yes” at the step if it may be; an exemption is the fact exempt."
            return Unfit("step", f"nobody may opt out of {step.name}", hint)
        case facts.PACE:
            return _pace(plannable, value, step)
        case facts.WRITE_TO if subject.party is not None:
            return _addressee(plannable, value, subject.party)
    return None


def is_optional(step: AnyStep) -> bool:
    """Whether a party may opt out of a step."""
    return isinstance(step, FollowUp | Target) and step.optional


def paces_of(step: AnyStep) -> tuple[str, ...]:
    """The names of the paces that a step declares."""
    cadence = cadence_of(step)
    return tuple(cadence.paces) if cadence else ()


def _pace(plannable: Plannable, value: str, step: AnyStep | None) -> Unfit | None:
    steps = [step] if step else plannable.workflow.steps.values()
    known = [*dict.fromkeys(name for each in steps for name in paces_of(each))]
    where = step.name if step else "the plan"
    if not known:
        return Unfit("value", f"{where} has no other pace", "Declare one at the step: paces: {gentle: [at once, …]}.")
    if value not in (*known, USUAL):
        return Unfit("value", f"{where} has no pace “{value}”", suggest(value, [*known, USUAL]))
    return None


def _addressee(plannable: Plannable, value: str, party: str) -> Unfit | None:
    own = [contact for contact in plannable.contacts if contact.party == party]
    known = [*dict.fromkeys([contact.id for contact in own] + [contact.post for contact in own])]
    if value in known:
        return None
    near = suggest(value, known) or "Name the id of one of its contacts, or a post that has one."
    if not known:
        near = "Add one to the contacts file first."
    return Unfit("value", f"{party} has no contact or post “{value}”", near)
