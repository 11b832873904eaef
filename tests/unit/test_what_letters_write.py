"""What stands for `{{ … }}` in a letter: texts, numbers and days; what has no words is refused with its line and a hint."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from engine.rendering.context import PartyView, RecipientView
from engine.rendering.letters import Renderer
from engine.rendering.templates import TemplateFault, TemplateSet
from tests.letter_samples import LAYOUTS, sample

COLUMNS = {"joined": "date", "left": "date", "big": "flag", "region": "text"}
PARTY = PartyView("CI", "Côte d’Ivoire", columns=(
    ("joined", date(2017, 11, 1)), ("left", ""), ("big", True), ("region", ""),
))  # fmt: skip


def templates(body: str) -> TemplateSet:
    letter = f"---\nsubject: s\n---\n{body}"
    layouts = {name.replace(".", f"{code}."): text for name, text in LAYOUTS.items() for code in ("", ".fr", ".de")}
    return TemplateSet(
        {**layouts, "letter.md": letter, "letter.fr.md": letter, "letter.de.md": letter}, columns=COLUMNS
    )


def said(body: str, language: str = "en", zone: str = "Europe/Zurich") -> str:
    context = sample("letter")
    to = RecipientView("A", "A", language)
    due_at = datetime(2018, 3, 31, 22, 30, tzinfo=UTC)
    given = replace(context, party=PARTY, to=to, fact_day=None, due_at=due_at, zone=zone)
    return Renderer(templates(body)).wording(given).body


@pytest.mark.parametrize(
    ("body", "language", "written"),
    [
        ("{{ party.joined }}", "en", "1 November 2017"),
        ("{{ party.joined|day }}", "en", "1 November 2017"),
        ("{{ party.joined }}", "fr", "1er novembre 2017"),
        ("{{ party.joined }}", "de", r"1\. November 2017"),
        ("{{ party.joined|upper }}", "en", "1 NOVEMBER 2017"),
        ("{{ 'on ' ~ party.joined }}", "fr", "on 1er novembre 2017"),
        ("{{ [party.joined, 'today']|listed }}", "en", "1 November 2017 and today"),
        ("{{ [party.joined, 7]|join(', ') }}", "en", "1 November 2017, 7"),
        ("{{ parties|join(', ', attribute='name') }}", "en", "Cook Islands, Côte d’Ivoire"),
        ("{{ party.joined.year - 1 }}", "en", "2016"),
        ("({{ party.left }}{{ party.left|day }}{{ party.region|upper }})", "de", "()"),
        ("{% if party.left or party.region %}there{% else %}not there{% endif %}", "en", "not there"),
        ("{% if party.big %}big{% endif %}", "en", "big"),
    ],
)
def test_texts_numbers_and_days(body: str, language: str, written: str) -> None:
    assert said(body, language) == written


@pytest.mark.parametrize(("zone", "written"), [("Europe/Zurich", "1 April 2018"), ("UTC", "31 March 2018")])
def test_a_moment_is_its_day_at_the_addressees(zone: str, written: str) -> None:
    assert said("{{ due_at }}", zone=zone) == written
    assert said("{{ due_at|day }}", zone=zone) == written


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("fact_day", "this letter has nothing to write here. Guard it"),
        ("fact_day|upper", "this letter has nothing to write here."),
        ("fact_day|day", "this letter has nothing to write here."),
        ("fact_day|the", "this letter has nothing to write here."),
        ("'on ' ~ fact_day", "this letter has nothing to write here."),
        ("[fact_day]|listed", "this letter has nothing to write here."),
        ("[fact_day]|join", "this letter has nothing to write here."),
        ("party.name == 'x'", "this is yes or no. Ask it with “{% if … %}”."),
        ("party.big|upper", "this is yes or no."),
        ("['x']|map('upper')", "this is a list. Write each with “{% for … %}”"),
        ("(to or party)", "this is more than a word. Write its fields: name,"),
        ("on|day", "this is no day."),
        ("party.left.year", "this letter has nothing to take “year” from."),
    ],
)
def test_what_has_no_words_is_refused_where_it_stands(value: str, told: str) -> None:
    with pytest.raises(TemplateFault) as raised:
        said(f"Words.\nMore: {{{{ {value} }}}}.\n")
    assert str(raised.value).startswith("templates/email/letter.md:5:")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("party.big", "“big” is yes or no."),
        ("event.attended", "“attended” is yes or no."),
        ("letters", "“letters” is a list."),
        ("earlier|first", "this is more than a word. Write its fields: on, subject."),
        ("party", "“party” is more than a word. Write its fields: id, name, illustrative, last_contact."),
    ],
)
def test_it_is_seen_without_a_letter_that_comes_by_it(value: str, told: str) -> None:
    problems = [str(problem) for problem in templates(f"{{% if earlier %}}{{{{ {value} }}}}{{% endif %}}").problems]
    assert problems[0].startswith("templates/email/letter.de.md:4:")
    assert told in problems[0]
