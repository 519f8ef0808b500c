"""Where Spark begins in each partition: as the store says, not as Spark remembers."""

from collections.abc import Mapping

import structlog

from vigie.errors import SpoolError
from vigie.spool.kafka import KafkaSpool

log = structlog.get_logger(__name__)


def starting_offsets(spool: KafkaSpool, after: Mapping[str, int]) -> dict[str, dict[int, int]]:
    """Return topic → partition → first offset to read, for every partition there is.

    Args:
        after: Partition → number of its entries already handled, as for `Spool.read`.

    Raises:
        SpoolError: a topic was made anew: what is handled lies beyond its end.
    """
    found: dict[str, dict[int, int]] = {}
    with spool.logs() as logs:
        for part in logs:
            low, high = part.ends()
            done = after.get(part.name, 0)
            if done > high:
                raise SpoolError(
                    f"{part.name} ends at {high}, but {done} of it is processed: the topic was "
                    f"made anew. Give it another name (kafka.topic), so that nothing is missed."
                )
            if low > done:
                log.warning("captures expired unread", partition=part.name, start=done, end=low)
            found.setdefault(part.topic, {})[part.number] = max(done, low)
    return found
