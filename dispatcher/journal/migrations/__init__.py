"""Alembic's migrations of the journal, run by `dispatcher.journal.schema` when a writer opens it."""
