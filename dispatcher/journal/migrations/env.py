"""Alembic's entry: runs on the connection that the journal hands over, so that one lock covers it all."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from dispatcher.journal.table import metadata

connection = context.config.attributes["connection"]
if not isinstance(connection, Connection):
    raise TypeError("the journal's migrations run on the connection of a journal")
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
