"""Brings a journal's tables up to this version, by Alembic, on the writer's own connection."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from dispatcher.journal.errors import JournalTooNew

MIGRATIONS = "dispatcher.journal:migrations"
"""Where the migrations are, as Alembic names a folder of an installed package."""


def upgrade(connection: Connection) -> None:
    """Run what is missing; raises `JournalTooNew` when the tables are ahead of this version."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    found = MigrationContext.configure(connection).get_current_revision()
    if found == script.get_current_head():
        return
    if found is not None:
        try:
            script.get_revision(found)
        except CommandError:
            raise JournalTooNew(found) from None
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
