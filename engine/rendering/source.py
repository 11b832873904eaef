"""One template's source: a YAML front matter (`subject:`, `to:`) and a Markdown body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from engine.definition.hints import suggest
from engine.errors import BadInput, Place, Problem

AUDIENCES = ("party", "role")
KEYS = ("subject", "to", "note")
FOLDER = "templates/email"
"""Where the sources are, as messages name it."""

# A tag alone on its line leaves no line behind (Jinja's trim_blocks); one at the end of a line of words keeps its end.
_TAG_LINE = re.compile(r"\s*(?:\{%(?:[^%]|%(?!\}))*%\}\s*)+")
_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A template's parts, ready for Jinja. `body` keeps the file's line numbers: its front matter is empty lines.

    `to` is `party` or `role`; `note` names the template of the note verbale that the letter is for those who get notes.
    `subject` is None for a partial (a name that starts with `_`), which has no front matter.
    """

    path: str
    text: str
    body: str
    subject: str | None = None
    subject_line: int = 1
    to: str = "party"
    note: str | None = None

    def problem(self, line: int, message: str, hint: str = "", *, word: str = "", column: int = 0) -> Problem:
        """A fault in this source; without a column, that of `word` as a word of the line, else 1."""
        lines = self.text.splitlines()
        line = min(max(line, 1), max(len(lines), 1))
        shown = lines[line - 1] if lines else ""
        if not column and word:
            found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", shown) if word[0].isalnum() else None
            column = (found.start() if found else shown.find(word)) + 1
        return Problem(Place(self.path, line, max(column, 1)), message, hint, shown)


def read_templates(folder: Path, shown: str = FOLDER) -> dict[str, str]:
    """All sources of a folder, which messages call `shown`: file name to text, in order of name.

    Raises BadInput for a file that is not UTF-8.
    """
    sources = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in (".md", ".html", ".txt"):
            try:
                sources[path.name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                place = Place(f"{shown}/{path.name}")
                raise BadInput([Problem(place, f"this is not UTF-8 (byte {error.start}).")]) from None
    return sources


def with_own(stock: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The templates of a plan: its own letters take the place of those of the same name in all languages, since what
    is said in one would not be what is said in another; its own partials and layouts that of the same file."""
    letters = {name.partition(".")[0] for name in own if name.endswith(".md") and name[0] != "_"}
    kept = {
        name: text for name, text in stock.items() if not (name.endswith(".md") and name.partition(".")[0] in letters)
    }
    return kept | dict(own)


def read_source(name: str, path: str, text: str) -> Source:
    """Take a template's text apart. Raises BadInput with every fault of the front matter."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    plain = Source(path, text, _ends_kept(text))
    if name.startswith("_"):
        return plain
    fences = [match.span() for match in _FENCE.finditer(text)][:2]
    if not fences or fences[0][0] != 0:
        hint = "Start the file with “---”, “subject: …” and “---”, each on a line of its own."
        raise BadInput([plain.problem(1, "a letter starts with a front matter that holds its subject.", hint)])
    if len(fences) == 1:
        raise BadInput([plain.problem(1, "the front matter is not closed.", "End it with a line “---”.")])
    front = text[fences[0][1] : fences[1][0]]
    values = _front_matter(plain, front)
    subject = values["subject"]
    to = values["to"].value if "to" in values else "party"
    body = "\n" * text[: fences[1][1]].count("\n") + _ends_kept(text[fences[1][1] :])
    note = values["note"].value if "note" in values else None
    return Source(path, text, body, subject.value, subject.start_mark.line + 1, to, note)


def _ends_kept(text: str) -> str:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.endswith("%}") and line[-3:] not in ("-%}", "+%}") and not _TAG_LINE.fullmatch(line):
            lines[number] = f"{line[:-2]}+%}}"
    return "\n".join(lines)


def _front_matter(source: Source, front: str) -> Mapping[str, yaml.ScalarNode]:
    """The front matter's values, all as text. Its first line is the file's, so YAML's marks are the file's too."""
    try:
        node = yaml.compose(front, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        hint = "A value that holds “: ” or starts with “{” stands in quotes."
        raise BadInput([source.problem(line, f"{error.problem}.", hint, column=column)]) from None
    except yaml.YAMLError as error:
        raise BadInput([source.problem(1, f"the front matter cannot be read: {error}.")]) from None
    if not isinstance(node, yaml.MappingNode):
        raise BadInput([source.problem(2, "the front matter holds “key: value” lines.", "Write “subject: …”.")])
    problems: list[Problem] = []
    values: dict[str, yaml.ScalarNode] = {}
    for key, value in node.value:
        fault = _entry_fault(key, value, values)
        if fault:
            at = (value if fault[2] else key).start_mark
            problems.append(source.problem(at.line + 1, fault[0], fault[1], column=at.column + 1))
        else:
            values[key.value] = value
    if "subject" not in values and not problems:
        problems.append(source.problem(1, "the front matter holds no subject.", "Write “subject: …”."))
    if problems:
        raise BadInput(problems)
    return values


def _entry_fault(key: yaml.Node, value: yaml.Node, seen: Mapping[str, yaml.ScalarNode]) -> tuple[str, str, bool] | None:
    """What is wrong with one entry: message, hint, and whether it is the value; None when nothing is."""
    name = key.value if isinstance(key, yaml.ScalarNode) else ""
    if name not in KEYS:
        return f"a front matter has no “{name}”.", suggest(name, KEYS), False
    if name in seen:
        return f"“{name}” stands here twice.", "Keep one.", False
    if not isinstance(value, yaml.ScalarNode):
        hint = "Put it in quotes: a value that starts with “{” or “[” is a YAML collection."
        return f"“{name}” is a text.", hint, True
    if name == "to" and value.value not in AUDIENCES:
        return f"“{value.value}” is nobody a letter goes to.", suggest(value.value, AUDIENCES), True
    if name == "subject" and not value.value.strip():
        return "the subject is empty.", "Say in a few words what the letter is about.", True
    if name == "subject" and re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value.value.strip()):
        hint = "Write it in one line; “>-” folds what is too long for one."
        return "a subject is one line, without control characters.", hint, True
    return None
