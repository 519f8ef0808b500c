"""Where each capture lies in Kafka: a small SQLite file beside, made from the log.

Kafka finds by offset and by time, not by id. The file is derived: removed, it is made again by
reading the log once. It covers each partition up to an offset and grows from there.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from vigie.errors import SpoolError

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS captures (
    id TEXT NOT NULL, partition TEXT NOT NULL, ordinal INTEGER NOT NULL,
    PRIMARY KEY (id, partition, ordinal)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS covered (
    partition TEXT NOT NULL PRIMARY KEY, ordinal INTEGER NOT NULL
) WITHOUT ROWID;
"""


class KafkaIndex:
    """Capture id → partition and offset. Several threads may use it at once."""

    def __init__(self, path: Path) -> None:
        """Know where the file is; it is opened when it is asked for something."""
        self._path = path
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def covered(self, partition: str) -> int:
        """Return the offset up to which the partition's captures are known."""
        with self._file() as file:
            row = file.execute(
                "SELECT ordinal FROM covered WHERE partition = ?", (partition,)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def add(self, partition: str, end: int, captures: Iterable[tuple[str, int]]) -> None:
        """Note captures (id, offset) and that the partition is covered up to *end*."""
        with self._file() as file:
            file.execute("BEGIN IMMEDIATE")
            try:
                file.executemany(
                    "INSERT OR IGNORE INTO captures VALUES (?, ?, ?)",
                    [(one, partition, ordinal) for one, ordinal in captures],
                )
                file.execute(
                    "INSERT INTO covered VALUES (?, ?) ON CONFLICT (partition)"
                    " DO UPDATE SET ordinal = max(ordinal, excluded.ordinal)",
                    (partition, end),
                )
                file.execute("COMMIT")
            except sqlite3.Error:
                if file.in_transaction:
                    file.execute("ROLLBACK")
                raise

    def places(self, capture_id: str) -> list[tuple[str, int]]:
        """Return every partition and offset of a capture that is known, the last first."""
        with self._file() as file:
            rows = file.execute(
                "SELECT partition, ordinal FROM captures WHERE id = ? ORDER BY ordinal DESC",
                (capture_id,),
            ).fetchall()
        return [(partition, int(ordinal)) for partition, ordinal in rows]

    def forget(self, capture_id: str) -> None:
        """Remove a capture that is gone."""
        with self._file() as file:
            file.execute("DELETE FROM captures WHERE id = ?", (capture_id,))

    def start_anew(self, partition: str) -> None:
        """Forget a partition: a topic of its name was made anew."""
        with self._file() as file:
            file.execute("DELETE FROM captures WHERE partition = ?", (partition,))
            file.execute("DELETE FROM covered WHERE partition = ?", (partition,))

    @contextlib.contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        """Give the file, to one thread at a time.

        Raises:
            SpoolError: it cannot be opened, read or written.
        """
        with self._lock:
            try:
                if self._opened is None:
                    self._opened = _open(self._path)
                yield self._opened
            except (sqlite3.Error, OSError) as error:
                raise SpoolError(
                    f"{self._path} cannot be used ({error}). When it stays so, remove it: it is "
                    f"made again from the log."
                ) from error


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The lock above lets one thread in at a time.
    file = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = OFF")  # derived: what is lost is made again
        file.executescript(_TABLES)
    except sqlite3.Error:
        file.close()
        raise
    return file
