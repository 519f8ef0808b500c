"""Bringing a database to this Vigie's version."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from vigie.errors import FromTheFuture, StoreError
from vigie.store import advice, views
from vigie.store.alone import alone
from vigie.store.tables import metadata

if TYPE_CHECKING:
    from vigie.store.database import Database

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def migrate(database: "Database") -> None:
    """Bring the database to this version; a file, after a copy beside it when it held something.

    Several processes that open one at once do it one after another.

    Raises:
        FromTheFuture: a newer Vigie wrote it; nothing was changed.
        StoreError: it holds tables of somebody else, or the views may not be made.
    """
    from vigie.store.migrations.versions import HEAD

    if _done(database, HEAD):
        return
    with database.engine.connect() as connection, alone(database, connection):
        if _done(database, HEAD):  # by another process while we waited
            return
        current = version(database)
        if current != HEAD:
            _upgrade(database, connection, current, HEAD)
        _make_views(database, connection)
        connection.commit()


def _done(database: "Database", head: str) -> bool:
    """Return whether the database is at *head*, views included.

    MySQL commits with every statement of a migration: whoever is killed before the last one, or
    may not make views, leaves a database that says it is at *head*.
    """
    if version(database) != head:
        return False
    with database.engine.connect() as connection:
        return views.exist(connection)


def version(database: "Database") -> str | None:
    """Return the revision that the database is at; None when it holds none of our tables."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def _upgrade(database: "Database", connection: Connection, current: str | None, head: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _alembic_config()
    script = ScriptDirectory.from_config(config)
    revisions = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in revisions:
        raise FromTheFuture("database", database.where, current, head)
    if current is None and (taken := sorted(_ours(connection))):
        raise StoreError(
            f"{database.where} has a table {taken[0]} that no Vigie finished: its first start was "
            f"interrupted, or another program's tables are there. Nothing was changed: give an "
            f"empty database."
        )
    if current is not None and database.path is not None:
        _copy_beside(database, Path(f"{database.path}.before-{head}"))
    views.drop(connection)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy_beside(database: "Database", kept: Path) -> None:
    """Copy the database to *kept*, whole or not at all; a copy that is there already stays."""
    place, number = kept, 1
    while place.exists():
        number += 1
        place = kept.with_name(f"{kept.name}-{number}")
    part = kept.with_name(f"{kept.name}.part")
    part.unlink(missing_ok=True)  # of somebody who was killed: nobody else is here now
    database.backup(part)
    part.replace(place)


def _make_views(database: "Database", connection: Connection) -> None:
    try:
        views.drop(connection)
        views.create(connection)
    except DBAPIError as error:
        if not advice.is_about_rights(error.orig or error):
            raise
        raise StoreError(
            f"{database.url.username or 'nobody'} may not make views at {database.where}, which "
            f"the old programs read: grant it all rights on {database.url.database}, then start "
            f"again."
        ) from error


def _ours(connection: Connection) -> set[str]:
    """Return the tables with names of ours."""
    found = set(inspect(connection).get_table_names())
    connection.rollback()
    return found & set(metadata.tables)


def _alembic_config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
