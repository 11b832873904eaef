"""Plans that nobody would write, and may: a strategy over the whole grammar, with parties, contacts and facts.

Names are those of the declarations below, so that most of what is drawn is a plan and not a list of faults.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.any_facts import FIRST, LAST, ZONES, Recording, recordings, rosters

CALENDARS = ("{country: CH, subdivision: GE}", "{country: NP}", "{country: SA}", "{country: IL}", "{country: JP}")
HOURS = ("09:00", "00:00", "02:30", "23:45", "12:07")
QUIET = ("2018-03-30", "2018-12-23..2019-01-06", "12-24..01-02", "02-27..03-01", "2018-07-01..2018-07-30")
DISTANCES = ("1 day", "3 days", "10 days", "1 week", "2 weeks", "6 weeks", "1 month", "2 months", "5 months")
WORKING = ("1 working day", "3 working days", "10 working days")
FAR = ("36500 days", "5200 weeks", "1200 months")
"""As far as the language goes."""
DECLARED = """\
attributes:
  region: {type: choice, of: [Africa, Pacific]}
  island: {type: flag}
  joined: {type: date}
facts:
  report: {type: date, label: The report, details: {form: {of: [full, empty]}, kind: {}}}
  oral: {type: date}
  status: {type: choice, of: [silent, candidate, prepared]}
  ready: {type: flag}
  remark: {type: text}
  mood: {type: text, about: workflow}
  shape: {type: choice, of: [good, bad], about: step}
"""
ROLES = """\
roles:
  desk: {title: Desk, email: desk@example.org, digest: daily}
  boss: {title: Boss, email: boss@example.org, timezone: Asia/Kathmandu, digest: weekly on Friday}
  nobody: {title: Nobody}
"""
DONE = {
    "report": ("report", {}), "oral": ("oral", {}), 'report.form == "full"': ("report", {"form": "full"}),
    "ready": ("ready", {}),
    'status in ["prepared"]': ("status", {}), "oral or done": ("oral", {}), "done": ("report", {"form": "full"}),
}  # fmt: skip
"""What a party is done by, and the fact (with details) that says so."""
VALUES = {"ready": "yes", "status": "prepared"}


@dataclass(frozen=True)
class Written:
    """A plan's files, and facts that somebody may try to record of it: days passed, then what, of whom, what it says."""

    workflow: str
    files: dict[str, str]
    recordings: tuple[Recording, ...]
    until: dict[str, str]
    """What each follow-up waits for, where `DONE` knows what that is."""


