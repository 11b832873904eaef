"""Mails by Message-ID: an answer names the letter that it is about by that."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_mail_message_id", "mail", ["message_id"])
