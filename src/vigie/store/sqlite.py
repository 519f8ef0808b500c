"""Engines on SQLite: pragmas, and transactions that we begin ourselves."""

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from vigie.errors import StoreError

BUSY_SECONDS: Final = 30
PAGE_BYTES: Final = 16_384
"""Of a new file: rows have 2 to 3 kB, of which few fit SQLite's usual 4 kB; the file is a seventh
smaller. A file that exists keeps its own."""
WAL_BYTES: Final = 32_000_000
"""Written beside the file before it goes there: a batch writes some pages again and again."""
_LOOK_SECONDS: Final = 0.02


def sqlite_engine(url: URL, *, memory: bool) -> Engine:
    """Return an engine for a file, whose folder is made, or for a database in memory."""
    if not memory:
        folder = Path(url.database or "").parent
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
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        _to_wal(connection)
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        for pragma in (
            # A power cut may lose the last commits, position included: the spool still has
            # them and they are processed again. A kill loses nothing.
            "synchronous=NORMAL",
            "secure_delete=ON",  # erased listings leave no bytes behind
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "temp_store=MEMORY",
            "cache_size=-65536",
            f"wal_autocheckpoint={WAL_BYTES // size}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _to_wal(connection: sqlite3.Connection) -> None:
    """Let readers and the writer of a file go on side by side.

    The first to open a new file changes it, for which it must be alone for a moment; SQLite tells
    the others so at once instead of letting them wait.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_LOOK_SECONDS)
        else:
            return
