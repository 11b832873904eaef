"""The letters' templates: Markdown + Jinja2 sources and their one layout, read once, checked, ready to fill in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import nodes

from engine.definition.hints import suggest
from engine.errors import BadInput, NotFound, Problem, RenderError
from engine.rendering import literal, vetting
from engine.rendering.context import LetterContext
from engine.rendering.files import LAYOUTS, TemplateFiles
from engine.rendering.sandbox import compiled, marking, sandbox
from engine.rendering.source import FOLDER, Source
from engine.rendering.versions import FALLBACK, Versions
from engine.rendering.written import Unwritable

_COLUMNS = {"date": date, "flag": bool, "choice": str, "text": str}
_LAYOUT_EXTRA = dict.fromkeys(("subject", "body", "addressed"), vetting.Kind(str))
_NAMES = tuple(field.name for field in fields(LetterContext))


class TemplateFault(RenderError):
    """A template could not be filled in for this letter; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class Filled:
    """A template filled in for one letter: the subject in clear, the body as Markdown with the marks of `values`.

    `given` is what a template may name, by name.
    """

    subject: str
    source: str
    to: str
    given: Mapping[str, Any]
    values: tuple[str, ...] = ()

    @property
    def markdown(self) -> str:
        """The body with its values in it, hidden."""
        return literal.filled(self.source, self.values)


# What `set` captures may be looked at or changed by a filter before it is written, values and all.
_CAPTURES = re.compile(r"\{%[-+]?\s*set\s[^=%]*%\}")


@dataclass(frozen=True, slots=True)
class _Letter:
    source: Source
    subject: jinja2.Template
    body: jinja2.Template


class TemplateSet:
    """Every template of a revision, from a mapping of file name (`reminder.md`, `_help.md`, `layout.html`) to text.

    A letter, a partial or a layout may have versions by language (`reminder.fr.md`): what a letter includes and the
    layout around it are those of its own language. Each is read and compiled when it is first asked for, once.
    Construction raises nothing: `problems` looks at all and lists every fault, and to `fill` a faulty template raises.
    `folder` is what a file's name is shown under, and `own` says of some where else they are. `columns` are the
    attributes of the plan, which a letter may take from a party, each with its type.
    """

    def __init__(
        self, sources: Mapping[str, str], folder: str = FOLDER, own: Mapping[str, str] | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._files = TemplateFiles(sources, folder, own)
        self._columns = {name: vetting.Kind(_COLUMNS.get(type_)) for name, type_ in (columns or {}).items()}
        self._marks = not any(
            _CAPTURES.search(text) or literal.MARK.search(text) for text in self._files.texts.values()
        )
        self._markdown = sandbox(self._load, html=False)
        self._html = sandbox(self._load, html=True)
        self._source = self._files.source
        self._layout = cache(self._compile_layout)
        self._letter = cache(self._compile_letter)

    @property
    def versions(self) -> Versions:
        """The languages of each template."""
        return self._files.versions

    @property
    def names(self) -> tuple[str, ...]:
        """The letters, by the name that a workflow gives them: `reminder` for `reminder.md`."""
        return self._files.letters

    @property
    def problems(self) -> list[Problem]:
        """Every fault that can be seen without a letter, ordered by file and place."""
        problems: dict[Problem, None] = {}
        for name in (*self._files.texts, *LAYOUTS):
            try:
                self._check(name)
            except BadInput as error:
                problems |= dict.fromkeys(error.problems)
        problems |= dict.fromkeys(self._files.unfinished())
        return sorted(problems)

    def audience(self, name: str) -> str:
        """Whom a letter is written to: `party` or `role`. Raises NotFound."""
        return self._letter(name, FALLBACK).source.to

    def note_of(self, name: str) -> str | None:
        """The template of the note verbale that a letter may be sent as; None where it has none. Raises NotFound."""
        return self._letter(name, FALLBACK).source.note

    def fill(self, context: LetterContext) -> Filled:
        """Fill in the letter's template. Raises NotFound for a name it has not, BadInput for a faulty template,
        TemplateFault for one that asks for what this letter has not."""
        letter = self._letter(context.template, context.to.language)
        values = {name: getattr(context, name) for name in _NAMES}
        subject = literal.clean(literal.show(self._run(letter.source, letter.subject, values)).strip())
        if not subject:
            raise TemplateFault(letter.source.problem(letter.source.subject_line, "the subject came out empty."))
        source, found = self._marked(letter.source, letter.body, values, ())
        return Filled(subject, source, letter.source.to, values, found)

    def lay_out(self, layout: str, filled: Filled, body: str) -> tuple[str, tuple[str, ...]]:
        """Put a finished body into `layout.html` or `layout.txt`, marks and all: with all values then.

        Raises as `fill` does.
        """
        more = {"subject": filled.subject, "body": literal.Ready(body), "addressed": filled.to}
        file = self._files.file(layout, filled.given["to"].language)
        return self._marked(self._source(file), self._layout(file), {**filled.given, **more}, filled.values)

    def _marked(
        self, source: Source, template: jinja2.Template, values: dict[str, Any], before: tuple[str, ...]
    ) -> tuple[str, tuple[str, ...]]:
        """A template run with marks for its values, numbered on from those `before`; and all of them."""
        if not self._marks:
            return self._run(source, template, values), before
        with marking(before) as found:
            return self._run(source, template, values), tuple(found)

    def _check(self, name: str) -> None:
        base, language = self._files.place(name)
        if base in LAYOUTS:
            self._layout(name)
        elif name.startswith("_"):
            self._tree(name)
        elif name.endswith(".md"):
            self._letter(base.removesuffix(".md"), language)

    def _compile_layout(self, name: str) -> jinja2.Template:
        environment = self._html if name.endswith(".html") else self._markdown
        source = self._source(name)
        tree = _vetted(self._markdown, source, source.body, self._files.styles, _LAYOUT_EXTRA, self._columns)
        return compiled(environment, tree, source.path)

    def _compile_letter(self, name: str, language: str) -> _Letter:
        if name not in self.names:
            raise NotFound(f"There is no letter “{name}” in {self._files.folder}. {suggest(name, self.names)}".rstrip())
        file = self._files.file(f"{name}.md", language)
        source = self._source(file)
        subject = "\n" * (source.subject_line - 1) + (source.subject or "")
        problems = []
        trees = []
        for text, partials in ((subject, dict[str, str | None]()), (source.body, self._files.partials(file))):
            try:
                trees.append(_vetted(self._markdown, source, text, partials, {}, self._columns))
            except BadInput as error:
                problems += error.problems
        if problems:
            raise BadInput(problems)
        return _Letter(source, *(compiled(self._markdown, tree, source.path) for tree in trees))

    def _tree(self, name: str) -> nodes.Template:
        source = self._source(name)
        return _vetted(self._markdown, source, source.body, {}, {}, self._columns)

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]]:
        """A partial, for Jinja's include. Raises BadInput where it has a fault of its own."""
        self._tree(name)
        source = self._source(name)
        return source.body, source.path, lambda: True

    def _run(self, source: Source, template: jinja2.Template, values: dict[str, Any]) -> str:
        try:
            return template.render(values)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            partials = {s.path: s for s in map(self._source, [n for n in self._files.texts if n.startswith("_")])}
            path, line = _place(error.__traceback__, partials.keys() | {source.path})
            raise TemplateFault(_fault(partials.get(path, source), line, error)) from error


