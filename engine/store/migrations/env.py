"""Run by Alembic: the connection, with its transaction, comes from `engine.store.schema`."""

from __future__ import annotations

from alembic import context

from engine.store.tables import METADATA

# SQLite alters a table by copying it, which is what `render_as_batch` writes into new migrations.
context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
