"""Letters: what a party's name may say, the two parts of one source, the digest, the same again anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.rendering import markdown
from engine.rendering.context import Mailbox, PartyView
from engine.rendering.letters import Renderer
from engine.rendering.literal import clean, show
from engine.rendering.templates import TemplateSet
from engine.rendering.tongues.english import the
from tests.letter_samples import FOLDER, LAYOUTS, RENDERER, sample

LETTER = """---
subject: "Report of {{ party.name }}, {{ step.title }}"
---
{{ party.name }} begins, then **{{ party.name }}** and `{{ party.name }}` and *{{ party.name }}*.

- {{ party.name }}

{{ party.name }}

> {{ party.name }}

[the form](https://example.org/form)

```
{{ party.name }}
```
"""
PLACES = Renderer(TemplateSet(LAYOUTS | {"letter.md": LETTER}))
NASTY = [
    "*x* [a](http://evil.example) <b>bold</b>",
    "{{ 7 * 7 }} {% raw %} {# gone #}",
    "# Heading\n\n- item\n1. one\n> quote\n\n    code\n\n***",
    "Nauru\r\nBcc: everyone@example.org\r\n\r\n<script>alert(1)</script>",
    "![pixel](http://evil.example/1.gif) <http://evil.example> a@b.example `code` ~~~ ``` &lt; &amp; \\* _u_ __b__",
    "1986. A year",
    "\x00\x07Ni\x1bger\u2028\u2029\u202egnidaer\u202c \u2066x\u2069 \ufeff\u200b",
    "\ue02a\ue03cb\ue03e \ud800",
    "' onmouseover='x' \" style=\"x",
    "]]> --> </div></body> <!-- ${NAME} %(name)s %s",
    "Türkiye, Côte d’Ivoire, Åland, العربية, 中国, Việt Nam",
]


class Page(HTMLParser):
    """The tags of a page in their order, with hrefs, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs).get("href")))
        assert {name for name, _ in attrs} <= {"style", "class", "href", "lang", "charset", "name", "content"}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


HARMLESS = Page(PLACES.render(sample("letter", party=PartyView("XX", "Fiji"))).html)


def literally(name: str) -> None:
    letter = PLACES.render(sample("letter", party=PartyView("XX", name)))
    shown = show(clean(name))
    if not shown:
        return
    page = Page(letter.html)
    assert page.tags == HARMLESS.tags
    assert page.text.count(shown) >= 7
    assert " ".join(letter.text.replace("\n> ", "\n").split()).count(shown.removeprefix("> ")) >= 7
    assert letter.subject == f"Report of {shown}, Reports by those who attended the New York workshop"
    assert letter.subject.isprintable() or any(c in letter.subject for c in "\u200c\u200d\u200e\u200f\u061c")


@pytest.mark.parametrize("name", NASTY)
def test_a_name_stands_literally(name: str) -> None:
    literally(name)


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cn", "Co"]), min_size=1, max_size=40))
@example("*")
@example("-\t-")
def test_any_name_stands_literally(name: str) -> None:
    literally(name)


def test_what_reorders_the_words_is_dropped_and_what_a_script_needs_is_kept() -> None:
    assert clean("a\u202eb\u2066c\ufeffd\u200be") == "abcde"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"
    assert clean(" a\u00a0\n\t b\x00c\x85d ") == "a b c d"


def test_link_takes_a_value_but_no_scheme_from_it() -> None:
    source = "---\nsubject: s\n---\n[write]({{ owner.person }})"
    for person, href in (("mailto:a+b@example.org", "mailto:a+b@example.org"), ("javascript:alert(1)", None)):
        context = sample("link")
        context = replace(context, owner=replace(context.owner, person=person))
        layouts = {"layout.txt": "{{ body }}", "layout.html": "{{ body }}"}
        letter = Renderer(TemplateSet({**layouts, "link.md": source})).render(context)
        assert [link for tag, link in Page(letter.html).tags if tag == "a"] == ([href] if href else [])


