"""django-post-office, sending what it has queued: the peer of the letter path. Django with SQLite in WAL, as ours."""

from __future__ import annotations

import logging
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from benchmarks.measuring import Spent, spent


def queue_and_send(folder: Path, port: int, count: int, subject: str, text: str, html: str) -> Spent:
    """Queue so many mails, then send them; what sending took.

    `{{ name }}` in the texts is each recipient's, rendered at sending, as followthrough does. Threads and batch size are
    its defaults.
    """
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": folder / "peer.db",
                "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"},
            }
        },
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()
    logging.getLogger("post_office").setLevel(logging.ERROR)
    call_command("migrate", verbosity=0)
    from post_office import mail
    from post_office.models import STATUS, Email, EmailTemplate

    template = EmailTemplate.objects.create(name="letter", subject=subject, content=text, html_content=html)
    mail.send_many([
        {
            "recipients": [f"desk@p{number:06d}.example"], "sender": "office@example.org", "template": template,
            "context": {"name": f"Party P{number:06d}"}, "render_on_delivery": True,
        }
        for number in range(count)
    ])  # fmt: skip

    def send() -> None:
        while mail.get_queued().exists():
            mail.send_queued()

    took = spent(send)
    assert Email.objects.filter(status=STATUS.sent).count() == count
    return took
