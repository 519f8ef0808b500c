"""Opening a database: engines, pragmas, transactions, and migration to this Vigie's version."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool

from vigie.errors import FromTheFuture, StoreError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
BUSY_SECONDS: Final = 30


class Database:
    """One database: reading transactions side by side, writing ones one after another."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.url.get_backend_name() != "sqlite":
            raise StoreError(f"no store for {self.url.get_backend_name()!r}: use sqlite:///PATH")
        self.path = None if self.url.database in (None, "", ":memory:") else self.url.database
        self._lock = threading.RLock()
        self._engine = _sqlite_engine(url, memory=self.path is None)
        with self._translate():
            migrate(self)

    @property
    def engine(self) -> Engine:
        return self._engine

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self._guard(), self._translate(), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that no other writer shares; commit at the end.

        Raises:
            StoreError: the database refused; nothing of the transaction was kept.
        """
        with self._lock, self._translate(), self._engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # the deferred transaction that connect began
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:  # a kill by signal too: nothing half-written stays
                connection.rollback()
                raise
            connection.commit()

    def backup(self, target: Path) -> None:
        """Write a whole, consistent copy to *target* while others use the database."""
        with self._guard(), self._translate(), self._engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        self._engine.dispose()

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        # In memory there is one connection for all: readers wait for the writer.
        with self._lock if self.path is None else contextlib.nullcontext():
            yield

    @contextlib.contextmanager
    def _translate(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise StoreError(_advice(str(error.orig), self.path)) from error
        except DBAPIError as error:
            raise StoreError(f"the database refused: {error.orig}") from error


def _sqlite_engine(url: str, *, memory: bool) -> Engine:
    if not memory:
        folder = Path(make_url(url).database or "").parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make the folder {folder}: {error.strerror}") from None
    options: dict[str, Any] = {"poolclass": StaticPool} if memory else {}
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS}, **options
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        for pragma in (
            "journal_mode=WAL",
            # A power cut may lose the last commits, position included: the spool still has
            # them and they are processed again. A kill loses nothing.
            "synchronous=NORMAL",
            "secure_delete=ON",  # erased listings leave no bytes behind
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "temp_store=MEMORY",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def migrate(database: Database) -> None:
    """Bring the database to this version, after a backup beside it when it held something.

    Raises:
        FromTheFuture: a newer Vigie wrote it; nothing was changed.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    from vigie.store.migrations.versions import HEAD

    with database.engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        current = (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if known
            else None
        )
        connection.rollback()
    if current == HEAD:
        return
    config = _alembic_config()
    script = ScriptDirectory.from_config(config)
    revisions = {revision.revision for revision in script.walk_revisions()}
    where = database.path or "memory"
    if current is not None and current not in revisions:
        raise FromTheFuture("database", where, str(current), HEAD)
    if current is not None and database.path is not None:
        kept = Path(f"{database.path}.before-{HEAD}")
        kept.unlink(missing_ok=True)
        database.backup(kept)
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _alembic_config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _advice(reason: str, path: str | None) -> str:
    if "full" in reason:
        return f"the disk of {path} is full; nothing of this batch was kept. Free some space."
    if "I/O" in reason:
        return f"{path} cannot be written ({reason}): check the disk's space and health."
    if "locked" in reason:
        return f"{path} is held by another process for over {BUSY_SECONDS} s; try again."
    if "unable to open" in reason or "readonly" in reason:
        return f"{path} cannot be opened for writing: check the folder and its permissions."
    return f"the database at {path} refused: {reason}"
