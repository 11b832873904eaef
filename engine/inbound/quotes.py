"""The new words of a reply: what it quotes is left out where that is proved to be a quote, and nothing else.

A reply that answers between the lines of what it quotes stays whole, and so does one below which somebody else's words
stand: too much to read is a nuisance, a State's answer that nobody sees is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_WROTE = (
    "wrote", "schrieb", "a écrit", "escribió", "escreveu", "ha scritto", "schreef", "skrev", "napisał", "napsal",
    "пишет", "написал", "написала", "يكتب", "كتب", "写道", "寫道", "のメール",
)  # fmt: skip
_ATTRIBUTION = re.compile(rf"\S.{{0,300}}(?:{'|'.join(_WROTE)})[^:：]{{0,80}}[:：]\s*$", re.IGNORECASE)
_OPENING = re.compile(r"(?:On|Am|Le|El|Em|Il|Op|Den|W dniu|Dne)\b[^:：]{0,100}\d")
_RULE = re.compile(r"^\s*(?:[-_=*]{2,}[^-_=*\n]{0,60}[-_=*]{2,}|_{8,}|-{8,})\s*$")
_FIELDS = {
    "from": "From|Von|De|Da|Van|Från|Fra|Od|От|发件人|寄件者|差出人|من",
    "sent": "Sent|Date|Gesendet|Datum|Envoyé|Enviado|Enviada|Enviado el|Fecha|Data|Inviato|Verzonden|Skickat|Sendt|Dato"
            "|Wysłano|Odesláno|Отправлено|Дата|发送时间|日期|送信日時|تاريخ|تم الإرسال",
    "to": "To|An|À|A|Para|Aan|Till|Til|Do|Komu|Кому|收件人|宛先|إلى",
    "cc": "Cc|Kopie|Copie|Копия|抄送|نسخة",
    "subject": "Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Temat|Předmět|Тема|主题|主旨|件名|الموضوع",
    "reply-to": "Reply-To|Antwort an",
}  # fmt: skip
_FIELD = {
    name: re.compile(rf"^[ \t*]{{0,6}}(?:{words})\*?\s?[:：]\*?(?:\s|$)", re.IGNORECASE)
    for name, words in _FIELDS.items()
}
_SIGNATURE = re.compile(r"^-- ?$")
_WORD = re.compile(r"\w+")
_LOOKS = 25
_FEW_WORDS = 4
_SIGNED = 15
_LONGEST_RULE = 200


def new_words(text: str, ours: str) -> str:
    """What a reply says itself. `ours` is the letter that it answers, as text.

    Cut off are a tail that holds nothing but quotes (lines behind “>”, or words of our letter below a line that says
    who wrote) and then a signature behind “-- ” (RFC 3676, 4.3). Where nothing would be left, all of it stays.
    """
    lines = text.split("\n")
    letter = _Letter(ours)
    starts = [number for number, line in enumerate(lines) if _may_begin(lines, number, line)][:_LOOKS]
    for start in starts:
        if _has_words(lines[:start]) and _only_quotes(lines[start:], letter):
            lines = lines[:start]
            break
    else:
        lines = _below_one_quote(lines)
    return "\n".join(_unsigned(lines)).strip("\n") or text.strip("\n")


def _may_begin(lines: Sequence[str], number: int, line: str) -> bool:
    """Whether a quote may begin here: at a “>”, a line that says who wrote, a rule, or some fields of a header."""
    if line.startswith(">") or _is_rule(line):
        return True
    return _who_wrote_length(lines, number) > 0 or _header_length(lines, number) > 0


def _who_wrote_length(lines: Sequence[str], start: int) -> int:
    """How many lines from here on say who wrote: one, two where it was broken (only one of them says all), or none."""
    line = lines[start]
    if _says_who_wrote(line):
        return 1
    following = lines[start + 1] if start + 1 < len(lines) else ""
    broken = _OPENING.match(line) and not _says_who_wrote(following) and _says_who_wrote(f"{line} {following}")
    return 2 if broken else 0


def _says_who_wrote(line: str) -> bool:
    return len(line) < 400 and bool(_ATTRIBUTION.match(line.strip()))


def _is_rule(line: str) -> bool:
    return len(line) < _LONGEST_RULE and bool(_RULE.match(line))


def _header_length(lines: Sequence[str], start: int) -> int:
    """How many lines from here on are a header as Outlook quotes it (`From:` first, a `Subject:` in it); 0 for none."""
    if not _FIELD["from"].match(lines[start]):
        return 0
    found: list[str] = []
    for line in lines[start : start + len(_FIELD) + 1]:
        name = next((name for name, pattern in _FIELD.items() if pattern.match(line)), None)
        if name is None:
            break
        found.append(name)
    return len(found) if "subject" in found else 0


def _only_quotes(tail: Sequence[str], letter: _Letter) -> bool:
    """Whether all of it is quoted: behind “>”, or ours, or what a mail program puts between."""
    number = 0
    while number < len(tail):
        line = tail[number]
        if not line.strip() or line.startswith(">") or _is_rule(line):
            number += 1
        elif length := _who_wrote_length(tail, number) or _header_length(tail, number):
            number += length
        elif letter.has(line):
            number += 1
        else:
            return False
    return True


def _below_one_quote(lines: list[str]) -> list[str]:
    """The words below a quote that has none above it and none between its lines; else all lines."""
    quoted = [number for number, line in enumerate(lines) if line.startswith(">")]
    if not quoted:
        return lines
    first, last = quoted[0], quoted[-1]
    above = [line for line in lines[:first] if line.strip()]
    whole = all(line.startswith(">") or not line.strip() for line in lines[first:last])
    if whole and _has_words(lines[last + 1 :]) and (not above or _who_wrote_length(above, 0) == len(above)):
        return lines[last + 1 :]
    return lines


def _unsigned(lines: list[str]) -> list[str]:
    """The lines above a signature, where there are any and it is as short as one."""
    for number in range(len(lines) - 1, -1, -1):
        if _SIGNATURE.match(lines[number]):
            signed = sum(bool(line.strip()) for line in lines[number:])
            return lines[:number] if signed <= _SIGNED and _has_words(lines[:number]) else lines
    return lines


def _has_words(lines: Sequence[str]) -> bool:
    """Whether somebody says something there, other than who wrote what."""
    return any(_WORD.search(line) and not line.startswith(">") and not _says_who_wrote(line) for line in lines)


class _Letter:
    """Our letter's words, to tell a quote of it by, however its lines were broken on the way."""

    def __init__(self, text: str) -> None:
        self._all = f" {' '.join(_WORD.findall(text.lower()))} "
        self._lines = {" ".join(_WORD.findall(line.lower())) for line in text.split("\n")}

    def has(self, line: str) -> bool:
        """Whether a line is of our letter. A short one has to be a whole line of it: “yes” stands in many letters."""
        words = _WORD.findall(line.lower())
        joined = " ".join(words)
        if len(words) < _FEW_WORDS:
            return joined in self._lines
        return f" {joined} " in self._all
