"""Opening a database: transactions, and migration to this Vigie's version.

Readers see one state of it and never wait. Writers go one after another: SQLite has one at a time,
and on a server each first locks a row of `counters` that stands for what it writes. So whoever
reads a row in order to change it reads what the writer before left, the feed's numbers are given
in the order of commits, and no two writers wait for each other in a ring. Captures are read and
cleaned outside of the transaction, so that several processes still share that work.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from vigie.errors import StoreError, UsageError
from vigie.store import advice, dialect
from vigie.store.address import address
from vigie.store.migrating import migrate
from vigie.store.servers import server_engine
from vigie.store.sqlite import sqlite_engine

Over = Literal["feed", "agenda"]
"""What a writer locks: the listings with all about them, or the collectors' memory."""


class Database:
    """One database: reading transactions side by side, writing ones one after another."""

    def __init__(self, url: str) -> None:
        self.url, self.dialect = address(url)
        self.path = None
        if self.dialect.is_server:
            with self._options():
                self._engine = server_engine(self.url)
        else:
            self.path = None if self.url.database in (None, "", ":memory:") else self.url.database
            self._engine = sqlite_engine(self.url, memory=self.path is None)
        self._lock = threading.RLock()
        try:
            with self._translate():
                self._meet()
                migrate(self)
        except BaseException:  # nobody gets this object, so nobody else can close it
            self.close()
            raise

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def where(self) -> str:
        """Where the database is, as it may be printed."""
        return advice.place(self.url)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self._guard(), self._translate(), self._engine.connect() as connection:
            if self.dialect.is_server:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection

    @contextlib.contextmanager
    def writing(self, over: Over = "feed") -> Iterator[Connection]:
        """Give a connection in a transaction that no other writer shares; commit at the end.

        Args:
            over: On a server, writers of listings and of the agenda do not wait for each other.

        Raises:
            StoreError: the database refused; nothing of the transaction was kept, but when the
                connection was lost in the middle of the commit: then the message says so.
        """
        with self._turn(), self._translate(), self._engine.connect() as connection:
            try:
                self._begin(connection, over)
                yield connection
            except BaseException:  # a kill by signal too: nothing half-written stays
                with contextlib.suppress(DBAPIError):  # a lost connection has nothing to undo
                    connection.rollback()
                raise
            self._commit(connection)

    def backup(self, target: Path) -> None:
        """Write a whole, consistent copy to *target* while others use the database.

        Raises:
            UsageError: it is on a server, whose own program copies it.
        """
        if self.dialect.is_server:
            program = "pg_dump" if self.dialect is dialect.POSTGRESQL else "mysqldump"
            raise UsageError(
                f"the database is on a server ({self.where}): copy it with {program}, or move it "
                f"to a file with `vigie db copy sqlite:///{target}`"
            )
        with self._guard(), self._translate(), self._engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        self._engine.dispose()

    def _meet(self) -> None:
        """Connect once: what the address gives to the driver is wrong now or never."""
        if self.dialect.is_server and self.url.query:
            with self._options():
                self._engine.connect().close()

    @contextlib.contextmanager
    def _options(self) -> Iterator[None]:
        try:
            yield
        except (TypeError, ValueError, OSError, ArgumentError) as error:
            if not self.url.query:
                raise
            raise StoreError(advice.of_options(error, self.url)) from None

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except DBAPIError as error:
            if self.dialect.is_server and advice.is_lost(error.orig or error):
                raise StoreError(advice.of_commit(self.url)) from error
            raise

    def _begin(self, connection: Connection, over: Over) -> None:
        if self.dialect.is_server:
            # What the row's last holder committed is seen by every statement after this one.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            held = connection.exec_driver_sql(
                "SELECT value FROM counters WHERE name = ? FOR UPDATE", (over,)
            ).scalar()
            if held is None:
                raise StoreError(
                    f"counters has no row {over!r} at {self.where}: without it two writers could "
                    f"overwrite each other. Restore the table from a copy of the database."
                )
        else:
            connection.exec_driver_sql("COMMIT")  # the deferred transaction that connect began
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _turn(self) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext() if self.dialect.is_server else self._lock

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        # In memory there is one connection for all: readers wait for the writer.
        alone = self.path is None and not self.dialect.is_server
        with self._lock if alone else contextlib.nullcontext():
            yield

    @contextlib.contextmanager
    def _translate(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(self._told(error, error.orig or error)) from error
        except self._engine.dialect.loaded_dbapi.Error as error:  # by COPY, past SQLAlchemy
            raise StoreError(self._told(error, error)) from error

    def _told(self, error: Exception, reason: BaseException) -> str:
        if self.dialect.is_server:
            return advice.of_server(reason, self.url)
        if isinstance(error, OperationalError):
            return advice.of_sqlite(str(reason), self.path)
        return f"the database refused: {reason}"
