"""Where each capture lies in Kafka: a small SQLite file beside, made from the log.

Kafka finds by offset and by time, not by id. The file is derived: removed, it is made again by
reading the log once. It covers each partition up to an offset and grows from there.
"""

import sqlite3
from collections.abc import Iterable
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
    """Capture id → partition and offset."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = OFF")  # derived: what is lost is made again
            self._file.executescript(_TABLES)
        except sqlite3.Error as error:
            raise SpoolError(f"{path} cannot be opened ({error}): remove it") from error

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def covered(self, partition: str) -> int:
        """Return the offset up to which the partition's captures are known."""
        row = self._file.execute(
            "SELECT ordinal FROM covered WHERE partition = ?", (partition,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def add(self, partition: str, end: int, captures: Iterable[tuple[str, int]]) -> None:
        """Note captures (id, offset) and that the partition is covered up to *end*."""
        self._file.execute("BEGIN IMMEDIATE")
        try:
            self._file.executemany(
                "INSERT OR IGNORE INTO captures VALUES (?, ?, ?)",
                [(one, partition, ordinal) for one, ordinal in captures],
            )
            self._file.execute(
                "INSERT INTO covered VALUES (?, ?) ON CONFLICT (partition)"
                " DO UPDATE SET ordinal = max(ordinal, excluded.ordinal)",
                (partition, end),
            )
        except sqlite3.Error:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def places(self, capture_id: str) -> list[tuple[str, int]]:
        """Return every partition and offset of a capture that is known, the last first."""
        rows = self._file.execute(
            "SELECT partition, ordinal FROM captures WHERE id = ? ORDER BY ordinal DESC",
            (capture_id,),
        )
        return [(partition, int(ordinal)) for partition, ordinal in rows]

    def forget(self, capture_id: str) -> None:
        """Remove a capture that is gone."""
        self._file.execute("DELETE FROM captures WHERE id = ?", (capture_id,))

    def start_anew(self, partition: str) -> None:
        """Forget a partition: a topic of its name was made anew."""
        self._file.execute("DELETE FROM captures WHERE partition = ?", (partition,))
        self._file.execute("DELETE FROM covered WHERE partition = ?", (partition,))
