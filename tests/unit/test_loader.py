"""From files to a plan: what each part of the language becomes."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from engine.definition import loader
from engine.definition.building.checks import template_uses
from engine.definition.cadence import AtOnce, Fixed, Series, Side
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr, Distance, Precision, Unit
from engine.definition.measures import Count, Each, Listing
from engine.definition.syntax.sources import Loaded, SourceFile
from engine.definition.workflow import Event, FollowUp, Ongoing, Target, Task, Workflow
from engine.errors import BadInput

ROOT = Path(__file__).resolve().parents[2]
SMALL = """\
workflow: small
title: Small
timezone: Europe/Zurich
owner: lead
roles: {lead: {title: Lead, email: lead@example.org}, watch: {title: Watch, email: watch@example.org}}
"""
DATED = SMALL + "anchors: {end: {on: 2018-12-14}}\n"
YEARLY = SMALL + "cycle: {every: year, due: 02-29, opens: 12 weeks before}\n"


def load(text: str, files: dict[str, str] | None = None, environment: dict[str, str] | None = None) -> Loaded:
    """Load a plan written in a test."""

    def read(name: str) -> str:
        if name not in (files or {}):
            raise FileNotFoundError(name)
        return (files or {})[name]

    return loader.load(SourceFile("plans/test.yaml", text), read, environment or {})


def workflow(text: str, files: dict[str, str] | None = None) -> Workflow:
    """The workflow of a plan written in a test."""
    return load(text, files).plannable.workflow


def faults(text: str, files: dict[str, str] | None = None) -> list[str]:
    """Line, column and words of each fault."""
    with pytest.raises(BadInput) as caught:
        load(text, files)
    return [f"{problem.place.line}:{problem.place.column}: {problem.message}" for problem in caught.value.problems]


def from_checkout(name: str) -> Workflow:
    """A plan of the checkout."""
    path = ROOT / "workflows" / f"{name}.yaml"
    source = SourceFile(path.name, path.read_text(encoding="utf-8"))
    loaded = loader.load(source, lambda name: (path.parent / name).read_text(encoding="utf-8"), {})
    assert loaded.problems == ()
    return loaded.plannable.workflow


class TestTheNote:
    """The plan of the concept note."""

    note = from_checkout("ccm-nim-2018")

    def test_all_is_there_in_the_order_of_the_file(self) -> None:
        assert list(self.note.steps) == [
            "ny_workshop", "ny_follow_up", "auckland", "auckland_follow_up", "africa_workshop", "five_states",
            "outreach", "opportunities", "tools",
        ]  # fmt: skip
        assert list(self.note.objectives) == ["a", "b", "c", "d", "e"]
        assert self.note.send_at == time(9)
        assert (self.note.country, self.note.subdivision) == ("CH", "GE")
        assert not any(step.per_cycle for step in self.note.steps.values())

    def test_dates_keep_their_precision_and_names(self) -> None:
        workshop, follow_up = self.note.steps["ny_workshop"], self.note.steps["ny_follow_up"]
        assert isinstance(workshop, Event)
        assert isinstance(follow_up, FollowUp)
        assert workshop.when is not None
        assert not isinstance(workshop.when.base, str)
        assert workshop.when.base.precision is Precision.MONTH
        assert follow_up.by.base == "settings.by_march"
        assert follow_up.after == DateExpr("ny_workshop", ((1, Distance(2, Unit.WEEKS)),), "ny_workshop + 2 weeks")

    def test_a_cadence(self) -> None:
        follow_up = self.note.steps["ny_follow_up"]
        assert isinstance(follow_up, FollowUp)
        tokens = [slot.token for slot in follow_up.cadence.send]
        assert tokens == ["at-once", "every-4w", "before-6w", "before-2w", "on-day", "after-2w"]
        assert follow_up.cadence.letters.for_slot(follow_up.cadence.send[1]) == "nudge"
        assert follow_up.cadence.approval
        assert (follow_up.cadence.apart, follow_up.cadence.stale_after) == (7, Distance(3, Unit.WORKING_DAYS))
        assert [(rule.after, rule.to, rule.slot) for rule in follow_up.escalate] == [(3, "isu", "escalation")]

    def test_settings_stand_for_sets_in_conditions(self) -> None:
        follow_up = self.note.steps["auckland_follow_up"]
        assert isinstance(follow_up, FollowUp)
        assert follow_up.closes_when is not None
        assert follow_up.closes_when.each.uses == {("set", "pacific_parties")}
        assert follow_up.ours == ("to", "after", "by", "send")

    def test_measures(self) -> None:
        objectives = self.note.objectives
        first, second = objectives["b"].measures
        assert isinstance(first, Count)
        assert str(first.at_least) == "half"
        assert isinstance(second, Each)
        assert isinstance(objectives["d"].measures[0], Listing)
        assert objectives["d"].by is None
        (count,) = objectives["a"].measures
        assert isinstance(count, Count)
        assert count.baseline is not None
        assert count.baseline.expect == 48
        assert str(count.at_least) == "baseline + 3"

    def test_a_target_asks_and_thanks(self) -> None:
        target = self.note.steps["five_states"]
        assert isinstance(target, Target)
        assert target.ask is not None
        assert target.ask.cadence.letters.every_kind == "dissemination_ask"
        assert target.ask.thanks == "dissemination_thanks"
        assert not target.stop_when_enough

    def test_the_rest(self) -> None:
        outreach = self.note.steps["outreach"]
        assert isinstance(outreach, Ongoing)
        assert outreach.review == Distance(2, Unit.MONTHS)
        assert outreach.with_ == ("universalisation",)
        assert [(line.amount, line.currency) for line in self.note.budget][:2] == [
            (Decimal(100000), "NZD"), (Decimal(60000), "AUD"),
        ]  # fmt: skip
        assert self.note.outputs["awareness"].record == "awareness"
        assert self.note.roles["cmc"].email is None

    def test_each_template_is_known_with_its_place(self) -> None:
        uses = template_uses(self.note)
        nudge = next(use for use in uses if use.template == "nudge")
        assert (nudge.step, nudge.use) == ("ny_follow_up", "every")
        line = (ROOT / "workflows" / "ccm-nim-2018.yaml").read_text(encoding="utf-8").split("\n")[nudge.place.line - 1]
        assert line[nudge.place.column - 1 :].startswith("nudge")
        assert {use.use for use in uses if use.step == "ny_workshop"} == {"at once", "before", "moved", "cancelled"}
        assert ("ny_follow_up", "escalation") in {(use.step, use.use) for use in uses}


def test_which_letters_name_templates_besides_those_of_times() -> None:
    for step in (
        "ask: {follow_up: Ask, by: end, until: told, send: [at once], letter: a, thanks: t, corrected: c}",
        "five: {target: Five, by: end, count: told, at_least: 5, thanks: t, corrected: c, "
        "ask: {to: told, send: [at once], letter: a}}",
    ):
        uses = template_uses(workflow(DATED + f"facts: {{told: {{type: flag}}}}\nsteps: {{{step}}}\n"))
        assert [(use.use, use.template) for use in uses] == [("at once", "a"), ("thanks", "t"), ("corrected", "c")]


def test_the_yearly_plan() -> None:
    yearly = from_checkout("article7-annual")
    assert yearly.cycle is not None
    assert yearly.cycle.due_in(2027) == date(2027, 4, 30)
    assert yearly.cycle.opens == Distance(12, Unit.WEEKS)
    assert [step.per_cycle for step in yearly.steps.values()] == [False, True]
    assert yearly.facts["annual_report"].each_cycle


def test_how_long_before_a_letter_its_approval_is_asked_for() -> None:
    plan = SMALL + "steps: {m: {event: M, when: 2018-05}}\n"
    assert workflow(plan).ask_ahead == Distance(10, Unit.WORKING_DAYS)
    assert workflow(f"{plan}ask_ahead: 2 weeks\n").ask_ahead == Distance(2, Unit.WEEKS)


def test_defaults_of_an_event() -> None:
    event = workflow(
        SMALL + 'steps: {m: {event: M, when: 2018-05, invite: \'not date("2018") < date("2017")\', '
        "invitations: [at once, 1 week before, every 2 weeks at most 2]}}\n"
    ).steps["m"]
    assert isinstance(event, Event)
    assert event.invitations is not None
    names = event.invitations.letters
    assert [names.for_slot(slot) for slot in event.invitations.send] == [
        "invitation", "invitation_reminder", "invitation_reminder",
    ]  # fmt: skip
    assert (event.moved, event.cancelled) == ("event_moved", "event_cancelled")
    assert isinstance(event.invitations.send[0], AtOnce)
    assert isinstance(event.invitations.send[2], Series)


def test_a_task_and_how_strictly_a_cadence_is_kept() -> None:
    steps = workflow(
        DATED
        + "facts: {f: {type: flag}}\nsteps:\n  t: {task: T, by: end - 10 working days, remind: [42 days before]}\n"
        "  f1: {follow_up: F, by: end, until: f, send: [on the day], letter: x, approval: none, apart: 2 weeks,"
        " stale_after: 5 days, working_days: addressee}\n"
    ).steps
    task, follow_up = steps["t"], steps["f1"]
    assert isinstance(task, Task)
    assert task.by.moves == ((-1, Distance(10, Unit.WORKING_DAYS)),)
    assert task.remind[0].token == "before-6w"
    assert isinstance(follow_up, FollowUp)
    cadence = follow_up.cadence
    assert (cadence.approval, cadence.apart, cadence.days_off) == (False, 14, "addressee")
    assert cadence.stale_after == Distance(5, Unit.DAYS)
    assert cadence.send == (Fixed(Side.ON),)
    assert follow_up.to is None


def test_values_in_any_order() -> None:
    plan = workflow(
        SMALL + "attributes: {joined: {type: date}}\nparties: p.csv\nfacts: {report: {type: date}}\n"
        "values: {late: {is: not early}, early: {is: report < due}, due: {date: base + 1 month}, base: {date: joined}}\n"
        "steps: {}\n",
        {"p.csv": "id,name,joined\n"},
    )
    late = plan.values["late"]
    assert isinstance(late, Condition)
    assert late.uses == {("fact", "report"), ("date", "due")}
    assert plan.values["due"] == DateExpr("base", ((1, Distance(1, Unit.MONTHS)),), "base + 1 month")


def test_a_setting_that_is_a_word() -> None:
    plan = workflow(
        SMALL + "facts: {stance: {type: choice, of: [open, closed]}}\nsettings: {which: {value: open}}\n"
        "sets: {ours: {who: stance == settings.which}}\nsteps: {}\n"
    )
    assert plan.sets["ours"].who.uses == {("fact", "stance")}


def test_a_setting_that_names_a_condition() -> None:
    plan = workflow(
        SMALL + "facts: {f: {type: flag}}\nvalues: {v: {is: f}}\nsettings: {s: {value: v}}\n"
        "sets: {t: {who: settings.s}}\nsteps: {}\n"
    )
    assert plan.sets["t"].who.uses == {("fact", "f")}


def test_environment() -> None:
    text = SMALL.replace("lead@example.org", '"${LEAD:-lead}@${HOST:-example.org}"') + "steps: {}\n"
    loaded = load(text, environment={"HOST": "example.net", "OTHER": "unused"})
    assert loaded.plannable.workflow.roles["lead"].email == "lead@example.net"
    assert loaded.used_environment == {"HOST": "example.net"}


def test_what_was_loaded_loads_the_same_again() -> None:
    files = {"p.csv": "\N{ZERO WIDTH NO-BREAK SPACE}id,name\nKE,Kenya\n"}
    first = load(SMALL + "parties: p.csv\nsteps: {}\n", files)
    again = loader.load(first.source, first.files.__getitem__, first.used_environment)
    assert again == first
    assert list(first.plannable.parties) == ["KE"]


def test_faults_of_all_files_come_at_once() -> None:
    text = SMALL.replace("Zurich", "Zürich") + "parties: p.csv\ncontacts: c.csv\naddress: {to: [a]}\nsteps: {}\n"
    files = {"p.csv": "id,name\nK E,Kenya\n", "c.csv": "id,party,post,name,address\nx,KE,a,X,nowhere\n"}
    with pytest.raises(BadInput) as caught:
        load(text, files)
    assert [problem.place.file for problem in caught.value.problems] == [
        "plans/c.csv",
        "plans/p.csv",
        "plans/test.yaml",
    ]


def test_a_fault_shows_its_line() -> None:
    with pytest.raises(BadInput) as caught:
        load(SMALL + 'sets: {all: {who: "regoin"}}\nsteps: {}\n')
    assert str(caught.value).split("\n")[1:] == [
        '    sets: {all: {who: "regoin"}}',
        "                       ^",
    ]


def test_a_cycle_of_leap_days() -> None:
    rule = workflow(YEARLY + "steps: {}\n").cycle
    assert rule is not None
    assert [rule.due_in(year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]


def test_what_recurs_stands_in_the_cycle_only() -> None:
    step = "steps: {s: {follow_up: S, cycle: none, by: 2018, until: f, to: v, send: [on the day], letter: x}}\n"
    found = faults(YEARLY + "facts: {f: {type: date, each: cycle}}\nvalues: {v: {is: not f < cycle.due}}\n" + step)
    assert [fault.partition(": ")[2] for fault in found] == [
        "“f” differs from cycle to cycle, and this step stands outside the cycle",
        "“cycle.due” differs from cycle to cycle, and this step stands outside the cycle",
        "“f” differs from cycle to cycle, and this step stands outside the cycle",
    ]


def test_a_fault_in_a_declaration_is_said_once() -> None:
    text = DATED + "facts: {f: {type: datte}}\nsets: {s: {who: f > end, as_of: nowhen}}\nsteps: {}\n"
    assert faults(text) == [
        "7:19: expected one of choice, flag, date, text, found “datte”.",
        "8:33: there is no date “nowhen”.",
    ]


def test_a_letter_that_is_never_sent_gets_a_warning() -> None:
    loaded = load(
        DATED + "facts: {f: {type: flag}}\n"
        "steps: {s: {follow_up: S, by: end, until: f, send: [on the day], letters: {on the day: x, after: y}}}\n"
    )
    (warning,) = loaded.problems
    assert warning.warning
    assert warning.message == "no time in “send” is of the kind “after”, so this letter is never sent."


def test_places_in_folded_and_quoted_conditions() -> None:
    sets = "sets:\n  a:\n    who: >-\n      yes_no and\n      not nobody\n  b: {who: 'it == \"it''s\" or nobody'}\nsteps: {}\n"
    found = faults(SMALL + "facts: {yes_no: {type: flag}, it: {type: text}}\n" + sets)
    assert found == ["11:11: there is no name “nobody”.", "12:30: there is no name “nobody”."]
