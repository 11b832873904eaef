"""The templates: what the shipped ones need, what a broken one is told, what the sandbox keeps out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadInput, NotFound
from engine.rendering.notices import AnswerView
from engine.rendering.source import read_templates
from engine.rendering.templates import TemplateFault, TemplateSet
from tests.letter_samples import LAYOUTS, RENDERER, SHIPPED, SOURCES, WORKSHOP, sample

BROKEN = Path(__file__).parent.parent / "broken_templates"
NEEDED = (
    "approval_prompt", "missed_notice", "answers_notice",
    "approval_prompt", "missed_notice", "urgent_prompt", "digest", "hand_over",
    "invitation", "invitation_reminder", "event_moved", "event_cancelled", "thanks_for_coming", "nudge", "reminder",
    "due_today", "firmer", "report_received", "auckland_thanks_for_coming", "auckland_nudge", "auckland_reminder",
    "dissemination_ask", "dissemination_thanks", "initial_call", "report_call", "report_reminder", "report_due",
    "report_overdue", "fix_the_day", "prepare_event", "was_it_held", "review", "target_reminder", "task_reminder",
    "date_in_the_past", "escalation", "report_note", "note_cover", "deadline_moved",
    "dissemination_moved", "told_another_day", "date_near",
)  # fmt: skip
EVENT_LETTERS = [name for name in NEEDED if name.startswith(("event_", "invitation", "fix_", "prepare_", "was_it_"))]


def with_letter(source: str, **others: str) -> TemplateSet:
    return TemplateSet({**LAYOUTS, "letter.md": source, **others})


def body(source: str) -> TemplateSet:
    return with_letter(f"---\nsubject: s\n---\n{source}")


def test_shipped_are_complete_and_without_fault() -> None:
    assert SHIPPED.problems == []
    assert set(SHIPPED.names) == set(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_each_renders_in_both_parts(name: str) -> None:
    letter = RENDERER.render(sample(name))
    assert letter.subject
    assert "\n" not in letter.subject
    for part in (letter.text, letter.html):
        assert "Reference: ccm-nim-2018/-/ny_follow_up/CI/1/ci_mission/" in part
        assert not re.search(r"[\ue000-\uf8ff]|\{[{%]|[%}]\}", part)
    assert not re.search(r"\n\n\n|[ \t]\n|\*\*|^\s*None\b", letter.text)
    assert all(
        len(line) <= 72 or line.startswith("    followthrough ") or " " not in line for line in prose(letter.text)
    )


def prose(text: str) -> list[str]:
    return text.partition("-" * 24)[0].splitlines()


@pytest.mark.parametrize("name", NEEDED)
def test_each_renders_with_the_least_it_can_get(name: str) -> None:
    context = sample(name)
    least = replace(
        context, earlier=(), letters=(), parties=(), actions=(), fact_day=None, tally=None, copies=(),
        event=replace(WORKSHOP, attended=None, venue="") if name in EVENT_LETTERS else None,
        deadline=None if name in EVENT_LETTERS or SHIPPED.audience(name) == "role" else context.deadline,
        party=None if SHIPPED.audience(name) == "role" else context.party,
    )  # fmt: skip
    assert "None" not in RENDERER.render(least).text


def test_mail_to_a_copy_that_comes_back_changes_nothing_and_says_so() -> None:
    copied = AnswerView(
        4, "bounce", "Fiji", "Friday", said="5.1.1 no such user", address="isu@example.org", instead="x"
    )
    text = RENDERER.render(replace(sample("answers_notice"), answers=(copied,))).text
    assert "isu@example.org does not arrive: 5.1.1 no such user. No contact of theirs has it" in " ".join(text.split())
    assert "The letters go to" not in text


def test_says_today_only_on_the_day() -> None:
    context = sample("due_today", key="k")
    assert context.deadline is not None
    early = RENDERER.render(replace(context, deadline=replace(context.deadline, left=2)))
    on_the_day = RENDERER.render(replace(context, deadline=replace(context.deadline, left=0)))
    assert "today" not in (early.subject + early.text).lower()
    assert "expected by today, 31 March 2018" in on_the_day.subject
    assert "Today, 31 March 2018, is the day" in on_the_day.text


@pytest.mark.parametrize("name", [name for name in NEEDED if SHIPPED.audience(name) == "party"])
def test_letters_to_a_party_are_courteous(name: str) -> None:
    text = RENDERER.render(sample(name, key="k")).text
    assert not re.search(r"!|friendly|just a|failed|failure|overdue|delinquent|despite", text, re.IGNORECASE)
    assert "Please accept, Excellency, the assurances of our highest consideration." in text
    assert "Côte d’Ivoire" in " ".join(text.split())
    assert "reply" in text


@pytest.mark.parametrize("case", sorted(path.stem for path in BROKEN.glob("*.md")))
def test_broken_template_is_told_where_and_what(case: str) -> None:
    partials = {name: text for name, text in SOURCES.items() if name.startswith("_")}
    text = (BROKEN / f"{case}.md").read_text(encoding="utf-8")
    templates = TemplateSet({**LAYOUTS, **partials, f"{case}.md": text}, "tests/broken_templates")
    faults = templates.problems
    if not faults:
        with pytest.raises(TemplateFault) as raised:
            templates.fill(sample(case, event=None))
        faults = [raised.value.problem]
    told = "".join(f"{fault}\n" for fault in faults)
    expected = (BROKEN / f"{case}.expected").read_text(encoding="utf-8")
    assert told == expected


def test_a_fault_stops_its_own_letter_only() -> None:
    templates = with_letter("---\nsubject: s\n---\n{{ party.nmae }}", **{"good.md": "---\nsubject: s\n---\nGood."})
    with pytest.raises(BadInput):
        templates.fill(sample("letter"))
    assert templates.fill(sample("good")).markdown.strip() == "Good."


def test_unknown_letter_is_told_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean reminder"):
        SHIPPED.fill(sample("remainder"))


def test_missing_layout_is_a_problem() -> None:
    problems = TemplateSet({"layout.txt": "{{ body }}"}).problems
    assert [str(problem) for problem in problems] == [
        "templates/email/layout.html:1:1: this layout is missing. It holds “{{ body }}”."
    ]


def test_read_templates_refuses_what_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "letter.md").write_bytes("---\nsubject: é\n---\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"letter\.md:1:1: this is not UTF-8"):
        read_templates(tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        "{{ party.__class__ }}",
        "{{ party['__class__'] }}",
        "{{ ''.join(facts_missing) }}",
        "{% for x in range(1000000000) %}{% endfor %}",
        "{% for x in facts_missing recursive %}{{ loop(facts_missing) }}{% endfor %}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ key|center(1000000000) }}",
        "{{ key|safe }}",
        "{{ key|attr('__class__') }}",
        "{% autoescape false %}{{ key }}{% endautoescape %}",
        "{% import '_help.md' as help %}",
        "{% extends 'layout.txt' %}",
        "{% include key %}",
        "{% include 'letter.md' %}",
        "{% include '../../../etc/passwd' %}",
        "{% for a in parties %}{% for b in parties %}{% for c in parties %}{% for d in parties %}x"
        "{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{{ self }}",
        "{{ cycler }}",
        "{{ owner.title.format(owner) }}",
    ],
)
def test_the_language_of_letters_is_small(source: str) -> None:
    assert body(source).problems


def test_a_partial_includes_nothing() -> None:
    templates = with_letter("---\nsubject: s\n---\n{% include '_a.md' %}", **{"_a.md": "{% include '_a.md' %}"})
    assert [problem.place.file for problem in templates.problems] == ["templates/email/_a.md"]


def test_a_tag_alone_on_its_line_leaves_no_line() -> None:
    filled = body("a\n{% if party %}\nb\n{% endif %}\nc {% if party %}d{% endif %}\ne\n").fill(sample("letter"))
    assert filled.markdown.strip("\n") == "a\nb\nc d\ne"
