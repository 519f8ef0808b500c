"""Engines on SQLite: pragmas, and transactions that we begin ourselves."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from vigie.errors import StoreError

BUSY_SECONDS: Final = 30


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
