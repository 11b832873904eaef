"""Mail that a machine wrote (RFC 3834): told by its headers, and by nothing that a person could write by chance."""

from __future__ import annotations

import re

from engine.inbound.message import Part, content_type, header, headers, leaves, parameter

_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_SUPPRESS = frozenset({"all", "oof", "autoreply"})
_FLAGS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Mail-Autoreply", "X-Vacation")
_LIST = ("List-Id", "List-Unsubscribe", "List-Post", "List-Help")
_TITLES = (
    "Automatic reply", "Auto reply", "Auto-reply", "Autoreply", "Out of Office", "Out of the office", "Réponse automatique",
    "Automatische Antwort", "Abwesenheitsnotiz", "Respuesta automática", "Resposta automática", "Risposta automatica",
    "Automatisch antwoord", "Automatiskt svar", "Autosvar", "Odpowiedź automatyczna", "Автоматический ответ",
    "Автоответ", "自动答复", "自动回复", "自動回覆", "自動応答", "자동 회신", "رد تلقائي",
)  # fmt: skip
# As Outlook writes it before the subject: “Automatic reply: …”. A person's answer to one begins with “Re:”.
_TITLE = re.compile(rf"^(?:{'|'.join(re.escape(title) for title in _TITLES)})\s*[:：]", re.IGNORECASE)


def machine_sign(message: Part, *, answers_us: bool) -> str:
    """What shows that a machine wrote this, in words; empty where nothing does.

    `answers_us`: a letter of ours is proved to be what it is about. An X-Auto-Response-Suppress counts only then, since
    programs of persons set it too.
    """
    submitted = header(message, "Auto-Submitted").lower()
    if submitted and submitted.partition(";")[0].strip() != "no":
        return f"Auto-Submitted: {submitted}"[:100]
    if is_receipt(message):
        return "a receipt (disposition-notification)"
    if is_calendar_reply(message):
        return "an answer to a calendar entry"
    precedence = header(message, "Precedence").lower()
    if precedence in _PRECEDENCE:
        return f"Precedence: {precedence}"
    for name in (*_FLAGS, *_LIST):
        value = headers(message, name)
        if value and value[0].lower() not in ("no", "false"):
            return f"{name}: {value[0]}"[:100]
    suppressed = {word.strip().lower() for word in header(message, "X-Auto-Response-Suppress").split(",")}
    if answers_us and suppressed & _SUPPRESS:
        return f"X-Auto-Response-Suppress: {header(message, 'X-Auto-Response-Suppress')}"[:100]
    if has_empty_return_path(message):
        return "an empty return path"
    title = _TITLE.match(header(message, "Subject"))
    return f"its subject: {title[0]}" if title else ""


def has_empty_return_path(message: Part) -> bool:
    """Whether it came from `<>`, as what no machine may answer does (RFC 5321, 4.5.5)."""
    return any("".join(value.split()) == "<>" for value in headers(message, "Return-Path"))


def is_receipt(message: Part) -> bool:
    """A receipt (RFC 8098): it was displayed, or deleted, which says nothing of the matter."""
    return any(content_type(part) == "message/disposition-notification" for part in leaves(message)) or (
        content_type(message) == "multipart/report" and parameter(message, "report-type") == "disposition-notification"
    )


def is_calendar_reply(message: Part) -> bool:
    """An answer that a calendar program made (RFC 5546)."""
    return any(
        content_type(part) == "text/calendar" and parameter(part, "method") in ("reply", "counter")
        for part in leaves(message)
    )