class _Pen:
    """Draws the parts of a plan."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.cyclic = draw(st.integers(0, 3)) == 0
        self.steps: list[tuple[str, str]] = []
        self.until: dict[str, str] = {}

    def of(self, options: Sequence[str]) -> str:
        return self.draw(st.sampled_from(options))

    def yes(self, odds: int = 2) -> bool:
        return self.draw(st.integers(1, odds)) == 1

    def distance(self) -> str:
        return self.of(FAR) if self.yes(25) else self.of(DISTANCES)

    def events(self) -> list[str]:
        return [name for name, kind in self.steps if kind == "event"]

    def day(self) -> str:
        on = self.draw(st.dates(FIRST - timedelta(60), LAST))
        if self.yes(25):
            on = self.draw(st.sampled_from((date(1900, 1, 1), date(2300, 12, 29))))
        forms = (
            f"{on}",
            f"{on}",
            f"{on}..{on + timedelta(2)}",
            f"{on:%Y-%m}",
            f"{on.year}-Q{(on.month + 2) // 3}",
            f"{on.year}",
        )
        return self.of(forms)

    def date(self, *, cycle: bool = False, party: bool = False) -> str:
        names = ["begin", "end", "middle", "settings.spring", "fixed", *self.events()]
        names += ["cycle.due", "cycle.due"] if cycle and self.cyclic else []
        names += ["joined", "due"] if party else []
        base = self.of((self.day(), self.of(names), self.of(names)))
        moves = [
            f" {self.of('+-')} {self.of((self.distance(), *WORKING))}"
            for _ in range(self.draw(st.sampled_from((0, 0, 1, 2))))
        ]
        return base + "".join(moves)

    def condition(self, depth: int = 2) -> str:
        if depth and self.yes(3):
            joined = f" {self.of(('and', 'or'))} ".join(self.condition(depth - 1) for _ in range(2))
            return f"not ({joined})" if self.yes(4) else f"({joined})"
        atoms = [
            "report", "oral", "ready", "not report", 'region == "Africa"', 'region != "Pacific"', "island", "africans",
            'settings.word == "so"', "islanders",
            'status in ["candidate", "prepared"]', 'status not in ["silent"]', 'report.form == "full"', "remark", "mood",
            'report >= date("2018-02-01")', "joined < begin", "due < end", "report < middle <= oral", "done", "settings.half_of",
            *(each for name in self.events() for each in (f"{name}.attended", f"not {name}.held", f"{name}.invited")),
            *(f"{name}.contacted" for name, kind in self.steps if kind != "task"),
        ]  # fmt: skip
        return self.of(atoms)

    def quoted(self) -> str:
        """A condition as it stands between braces."""
        return f"'{self.condition(1)}'"

    def counting(self) -> str:
        """A condition that may count missed deadlines."""
        yearly = [name for name, kind in self.steps if kind == "yearly"]
        return f'misses("{self.of(yearly)}") >= 1' if yearly and self.yes(3) else self.condition()

    def fixed(self) -> str:
        return self.of(
            (
                "on the day",
                f"{self.distance()} before",
                f"{self.distance()} before",
                f"{self.distance()} after",
            )
        )

    def slots(self) -> str:
        every = self.of(("day", "10 days", "2 weeks", "4 weeks", "month", "2 months"))
        series = f"every {every} " + (
            f"until {self.fixed()}" if self.yes() else f"at most {self.draw(st.integers(1, 6))}"
        )
        some = [self.fixed() for _ in range(self.draw(st.sampled_from((3, 2, 1, 0))))]
        found = (["at once"] if self.yes() else []) + ([series] if self.yes() else []) + some
        return f"[{', '.join(dict.fromkeys(found or ['at once']))}]"

    def reminders(self) -> str:
        return f"[{', '.join(dict.fromkeys(self.fixed() for _ in range(self.draw(st.integers(1, 3)))))}]"

    def maybe(self, key: str, value: Callable[[], str], odds: int = 3) -> list[str]:
        return [f"{key}: {value()}"] if self.yes(odds) else []

    def pace(self) -> list[str]:
        return [
            *self.maybe("approval", lambda: self.of(("none", "required"))),
            *self.maybe("apart", lambda: self.of(("0 days", "3 days", "2 weeks"))),
            *self.maybe("stale_after", lambda: self.of(("1 working day", "3 days", "1 month"))),
            *self.maybe("working_days", lambda: self.of(("addressee", "workflow"))),
            *self.maybe("cc", lambda: self.of(("[boss]", "[capital]", "[]"))),
        ]

    def paces(self) -> list[str]:
        return self.maybe("paces", lambda: f"{{gentle: {self.slots()}, strict: {self.slots()}}}", 4)

    def step(self, number: int) -> str:
        kind = self.of(("event", "follow_up", "follow_up", "follow_up", "target", "task", "ongoing"))
        name = f"{kind[0]}{number}"
        lines = {"event": self.event, "follow_up": self.follow_up, "target": self.target, "task": self.task,
                 "ongoing": self.ongoing}[kind](name)  # fmt: skip
        yearly = kind == "follow_up" and self.cyclic and "cycle: none" not in lines
        self.steps.append((name, "yearly" if yearly else kind))
        ours = "review" if kind == "ongoing" else "when" if lines[0].startswith("when") else "by"
        lines += self.maybe("owner", lambda: "boss", 4) + self.maybe("ours", lambda: f"[{ours}]", 5)
        return f"  {name}:\n" + "".join(f"    {line}\n" for line in [f"{kind}: A {kind}", *lines])

    def event(self, name: str) -> list[str]:
        invite = [f"invite: {self.condition()}", f"invitations: {self.slots()}"]
        when = f"when: {self.date()}" if self.yes() else f"by: {self.date()}"
        return [
            when, *(invite if self.yes(3) else []), *self.maybe("prepare", self.reminders),
            *self.maybe("place", lambda: "Apia"),
            "letter: nudge", *self.maybe("timezone", lambda: self.of(ZONES)), *self.pace(),
        ]  # fmt: skip

    def follow_up(self, name: str) -> list[str]:
        outside = self.cyclic and self.yes()
        cycle = self.cyclic and not outside
        until = self.condition() if self.yes(3) else self.of(tuple(DONE))
        self.until[name] = until
        events = [f"{event} + {self.of(DISTANCES)}" for event in self.events()]
        return [
            *(["cycle: none"] if outside else []), f"by: {self.date(cycle=cycle, party=True)}", f"until: {until}",
            f"send: {self.slots()}", "letter: nudge", *self.maybe("to", self.counting),
            *self.maybe("after", lambda: self.of((self.date(cycle=cycle, party=True), *events))),
            *self.maybe("since", lambda: self.date(cycle=cycle, party=True), 5),
            *self.maybe("grace", lambda: self.of((*DISTANCES, *WORKING))),
            *self.paces(), *self.maybe("thanks", lambda: "thank_you"), *self.maybe("corrected", lambda: "deadline_moved"),
            *self.maybe("optional", lambda: "yes"),
            *self.maybe("closes_when", lambda: f"{{each: {self.quoted()}, is: {self.quoted()}}}", 5),
            *self.maybe("escalate", lambda: f"[{{after: {self.of('123')} letters, to: boss}}, {{before: 2 weeks, to: desk}}]"),
            *self.maybe("extensions", lambda: "{asked: before, at_most: 2, until: by + 60 days}"), *self.pace(),
        ]  # fmt: skip

    def measure(self) -> list[str]:
        least = self.of(("1", "2", "half", "baseline + 1", "baseline"))
        base = [f"baseline: {{as_of: {self.of(('begin', 'middle', '2018-03'))}}}"] if "baseline" in least else []
        among = self.maybe("among", self.quoted, 1 if least == "half" else 3)
        return [f"count: {self.quoted()}", f"at_least: {least}", *base, *among]

    def target(self, name: str) -> list[str]:
        ask = f"ask: {{to: {self.quoted()}, send: {self.slots()}, letter: nudge}}"
        asks = [ask, *self.maybe("thanks", lambda: "thank_you"), *self.maybe("enough", lambda: "stop"), *self.pace()]
        return [
            *self.measure(), f"by: {self.date()}", *self.maybe("remind", self.reminders, 2), *(asks if self.yes() else []),
        ]  # fmt: skip

    def task(self, name: str) -> list[str]:
        return [f"by: {self.date()}", *self.maybe("remind", self.reminders, 2), *self.maybe("for", self.condition)]

    def ongoing(self, name: str) -> list[str]:
        about = self.maybe("about", self.condition) + self.maybe("first", self.condition)
        return [
            f"review: every {self.of(('2 weeks', 'month', '2 months'))}",
            *about,
            *self.maybe("with", lambda: "[boss]"),
        ]

    def workflow(self) -> str:
        due, ends = self.of(("04-30", "02-29", "01-01", "12-31")), self.of(("2018-11-05..2018-11-07", "2018-11"))
        copies = self.of(("[]", "[boss]", "[capital]"))
        head = [
            "workflow: any", "title: Any plan", f"timezone: {self.of(ZONES)}", "owner: desk", f"send_at: {self.of(HOURS)}",
            *self.maybe("working_days", lambda: self.of(CALENDARS), 2),
            *self.maybe("quiet", lambda: f"[{self.of(QUIET)}]"),
            *self.maybe("starts", lambda: "begin", 2),
            *self.maybe("ends", lambda: self.of(("end", "2018-06-30", "2018-09", "end - 1 week")), 2),
            *self.maybe("ask_ahead", lambda: self.of(("3 days", "5 working days"))),
            *([f"cycle: {{every: year, due: {due}, opens: 12 weeks before}}"] if self.cyclic else []),
            f"horizon: {self.of(('200 days', '400 days', '800 days'))}",
            "parties: parties.csv", "contacts: contacts.csv",
            f"address: {{to: {self.of(('[mission, capital]', '[capital]'))}, cc: {copies}}}",
            f"anchors: {{begin: {{on: 2018-01-10}}, middle: {{on: {self.day()}}}, end: {{on: {ends}}}}}",
        ]  # fmt: skip
        steps = "".join(self.step(number) for number in range(self.draw(st.integers(2, 5))))
        objective = f"  first: {{title: First, {', '.join(self.measure())}, by: end}}\n"
        objectives = f"objectives:\n{objective}" if self.yes() else ""
        return "\n".join(head) + "\n" + self.names() + ROLES + f"steps:\n{steps}" + objectives

    def names(self) -> str:
        """The attributes, facts, settings, values and sets."""
        frozen = self.of(("", ", as_of: begin", ", as_of: middle"))
        annual = "  annual: {type: date, each: cycle}\n" if self.cyclic else ""
        return f"""{DECLARED}{annual}\
settings:
  half_of: {{value: africans, of: [africans, islanders]}}
  spring: {{value: {self.of(("2018-03", "2018-03-31", "2018-Q2"))}}}
  word: {{value: so}}
values:
  due: {{date: joined + {self.distance()}}}
  fixed: {{date: middle {self.of("+-")} {self.of((*DISTANCES, *WORKING))}}}
  done: {{is: report and report.form == "full"}}
sets:
  africans: {{who: region == "Africa"{frozen}}}
  islanders: {{who: island}}
"""


@st.composite
def written(draw: st.DrawFn) -> Written:
    """Any plan, with what happens to it."""
    pen = _Pen(draw)
    workflow, files = pen.workflow(), draw(rosters())
    happened = draw(st.lists(recordings(dict(pen.steps)), max_size=6))
    return Written(workflow, files, tuple(happened), pen.until)
