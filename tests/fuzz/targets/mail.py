"""What comes by mail: any octets are told for something, in text that a page may show, and kept.

What `read` and `tell` catch in the last resort is a find here: a reply must not go unread for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.inbound import telling
from engine.inbound.message import KEPT, parse
from engine.inbound.telling import Ours
from tests.mail_samples import AT, KEY, MAILS, RECIPIENTS, TEXT, check_answers, sample

WORDS = (
    "=?utf-8?B?a?=", "=?utf-8?q?=C3?=", "=?x-unknown?b?////?=", "=?idna?q?xn--a?=", "=?utf-7?q?+2AA-?=", "=?utf-16?b?2AA=?=",
    "=?unicode_escape?q?\\ud800?=", "multipart/mixed; boundary=b", "multipart/report; report-type=delivery-status; boundary=b",
    "message/rfc822", "message/delivery-status", "message/disposition-notification", "message/global", "text/rfc822-headers",
    "text/calendar; method=REPLY", "text/html; charset=utf-7", "text/plain; format=flowed; delsp=yes", "charset*0*=utf-8''x",
    "filename*=x''%ff", "base64", "uuencode", "x-uue", "quoted-printable", "begin 666 x", "Final-Recipient: rfc822; ",
    "Original-Recipient: rfc822;", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550", "Return-Path: <>",
    "X-Failed-Recipients:", "Auto-Submitted: auto-replied", "List-Id:", "Precedence: bulk", "Reply-To:", "--b", "--b--", "> ",
    "-- ", "On 3 April 2018 X <x@y.example> wrote:", "-----Original Message-----", "<blockquote>", "<!--", "&#xd800;", "&#0;",
    "mailer-daemon@x.example", '"', "(", "@[127.0.0.1]", ";", "\x00", "\r", "\u202e", "\ufeff",
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """What real programs send."""
    yield from (sample(path.stem) for path in sorted(MAILS.glob("*.eml")))


def run(data: bytes) -> None:
    """Read it, and tell it for something: as about no letter of ours, and as about one."""
    data = data[:KEPT]
    read = telling._read(data, parse(data))
    for ours in (None, Ours(KEY, "address", RECIPIENTS, TEXT, "isu@example.org")):
        answers = telling._tell(read, ours, AT)
        assert answers
        check_answers(answers, data)
