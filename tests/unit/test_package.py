"""What a revision keeps of a plan: all its texts and files, the same fingerprint for the same, and the plan again from it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from importlib.metadata import version

import pytest

from engine.app.catalog import Catalog
from engine.definition import loader
from engine.definition.attachments import PDF, Attachment
from engine.definition.syntax.sources import SourceFile
from engine.dispatcher.package import Opened, Package, open_package, package_of, read_package
from engine.errors import BadInput
from engine.rendering.links import LetterLinks
from tests.attached_files import pdf
from tests.support import FILES, WORKFLOWS

PACKAGE = Package(
    "plans/small.yaml", "workflow: small", {"b.csv": "1", "a.csv": "é"}, {"nudge.md": "words"}, {"NAME": "value"},
    {"tzdata": "2025.1"},
)  # fmt: skip
PLAN = """\
workflow: small
title: A small plan
timezone: Europe/Zurich
starts: 2018-01-08
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [mission]}
facts: {report: {type: date}}
roles: {desk: {title: The desk, email: "${DESK:-desk@example.org}"}}
steps:
  ask: {follow_up: Reports, by: 2018-02-02, until: report, send: [on the day], letter: nudge, attach: [form.pdf]}
"""


def test_the_same_has_the_same_fingerprint_for_ever() -> None:
    known = "a9f3e406daaa2631e5048fa762c228d6dbb23ce62fee141eeb64999389b88a08"
    assert PACKAGE.fingerprint == known
    assert replace(PACKAGE, path="elsewhere.yaml").fingerprint == known, "wherever it lies"
    assert replace(PACKAGE, files={"a.csv": "é", "b.csv": "1"}).fingerprint == known, "in whatever order"
    others = [
        replace(PACKAGE, workflow="workflow: other"), replace(PACKAGE, files={}), replace(PACKAGE, templates={}),
        replace(PACKAGE, environment={}), replace(PACKAGE, versions={}), replace(PACKAGE, attached={"form.pdf": "JVBERg=="}),
    ]  # fmt: skip
    assert len({known, *(each.fingerprint for each in others)}) == 7


def test_it_is_read_as_it_was_written() -> None:
    assert read_package(PACKAGE.dump()) == PACKAGE
    assert PACKAGE.dump() == (
        '{"attached": {}, "environment": {"NAME": "value"}, "files": {"a.csv": "é", "b.csv": "1"},'
        ' "path": "plans/small.yaml", "templates": {"nudge.md": "words"}, "versions": {"tzdata": "2025.1"},'
        ' "workflow": "workflow: small"}'
    )


def test_a_plan_comes_out_of_it_as_it_went_in() -> None:
    texts = {name: content.decode() for name, content in FILES.items()}
    form = pdf()
    loaded = loader.load(
        SourceFile("plans/small.yaml", PLAN),
        texts.__getitem__,
        {"DESK": "kim@example.org", "OTHER": "x"},
        lambda _: form,
    )
    package = package_of(loaded, {"nudge.md": "words"})
    assert package == Package(
        "plans/small.yaml", PLAN, texts, {"nudge.md": "words"}, {"DESK": "kim@example.org"},
        {name: version(name) for name in ("holidays", "tzdata", "babel")}, {"form.pdf": b64encode(form).decode()},
    )  # fmt: skip
    opened = open_package(package).loaded
    assert opened.plannable == loaded.plannable
    assert opened.attached == {"form.pdf": Attachment("form.pdf", PDF, form)}
    assert (opened.source, opened.used_environment) == (loaded.source, {"DESK": "kim@example.org"})


@pytest.mark.parametrize("lost", ["files", "attached"])
def test_what_a_revision_lost_is_named(lost: str) -> None:
    texts = {name: content.decode() for name, content in FILES.items()}
    loaded = loader.load(SourceFile("small.yaml", PLAN), texts.__getitem__, {}, lambda _: pdf())
    package = package_of(loaded, {})
    broken = replace(package, files={}) if lost == "files" else replace(package, attached={})
    with pytest.raises(BadInput, match=r"parties\.csv" if lost == "files" else r"form\.pdf"):
        open_package(broken)


def test_faults_of_a_plans_own_letters_are_told_with_their_file() -> None:
    package, opened = Catalog({}, workflows=WORKFLOWS).open("article7-annual")
    faulty = dict(package.templates) | {"nudge.md": "---\nsubject: A\n---\n{{ nothing }}\n"}
    own = Opened(opened.loaded, faulty, "plans/small", frozenset({"nudge.md"}))
    (problem,) = own.templates.problems
    assert (problem.place.file, own.beside) == ("plans/small/nudge.md", "plans/small")
    (problem,) = Opened(opened.loaded, faulty).templates.problems
    assert problem.place.file == "templates/email/nudge.md"
    column = next(iter(opened.loaded.plannable.workflow.attributes))
    fine = dict(package.templates) | {"nudge.md": f"---\nsubject: A\n---\n{{{{ party.{column} }}}}\n"}
    assert Opened(opened.loaded, fine).templates.problems == []
    assert own.renderer.templates is own.templates
    links = LetterLinks("https://plan.example", "00" * 16)
    materials = opened.materials("plan.example", links)
    assert materials[:4] == (
        opened.versions, opened.loaded.attached, "plan.example", links,
    )  # fmt: skip
