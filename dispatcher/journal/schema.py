"""Brings a journal's tables up to this version, by Alembic, on the writer's own connection.

Alembic is only loaded when there is something to do: a start with tables of this version need not wait for it.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from dispatcher.journal.errors import JournalTooNew

MIGRATIONS = "dispatcher.journal:migrations"
"""Where the migrations are, as Alembic names a folder of an installed package."""
HEAD = "0001"
"""The last of them."""


def upgrade(connection: Connection) -> None:
    """Run what is missing; raises `JournalTooNew` when the tables are ahead of this version."""
    found = _found(connection)
    if found != HEAD:
        _migrate(connection, found)


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    if found is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(found)
        except CommandError:
            raise JournalTooNew(found) from None
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
