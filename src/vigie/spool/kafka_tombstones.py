"""Which captures somebody has had erased: their keys have a tombstone further on in the log."""

from typing import TYPE_CHECKING

import msgspec

from vigie.model.capture import Capture
from vigie.spool.kafka_record import key_of

if TYPE_CHECKING:
    from vigie.spool.kafka import KafkaSpool
    from vigie.spool.kafka_log import PartitionLog


class _Looked(msgspec.Struct):
    """What is known of a partition between two offsets."""

    start: int
    end: int
    keys: set[bytes]


class Tombstones:
    """Looks for tombstones: only where a body is missing, and at each stretch of a log once."""

    def __init__(self, spool: "KafkaSpool") -> None:
        self._spool = spool
        self._looked: dict[str, _Looked] = {}

    def has(self, capture: Capture) -> bool:
        """Return whether a capture has a tombstone; it is later than the capture.

        Raises:
            BrokersAway.
        """
        key, at_ms = key_of(capture), int(capture.at.timestamp() * 1000)
        topic = self._spool.brokers.topic_of(capture.source)
        with self._spool.logs() as logs:
            # Its topic first; others since `kafka.topic` may have been another one then.
            ordered = sorted(logs, key=lambda part: part.topic != topic)
            return any(key in self._keys(part, at_ms) for part in ordered)

    def _keys(self, part: "PartitionLog", at_ms: int) -> set[bytes]:
        low, high = part.ends()
        start = max(low, part.offset_at(at_ms, high))
        known = self._looked.get(part.name)
        if known is None or start < known.start or known.end > high:
            known = self._looked[part.name] = _Looked(start, start, set())
        for found in part.stretch(known.end, high):
            if found.value is None and found.key is not None:
                known.keys.add(found.key)
        known.end = max(known.end, part.reached)
        return known.keys
