"""Bringing a database to this Vigie's version."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, inspect, text

from vigie.errors import FromTheFuture, StoreError
from vigie.store import dialect, views
from vigie.store.tables import metadata

if TYPE_CHECKING:
    from vigie.store.database import Database

MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK: Final = 0x76696769  # "vigi"
WAIT_SECONDS: Final = 60


def migrate(database: "Database") -> None:
    """Bring the database to this version; a file, after a copy beside it when it held something.

    Several processes that open one server at once do it one after another.

    Raises:
        FromTheFuture: a newer Vigie wrote it; nothing was changed.
        StoreError: it holds tables of somebody else.
    """
    from vigie.store.migrations.versions import HEAD

    if version(database) == HEAD:
        return
    with database.engine.connect() as connection, _alone(database, connection):
        current = version(database)  # another process may have done it while we waited
        if current != HEAD:
            _upgrade(database, connection, current, HEAD)


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
        kept = Path(f"{database.path}.before-{head}")
        kept.unlink(missing_ok=True)
        database.backup(kept)
    views.drop(connection)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    views.create(connection)
    connection.commit()


def _ours(connection: Connection) -> set[str]:
    """Return the tables with names of ours."""
    found = set(inspect(connection).get_table_names())
    connection.rollback()
    return found & set(metadata.tables)


@contextlib.contextmanager
def _alone(database: "Database", connection: Connection) -> Iterator[None]:
    """Hold the server's lock of whoever migrates this database."""
    if not database.dialect.is_server:
        yield
        return
    if database.dialect is dialect.POSTGRESQL:
        take, give, key = "SELECT pg_advisory_lock(?)", "SELECT pg_advisory_unlock(?)", LOCK
    else:
        # A name holds for the whole server, at most 64 characters of it.
        key = f"vigie {database.url.database}"[:64]  # type: ignore[assignment]  # of the driver's
        take, give = f"SELECT GET_LOCK(?, {WAIT_SECONDS})", "SELECT RELEASE_LOCK(?)"
    held = connection.exec_driver_sql(take, (key,)).scalar()
    connection.commit()
    if database.dialect is dialect.MYSQL and held != 1:
        raise StoreError(f"another process migrates {database.where} for over {WAIT_SECONDS} s")
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql(give, (key,))
        connection.commit()


def _alembic_config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