def _vetted(
    environment: jinja2.Environment, source: Source, text: str, partials: Mapping[str, str | None],
    extra: Mapping[str, vetting.Kind], columns: Mapping[str, vetting.Kind],
) -> nodes.Template:  # fmt: skip
    """Parse a template and hold it against the language of letters. Raises BadInput."""
    try:
        tree = environment.parse(text, filename=source.path)
    except jinja2.TemplateSyntaxError as error:
        message = (error.message or "").rstrip(".")
        raise BadInput([source.problem(error.lineno, f"{message[:1].lower()}{message[1:]}.")]) from None
    problems = vetting.Vetting(source, partials, extra, columns).check(tree)
    if problems:
        raise BadInput(problems)
    return tree


def _fault(source: Source, line: int, error: Exception) -> Problem:
    if isinstance(error, Unwritable):
        alone = source.text.splitlines()[line - 1].count("{{") == 1
        return source.problem(line, str(error), error.hint, word="{{" if alone else "")
    # Of an empty day of the roster, which is a text without letters, there is no year either.
    absent = re.fullmatch(r"'(?:None|str object)' has no attribute '(\w+)'", str(error))
    if absent:
        hint = "Guard it with “{% if … %}” where a letter may lack it."
        return source.problem(line, f"this letter has nothing to take “{absent[1]}” from.", hint, word=absent[1])
    if re.fullmatch(
        r"(?:tuple|list) object has no element -?\d+|No (?:first|last) item, sequence was empty\.", str(error)
    ):
        hint = "Ask first whether there is any, as in “{% if earlier %}”."
        return source.problem(line, "a list has no such element in this letter.", hint)
    return source.problem(line, f"{str(error).rstrip('.')}.")


def _place(trace: TracebackType | None, paths: Set[str]) -> tuple[str, int]:
    """The innermost template line that an error went through."""
    found = ("", 1)
    while trace:
        if trace.tb_frame.f_code.co_filename in paths:
            found = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return found
