"""The letters' templates: Markdown + Jinja2 sources and their one layout, read once, checked, ready to fill in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.definition.conditions import suggest
from engine.errors import BadInput, NotFound, Problem, RenderError
from engine.rendering import vetting, words
from engine.rendering.context import LetterContext
from engine.rendering.source import Source, read_source

LAYOUTS = ("layout.html", "layout.txt")
_LAYOUT_EXTRA = dict.fromkeys(("subject", "body", "addressed"), vetting.Kind(str))
_NAMES = tuple(field.name for field in fields(LetterContext))


class TemplateFault(RenderError):
    """A template could not be filled in for this letter; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class Filled:
    """A template filled in for one letter: the subject in clear, the body as Markdown with its values hidden."""

    subject: str
    markdown: str
    to: str


@dataclass(frozen=True, slots=True)
class _Letter:
    source: Source
    subject: jinja2.Template
    body: jinja2.Template


def read_templates(folder: Path) -> dict[str, str]:
    """All sources of a folder: file name to text, in order of name. Raises BadInput for a file that is not UTF-8."""
    sources = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in (".md", ".html", ".txt"):
            try:
                sources[path.name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                place = f"{folder.name}/{path.name}"
                raise BadInput([Problem(place, 1, 1, f"this is not UTF-8 (byte {error.start}).")]) from None
    return sources


class TemplateSet:
    """Every template of a revision, from a mapping of file name (`reminder.md`, `_help.md`, `layout.html`) to text.

    Construction never raises for what a file says: `problems` lists every fault, and `fill` of a faulty template
    raises. `folder` is what a file's name is shown under.
    """

    def __init__(self, sources: Mapping[str, str], folder: str = "templates/email") -> None:
        self._folder = folder
        self._sources: dict[str, Source] = {}
        self._letters: dict[str, _Letter] = {}
        self._layouts: dict[str, jinja2.Template] = {}
        self._faults: dict[str, list[Problem]] = {}
        self._markdown = _environment(self._load, autoescape=False, finalize=words.literal)
        self._html = _environment(self._load, autoescape=True, finalize=_clean_unless_ready)
        self._take(sources)

    @property
    def names(self) -> tuple[str, ...]:
        """The letters, by the name that a workflow gives them: `reminder` for `reminder.md`."""
        return tuple(sorted(n.removesuffix(".md") for n in self._sources if n.endswith(".md") and n[0] != "_"))

    @property
    def problems(self) -> list[Problem]:
        """Every fault that can be seen without a letter, ordered by file and place."""
        return sorted(problem for faults in self._faults.values() for problem in faults)

    def audience(self, name: str) -> str:
        """Whom a letter is written to: `party` or `role`. Raises NotFound."""
        return self._letter(name).source.to

    def fill(self, context: LetterContext) -> Filled:
        """Fill in the letter's template. Raises NotFound for a name it has not, BadInput for a faulty template,
        TemplateFault for one that asks for what this letter has not."""
        letter = self._letter(context.template)
        values = {name: getattr(context, name) for name in _NAMES}
        subject = words.clean(words.show(self._run(letter.source, letter.subject, values)))
        if not subject:
            raise TemplateFault(letter.source.problem(letter.source.subject_line, "the subject came out empty."))
        return Filled(subject, self._run(letter.source, letter.body, values), letter.source.to)

    def lay_out(self, layout: str, context: LetterContext, filled: Filled, body: str) -> str:
        """Put a finished body into `layout.html` or `layout.txt`. Raises as `fill` does."""
        self._refuse(layout)
        values = {name: getattr(context, name) for name in _NAMES}
        values |= {"subject": filled.subject, "body": words.Ready(body), "addressed": filled.to}
        return self._run(self._sources[layout], self._layouts[layout], values)

    def _take(self, sources: Mapping[str, str]) -> None:
        for name in sorted(sources):
            path = f"{self._folder}/{name}"
            try:
                is_letter = name.endswith(".md")
                self._sources[name] = read_source(name if is_letter else "_", path, sources[name])
            except BadInput as error:
                self._sources[name] = Source(path, sources[name], "")
                self._faults[name] = error.problems
        for layout in LAYOUTS:
            if layout not in sources:
                fault = Problem(f"{self._folder}/{layout}", 1, 1, "this layout is missing.", "It holds {{ body }}.")
                self._faults[layout] = [fault]
        for name in self._sources.keys() - self._faults.keys():
            self._compile(name, self._sources[name])

    def _compile(self, name: str, source: Source) -> None:
        layout = name in LAYOUTS
        environment = self._html if name.endswith(".html") else self._markdown
        partials = [] if layout or name.startswith("_") else [n for n in self._sources if n.startswith("_")]
        problems = self._vet(environment, source, source.body, partials, _LAYOUT_EXTRA if layout else {})
        subject = "\n" * (source.subject_line - 1) + (source.subject or "")
        problems += self._vet(environment, source, subject, [], {})
        if problems:
            self._faults[name] = problems
        elif layout:
            self._layouts[name] = environment.get_template(name)
        elif source.subject is not None:
            code = environment.compile(subject, name=name, filename=source.path)
            made = jinja2.Template.from_code(environment, code, environment.make_globals(None))
            self._letters[name.removesuffix(".md")] = _Letter(source, made, environment.get_template(name))

    def _vet(
        self,
        environment: jinja2.Environment,
        source: Source,
        text: str,
        partials: list[str],
        extra: Mapping[str, vetting.Kind],
    ) -> list[Problem]:
        try:
            tree = environment.parse(text, filename=source.path)
        except jinja2.TemplateSyntaxError as error:
            return [source.problem(error.lineno, f"{error.message}")]
        return vetting.Vetting(source, partials, extra).check(tree)

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]]:
        source = self._sources[name]
        return source.body, source.path, lambda: True

    def _letter(self, name: str) -> _Letter:
        self._refuse(f"{name}.md")
        letter = self._letters.get(name)
        if letter is None:
            raise NotFound(f"There is no letter “{name}” in {self._folder}. {suggest(name, self.names)}".rstrip())
        return letter

    def _refuse(self, name: str) -> None:
        if name in self._faults:
            raise BadInput(self._faults[name])

    def _run(self, source: Source, template: jinja2.Template, values: dict[str, Any]) -> str:
        try:
            return template.render(values)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            partials = {s.path: s for n, s in self._sources.items() if n.startswith("_")}
            at = _place(error.__traceback__, partials.keys() | {source.path})
            where = partials.get(at[0], source)
            hint = "Guard it with “{% if … %}” where a letter may lack it."
            message = f"{error}".rstrip(".") + "."
            raise TemplateFault(
                where.problem(at[1], message, hint if isinstance(error, jinja2.UndefinedError) else "")
            ) from error


def _environment(
    load: Callable[[str], Any], *, autoescape: bool, finalize: Callable[[object], str]
) -> ImmutableSandboxedEnvironment:
    """A sandbox with the filters of letters and no global names. What `finalize` returns is what is written.

    In a Markdown source `words.literal` is the escaping, of every value and stricter than HTML's, which is why
    Jinja's own is on for the HTML layout only.
    """
    environment = ImmutableSandboxedEnvironment(
        autoescape=autoescape,
        finalize=finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        loader=jinja2.FunctionLoader(load),
    )
    environment.globals.clear()
    own: dict[str, Callable[..., Any]] = {"day": words.day, "listed": words.listed, "the": words.the}
    environment.filters = {name: own.get(name) or environment.filters[name] for name in vetting.FILTERS}
    return environment


def _clean_unless_ready(value: object) -> str:
    return value if isinstance(value, words.Ready) else words.clean(value)


def _place(trace: TracebackType | None, paths: Set[str]) -> tuple[str, int]:
    """The innermost template line that an error went through."""
    found = ("", 1)
    while trace:
        if trace.tb_frame.f_code.co_filename in paths:
            found = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return found
