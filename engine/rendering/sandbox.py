"""What runs the letters' templates: a sandbox without global names, the filters of letters, and values set aside as marks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.filters import do_join, make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.rendering import literal, vetting, written
from engine.rendering.context import VALUES
from engine.rendering.tongues import speaking

_FIELDS = frozenset((kind, field.name) for kind in VALUES for field in fields(kind))


class _Values(threading.local):
    """The values of the letter that this thread is filling in; None where they go into the source."""

    found: list[str] | None = None


_VALUES = _Values()


@contextmanager
def marking(before: Sequence[str]) -> Iterator[list[str]]:
    """While it lasts this thread writes a mark for each value, numbered on from those `before`; and all of them."""
    _VALUES.found = found = list(before)
    try:
        yield found
    finally:
        _VALUES.found = None


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, which need not look twice at the fields of a letter's own values."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read an attribute: a declared field of a frozen value always."""
        return (type(obj), attr) in _FIELDS or super().is_safe_attribute(obj, attr, value)

    def _generate(self, source: nodes.Template, *more: Any, **named: Any) -> str:
        """The code of a template. What `~` joins is written first, as what stands alone is."""
        for joined in source.find_all(nodes.Concat):
            joined.nodes = [
                nodes.Filter(each, _WRITTEN, [], [], None, None, lineno=each.lineno) for each in joined.nodes
            ]
        return super()._generate(source, *more, **named)


def sandbox(load: Callable[[str], Any], *, html: bool) -> jinja2.Environment:
    """A sandbox with the filters of letters and no global names, for an HTML layout or a Markdown source.

    In a Markdown source `literal.literal` is the escaping, of every value and stricter than HTML's, which is why
    Jinja's own is on for the HTML layout only.
    """
    environment = _Sandbox(
        autoescape=html,
        finalize=_in_html if html else _in_markdown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        loader=jinja2.FunctionLoader(load),
    )
    environment.globals.clear()
    given = environment.filters
    own = {name: _in_its_language(name) for name in _OWN} | {name: _of_words(given[name]) for name in _OF_WORDS}
    own |= {"day": written.day, "join": _joined, _WRITTEN: written.words}
    environment.filters = {name: own.get(name) or given[name] for name in (*vetting.FILTERS, _WRITTEN)}
    return environment


def compiled(environment: jinja2.Environment, tree: nodes.Template, path: str) -> jinja2.Template:
    """A parsed template ready to run."""
    code = environment.compile(tree, filename=path)
    return jinja2.Template.from_code(environment, code, environment.make_globals(None))


_OWN = ("listed", "of", "spelled", "the", "to")
_OF_WORDS = ("capitalize", "lower", "title", "trim", "upper")
_WRITTEN = "_written"


def _in_its_language(name: str) -> Callable[..., str]:
    """A filter as the letter's own language has it."""

    @jinja2.pass_context
    def say(context: jinja2.runtime.Context, value: Any, *more: int, **named: int) -> str:
        tongue = speaking(context["to"].language)
        given: Iterable[str] | Any = _each(context, value) if name == "listed" else written.words(context, value)
        return str(getattr(tongue, name)(given, *more, **named))

    return say


def _of_words(change: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of Jinja's that would make a text of anything: it gets what a letter writes."""

    @jinja2.pass_context
    def say(context: jinja2.runtime.Context, value: Any, *more: Any, **named: Any) -> Any:
        return change(written.words(context, value), *more, **named)

    return say


@jinja2.pass_context
def _joined(context: jinja2.runtime.Context, value: Iterable[Any], between: str = "", attribute: Any = None) -> Any:
    """Jinja's `join`, of what a letter writes."""
    if attribute is not None:
        value = map(make_attrgetter(context.environment, attribute), value)
    return do_join(context.eval_ctx, _each(context, value), between)


def _each(context: jinja2.runtime.Context, values: Iterable[Any]) -> list[Any]:
    return [written.words(context, value) for value in values]


@jinja2.pass_context
def _in_markdown(context: jinja2.runtime.Context, value: object) -> str:
    if type(value) not in written.AS_IT_IS:
        value = written.words(context, value)
    found = _VALUES.found
    return literal.literal(value) if found is None or type(value) is literal.Ready else _mark(value, found)


@jinja2.pass_context
def _in_html(context: jinja2.runtime.Context, value: object) -> str:
    if type(value) is literal.Ready:
        return value
    if type(value) not in written.AS_IT_IS:
        value = written.words(context, value)
    found = _VALUES.found
    return literal.clean(value) if found is None else _mark(value, found)


def _mark(value: object, found: list[str]) -> str:
    text = literal.clean(value)
    if not text:
        return ""  # nothing is nothing, also to Markdown
    if len(found) >= literal.MOST_MARKS:
        raise ValueError(f"a letter has at most {literal.MOST_MARKS} values")
    found.append(text if text.isascii() else literal.show(text))
    return literal.mark(len(found) - 1)
