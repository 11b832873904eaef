"""Conditions: what holds, what is refused, and what is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from engine.definition.compiling import compile_condition
from engine.definition.conditions import Name, Vocabulary
from engine.definition.dates import Span, parse_span
from engine.definition.hints import Unreadable

VOCABULARY = Vocabulary(
    {
        "region": Name("attribute", "choice", ("Africa", "Pacific")),
        "island": Name("attribute", "flag"),
        "joined": Name("attribute", "date"),
        "report": Name("fact", "date", details={"form": ("full", "empty"), "checked": ("yes", "no")}),
        "stance": Name("fact", "choice", ("open", "closed")),
        "agreed": Name("fact", "choice", ("yes", "no")),
        "mood": Name("fact", "text"),
        "kickoff": Name("date", "date"),
        "members": Name("set", "bool"),
        "settings.of": Name("set", "bool", target="members"),
        "settings.word": Name("setting", "text", target="open"),
    },
    {"meeting": "event", "chase": "follow_up", "print": "task"},
    frozenset({"chase"}),
)


@dataclass
class Answers:
    """A scope that answers from what a test gives it."""

    texts: Mapping[str, str] = field(default_factory=dict)
    several: Mapping[str, list[str]] = field(default_factory=dict)
    yes: frozenset[str] = frozenset()

    def attribute(self, name: str) -> str | None:
        return self.texts.get(name)

    def fact(self, name: str) -> str | None:
        return self.texts.get(name)

    def details(self, fact: str, detail: str) -> Iterable[str]:
        return self.several.get(f"{fact}.{detail}", [])

    def flag(self, step: str, name: str) -> bool:
        return f"{step}.{name}" in self.yes

    def date(self, name: str) -> Span | None:
        return parse_span(self.texts[name]) if name in self.texts else None

    def member(self, name: str) -> bool:
        return name in self.yes

    def misses(self, step: str) -> int:
        return int(self.texts.get(f"missed {step}", "0"))


def holds(text: str, yes: Iterable[str] = (), several: Mapping[str, list[str]] | None = None, **texts: str) -> bool:
    """Whether a condition holds, given what is set."""
    return compile_condition(text, VOCABULARY).holds(Answers(texts, several or {}, frozenset(yes)))


def fault(text: str) -> str:
    """What is wrong with a condition: the character where, and the words with the hint."""
    with pytest.raises(Unreadable) as caught:
        compile_condition(text, VOCABULARY)
    return f"{caught.value.offset}: {caught.value} {caught.value.hint}".strip()


@pytest.mark.parametrize(
    "text",
    ["report", "report == kickoff", "report < kickoff", 'region == "Africa"', 'region in ["Africa"]', "island", "members",
     "meeting.attended", 'report.form == "full"', 'report.form in ["full"]', "agreed", "joined <= kickoff"],
)  # fmt: skip
def test_what_is_not_set_is_false(text: str) -> None:
    assert not holds(text)
    assert holds(f"not ({text})")


@pytest.mark.parametrize(
    "text",
    ['region != "Africa"', 'region not in ["Africa", "Pacific"]', "report != kickoff", 'report.form != "full"',
     'report.form not in ["full"]'],
)  # fmt: skip
def test_but_what_is_not_set_differs(text: str) -> None:
    assert holds(text)


def test_dates_compare_by_their_first_day() -> None:
    assert holds("report >= kickoff", report="2018-03", kickoff="2018-03-01..2018-03-04")
    assert holds("report == kickoff", report="2018-03", kickoff="2018-03-01")
    assert not holds("report > kickoff", report="2018", kickoff="2018-01-01")
    assert holds('date("2018-02") > report', report="2018-01-31")
    assert holds('date("2017") < report < date("2019")', report="2018")


def test_yes_and_no() -> None:
    assert holds("island", island="yes")
    assert not holds("island", island="no")
    assert holds("agreed", agreed="yes")
    assert not holds("agreed", agreed="no")
    assert holds('agreed == "no"', agreed="no")
    assert holds("report.checked", several={"report.checked": ["yes"]})
    assert not holds("report.checked", several={"report.checked": ["no"]})


def test_a_detail_holds_if_any_of_its_values_does() -> None:
    several = {"report.form": ["empty", "full"]}
    assert holds('report.form == "full"', several=several)
    assert holds('report.form in ["full"]', several=several)
    assert not holds('report.form != "full"', several=several)
    assert not holds('report.form not in ["full"]', several=several)
    assert holds("report.form == mood", several=several, mood="full")
    assert holds("mood == report.form", several=several, mood="full")
    assert not holds("mood != report.form", several=several, mood="full")


def test_and_binds_closer_than_or() -> None:
    assert holds("members or island and report", yes=["members"])
    assert not holds("(members or island) and report", yes=["members"])


def test_settings() -> None:
    assert holds("settings.of", yes=["members"])
    assert holds("stance == settings.word", stance="open")


def test_what_is_read_is_listed() -> None:
    condition = compile_condition(
        'meeting.attended and (settings.of or report.form == "full") and joined < kickoff', VOCABULARY
    )
    assert condition.uses == {
        ("flag", "meeting.attended"), ("set", "members"), ("fact", "report"), ("attribute", "joined"), ("date", "kickoff"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("regoin", "0: there is no name “regoin” Did you mean region?"),
        ('island and region == "Afrika"', "21: “Afrika” is not a value of region (Africa, Pacific) Did you mean Africa?"),
        ('"Afrika" == region', "0: “Afrika” is not a value of region (Africa, Pacific) Did you mean Africa?"),
        ('"2018-01-01" < joined', '0: a date is compared with a date Write date("2018-01-01").'),
        ('stance in ["open", "shut"]', "19: “shut” is not a value of stance (open, closed)"),
        ('"öffentlich" == mood and nobody', "25: there is no name “nobody” Did you mean mood?"),
        ("report.frm", "0: the fact report has no detail “frm” Did you mean form?"),
        ("meeting.atended", "0: meeting has no “atended” Did you mean attended?"),
        ("print.attended", "0: print has no “attended” Known: done."),
        ("nowhere.attended", "0: there is no name “nowhere.attended”"),
        ("settings.wrd", "0: there is no setting “wrd” Did you mean settings.word?"),
        ("meeting.attended.twice", "0: “meeting.attended.twice” has more than one dot"),
        ('report > "2018"', "9: a date is compared with a date Write date(\"2018\")."),
        ("report > region", "9: a date is compared with a date only For example with date(\"2017-01-01\")."),
        ("members == island", "0: a condition or a set is not compared Use it as it is, or with “not”."),
        ('region < "Africa"', "0: only dates compare with < Texts compare with == and !=."),
        ('region in "Africa"', "10: after “in” stands a list For example: in [\"new_law\", \"unclear\"]."),
        ("region in [stance]", "11: a list holds texts Put each in double quotes."),
        ('report in ["2018"]', "0: a date is compared with < <= > >= == !=, not looked up in a list"),
        ("report is kickoff", "0: “is” does not compare here Write == or !=."),
        ('island and "open"', "11: “open” is a text, and a text alone asks nothing Compare it with == or !=."),
        ("settings.word", "0: “open” is a text, and a text alone asks nothing Compare it with == or !=."),
        ('date("2018")', "0: a written date alone asks nothing Compare it with < or >=."),
        ('date("2018-13")', "5: “2018-13” is not a date of the calendar: month must be in 1..12"),
        ("date(kickoff)", "0: date(…) takes one written date For example date(\"2017-01-01\")."),
        ("now() > report", "0: there is no function “now” There are date(\"2017-01-01\") and misses(\"annual\")."),
        ("report > 3", "9: “3” is neither a name nor a text Put texts in double quotes."),
        ('region = "Africa"', "7: this is not a condition Values are compared with ==."),
        ("(report", "0: this is not a condition Write for example: report and region == \"Africa\"."),
        ("[region]", "0: a list stands only after “in” or “not in”"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, expected: str) -> None:
    assert fault(text) == expected


@pytest.mark.parametrize(
    "text",
    ["__import__('os').system('x')", "().__class__", "report.__class__", "[x for x in report]", "lambda: report", "report[0]",
     "f'{report}'", "report + report", "report if island else members", "{**report}", "report := island", "await report",
     "region.format", "*report", "-report", "report, island", "yield", "b'x' == region", "True", "None", "...", "import os"],
)  # fmt: skip
def test_nothing_of_python_is_left(text: str) -> None:
    fault(text)


@pytest.mark.parametrize(
    "text", ["(" * 5000 + "report", "not " * 20_000 + "report", "report" + ".a" * 20_000, "-" * 9000 + "1"]
)
def test_what_is_nested_too_deep_is_a_fault_like_others(text: str) -> None:
    fault(text)
