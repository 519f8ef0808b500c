"""Finding captures in Kafka by their ids: the index of this machine, brought up to the logs' end.

Kafka finds by offset and by time alone.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie.model.capture import Capture
from vigie.spool.kafka_index import KafkaIndex
from vigie.spool.kafka_record import beside_bytes, id_in, read_message

if TYPE_CHECKING:
    from vigie.spool.kafka_log import Logs, PartitionLog

INDEX_FILE: Final = "kafka-index.db"
_INDEXED_AT_ONCE: Final = 2_000

Brought = Callable[[Capture], Capture | None]
"""A capture whose body is beside → the same with its body; None: it is erased."""


class Finder:
    """Finds captures by id."""

    def __init__(self, folder: Path, logs: "Callable[[], Logs]", brought: Brought) -> None:
        """Know where to look.

        Args:
            folder: Of this machine, where the index is.
        """
        self._logs, self._brought = logs, brought
        self.index = KafkaIndex(folder / INDEX_FILE)
        """As it is."""

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        self.index.close()

    def find(self, capture_ids: Iterable[str]) -> dict[str, Capture | None]:
        """Return captures by their ids; None for what is unknown or no longer in the log."""
        index = self.up_to_date()
        with self._logs() as logs:
            known = {part.name: part for part in logs}
            return {one: self._at(one, index.places(one), known) for one in capture_ids}

    def note(self, part: "PartitionLog", start: int, end: int, seen: list[tuple[str, int]]) -> None:
        """Let the index grow by what is read anyway."""
        if start <= self.index.covered(part.name) < end:
            self.index.add(part.name, end, seen)

    def up_to_date(self) -> KafkaIndex:
        """Return the index once it covers everything that the topics hold now."""
        index = self.index
        with self._logs() as logs:
            for part in logs:
                low, high = part.ends()
                if index.covered(part.name) > high:  # another topic had this name
                    index.start_anew(part.name)
                start = max(low, index.covered(part.name))
                seen: list[tuple[str, int]] = []
                for found in part.stretch(start, high):
                    if dict(found.headers).get("entry") == b"capture" and found.value is not None:
                        seen.append((id_in(found.key), found.offset))
                    if len(seen) >= _INDEXED_AT_ONCE:
                        index.add(part.name, found.offset + 1, seen)
                        seen = []
                if part.reached > index.covered(part.name):
                    index.add(part.name, part.reached, seen)
        return index

    def _at(
        self, capture_id: str, places: list[tuple[str, int]], logs: "Mapping[str, PartitionLog]"
    ) -> Capture | None:
        """Return the capture at one of *places*. One that is erased but still in the log has no
        body, when that was beside."""
        for name, offset in places:
            for found in list(logs[name].stretch(offset, offset + 1)) if name in logs else ():
                entry = read_message(found.headers, found.value)
                if isinstance(entry, Capture) and entry.id == capture_id:
                    large = beside_bytes(found.headers) is not None
                    return (self._brought(entry) or entry) if large else entry
        return None