def test_the_two_parts_say_the_same() -> None:
    letter = RENDERER.render(sample("firmer"))
    text = " ".join(letter.text.replace("\n- ", "\n").replace("-" * 24, "").split())
    assert Page(letter.html).text.removeprefix(letter.subject).strip() == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("one  \ntwo\\\nthree four", "one\ntwo\nthree four"),
        ("- a\n- b\n  c\n\nafter", "- a\n- b c\n\nafter"),
        ("- a\n\n- b", "- a\n\n- b"),
        ("9. a\n10. b\n    - c\n    - d\n\n    e", "9. a\n\n10. b\n\n    - c\n    - d\n\n    e"),
        ("> a\n>\n> - b\n>\n> c\n\nd", "> a\n>\n> - b\n>\n> c\n\nd"),
        ("# T\n\n*a* **b** `c`\n\n***\n\nd", "T\n\na b c\n\n------------------------\n\nd"),
        ("[words](https://e.org/a?b=1&c=2) <https://e.org>", "words <https://e.org/a?b=1&c=2> https://e.org"),
        ("```\n a  b\n\nc\n```", "     a  b\n\n    c"),
        (f"{'x' * 70} yy zz\n\n{'u' * 80} v", f"{'x' * 70}\nyy zz\n\n{'u' * 80}\nv"),
        (f"- {'x' * 69} yy", f"- {'x' * 69}\n  yy"),
        ("<b>raw</b> ![i](x) &amp; \\*", "<b>raw</b> !i <x> & *"),
    ],
)
def test_plain_text(source: str, text: str) -> None:
    assert markdown.parts(source).plain == text


MARKUP = (
    "a",
    "b\nc",
    "- a",
    "- a\n- b",
    "  a",
    "    a",
    "\tb",
    "> a",
    ">",
    "1. a",
    "# a",
    "***",
    "---",
    "*a*",
    "_a_",
    "1",
    "\ue02a",
)


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.sampled_from(MARKUP), max_size=8), st.sampled_from(["\n\n", "\n", "\n \n", "\n\n\n"]))
def test_read_in_parts_is_as_read_whole(pieces: list[str], between: str) -> None:
    source = between.join(pieces)
    whole = markdown._read(source)
    assert whole is not None
    assert markdown.parts(source) == (whole.html, markdown._plain(whole.blocks, ()))


def test_digest_covers_words_and_people_and_nothing_else() -> None:
    context = sample("nudge")
    assert context.deadline is not None
    same = replace(context, zone="Africa/Abidjan", slot="every-4w-2")
    assert RENDERER.render(same).digest == RENDERER.render(context).digest
    box = Mailbox("Other", "other@example.org")
    others = [
        replace(context, recipients=(box,)),
        replace(context, copies=()),
        replace(context, recipients=(*context.recipients, box), copies=context.copies),
        replace(context, deadline=replace(context.deadline, words="7 April 2018")),
        replace(context, owner=replace(context.owner, person="Jo Doe")),
        replace(context, key="k"),
    ]
    assert len({RENDERER.render(other).digest for other in (context, *others)}) == 7


def test_renders_once_for_approval_and_sending() -> None:
    assert RENDERER.render(sample("nudge")) is RENDERER.render(sample("nudge"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Cook Islands", "the Cook Islands"),
        ("Solomon Islands", "Solomon Islands"),
        ("Fiji", "Fiji"),
        ("Netherlands", "the Netherlands"),
        ("Bolivia (Plurinational State of)", "Bolivia (Plurinational State of)"),
        ("The former Yugoslav Republic of Macedonia", "the former Yugoslav Republic of Macedonia"),
        ("Niger", "the Niger"),
        ("Nigeria", "Nigeria"),
        ("Guinea-Bissau", "Guinea-Bissau"),
        ("Holy See", "the Holy See"),
    ],
)
def test_article(name: str, said: str) -> None:
    assert the(name) == said


DIGESTS = """
from tests.letter_samples import RENDERER, SHIPPED, sample
for name in SHIPPED.names:
    print(name, RENDERER.render(sample(name)).digest)
"""


def test_the_same_on_every_machine(tmp_path: Path) -> None:
    root = FOLDER.parent.parent
    here = "".join(f"{name} {RENDERER.render(sample(name)).digest}\n" for name in RENDERER.templates.names)
    for seed, zone, language in (("1", "Pacific/Auckland", "C"), ("2", "America/New_York", "fr_FR.UTF-8")):
        changed = {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": language, "LC_ALL": language}
        run = subprocess.run(
            [sys.executable, "-c", DIGESTS], cwd=tmp_path, capture_output=True, text=True, check=True,
            env={**os.environ, **changed, "PYTHONPATH": str(root)},
        )  # fmt: skip
        assert run.stdout == here
