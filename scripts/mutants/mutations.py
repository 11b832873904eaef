"""The mutants of a file: mutmut's operators, applied where a change can matter.

Left out by rule, since no test should notice them: annotations, decorators, docstrings and other bare strings,
`__repr__` and `__all__`, names of types and what else only a type checker reads, `zip(strict=…)`, and words of the log.
Of mutmut's three changes of a string only the first (“XX…XX”) is made: the other two, in capitals and in small letters,
tell nothing more.
"""

from __future__ import annotations

import difflib
import hashlib
import textwrap
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

_UNREAD_FUNCTIONS = frozenset({"__repr__"})
_UNREAD_NAMES = frozenset({"__all__"})
_LOGS = frozenset({"log", "_log", "logger"})
_FOR_TYPES = frozenset({"cast", "TypeVar", "NewType", "overload"})


class Mutant(NamedTuple):
    """One change: where it is, and what it is.

    `function` is the outermost function around it, as `Class.method`, empty where it runs when the module is
    imported; `offset` counts lines from the function's first one; `before` and `after` are the lines that differ.
    `new` is what stands from character `start` to `end` of the file instead.
    """

    id: str
    file: str
    function: str
    line: int
    offset: int
    before: str
    after: str
    start: int
    end: int
    new: str

    def source(self, root: Path) -> str:
        """The whole file with it."""
        text = (root / self.file).read_text("utf-8")
        return text[: self.start] + self.new + text[self.end :]


class Change(NamedTuple):
    """A node and what it becomes, in a function that starts on a line (neither when the module is imported)."""

    node: cst.CSTNode
    new: cst.CSTNode
    function: str
    first: int
    line: int
    whole: CodeRange


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """All mutants of a file, in its order; the same ones, with the same ids, as long as their lines do not change."""
    text = (root / file).read_text("utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    finder = _Finder()
    wrapper.visit(finder)
    lines = text.splitlines(keepends=True)
    starts = [0, *accumulate(len(line) for line in lines)]
    found: list[Mutant] = []
    seen: dict[str, int] = {}
    for change in finder.changes:
        first, last = change.whole.start, change.whole.end
        start, end = starts[first.line - 1] + first.column, starts[last.line - 1] + last.column
        new = _text(wrapper.module, change, lines)
        if new == text[start:end]:
            continue
        around = starts[first.line - 1], starts[min(last.line, len(lines))]
        before, after = _difference(text[around[0] : around[1]], text[around[0] : start] + new + text[end : around[1]])
        named = f"{file}|{change.function}|{before}|{after}"
        seen[named] = seen.get(named, 0) + 1
        id_ = hashlib.sha256(f"{named}|{seen[named]}".encode()).hexdigest()[:16]
        place = (change.function, change.line, change.line - change.first)
        found.append(Mutant(id_, file, *place, before, after, start, end, new))
    return found


def _text(module: cst.Module, change: Change, lines: Sequence[str]) -> str:
    new = module.code_for_node(change.new)
    if not isinstance(change.new, cst.BaseCompoundStatement):
        return new
    line = lines[change.line - 1]
    return textwrap.indent(new, line[: -len(line.lstrip())])  # it is whole lines, which know nothing of those around


def _difference(old: str, new: str) -> tuple[str, str]:
    """The lines that differ, without their indent, joined where they are several."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) == len(after):
        pairs = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        removed, added = [a for a, _ in pairs], [b for _, b in pairs]
    else:
        changed = list(difflib.ndiff(before, after))
        removed = [part[2:] for part in changed if part.startswith("- ")]
        added = [part[2:] for part in changed if part.startswith("+ ")]
    return " ".join(part.strip() for part in removed), " ".join(part.strip() for part in added)


class _Finder(cst.CSTVisitor):
    """Walks a module, and notes each change that an operator makes where one can matter."""

    METADATA_DEPENDENCIES = (PositionProvider, WhitespaceInclusivePositionProvider)

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self._scopes: list[str] = []
        self._outermost: list[tuple[cst.FunctionDef, str, int]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _unread(node):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._enter(node)
        self._change(node)
        if isinstance(node, cst.FunctionDef) and len(self._outermost) == 1 and self._outermost[0][0] is node:
            return self._visit_function(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.ClassDef):
            self._scopes.pop()
        elif isinstance(original_node, cst.FunctionDef) and not _unread(original_node):
            self._scopes.pop()
            if self._outermost and self._outermost[0][0] is original_node:
                self._outermost.clear()

    def _enter(self, node: cst.FunctionDef | cst.ClassDef) -> None:
        self._scopes.append(node.name.value)
        if isinstance(node, cst.FunctionDef) and not self._outermost:
            first = node.decorators[0] if node.decorators else node
            self._outermost.append((node, ".".join(self._scopes), self._line(first)))

    def _visit_function(self, node: cst.FunctionDef) -> bool:
        """Defaults run when the module is imported, the body when the function is called."""
        held = self._outermost.pop()
        node.params.visit(self)
        self._outermost.append(held)
        node.body.visit(self)
        return False

    def _change(self, node: cst.CSTNode) -> None:
        _, function, first = self._outermost[0] if self._outermost else (None, "", 1)
        for kind, operator in mutation_operators:
            if not isinstance(node, kind):
                continue
            made = list(operator(node))
            if isinstance(node, cst.BaseString):
                made = made[:1]
            whole = self.get_metadata(WhitespaceInclusivePositionProvider, node)
            self.changes += [
                Change(node, new, function, first, self._line(node), whole)
                for new in made
                if not _drops_strict(node, new)
            ]

    def _line(self, node: cst.CSTNode) -> int:
        return self.get_metadata(PositionProvider, node).start.line


def _unread(node: cst.CSTNode) -> bool:
    match node:
        case cst.Annotation() | cst.Decorator() | cst.TypeAlias() | cst.Import() | cst.ImportFrom():
            return True
        case cst.FunctionDef(name=cst.Name(value=name)):
            return name in _UNREAD_FUNCTIONS
        case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return True
        case cst.If(test=cst.Name(value="TYPE_CHECKING")):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
            return name in _UNREAD_NAMES or _names_a_type(name, value)
        case cst.Arg(keyword=cst.Name(value="strict")):
            return True
        case cst.Call(func=cst.Name(value=name)):
            return name in _FOR_TYPES
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)))):
            return name in _LOGS
    return False


def _names_a_type(name: str, value: cst.BaseExpression) -> bool:
    """Whether `Slot = AtOnce | Fixed` only gives a type another name."""
    union = isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.BitOr)
    return name.strip("_")[:1].isupper() and not name.isupper() and (union or isinstance(value, cst.Subscript))


def _drops_strict(node: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Whether a change of a call is one of its `strict=`."""
    return isinstance(node, cst.Call) and isinstance(new, cst.Call) and _strict(node) != _strict(new)


def _strict(call: cst.Call) -> list[str]:
    return [
        arg.value.value if isinstance(arg.value, cst.Name) else "" for arg in call.args
        if arg.keyword is not None and arg.keyword.value == "strict"
    ]  # fmt: skip
