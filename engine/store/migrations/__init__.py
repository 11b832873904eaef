"""Alembic's migrations: `engine.store.schema` runs them, nobody has to."""
