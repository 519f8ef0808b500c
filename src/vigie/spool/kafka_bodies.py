"""Bodies beside that no message names: left by a collector that was killed between the two.

A body is durable before its message is written, so a kill in between leaves a page that nobody will
ever read, erase or prune. It is told by its age, and by the log: the index of this machine says of
most bodies which message names them, and before any is removed the log itself is asked.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from vigie.spool.kafka import KafkaSpool
from vigie.spool.kafka_record import beside_bytes, id_in

log = structlog.get_logger(__name__)


def sweep(spool: KafkaSpool, before: datetime) -> int:
    """Remove bodies from before that time that no message names; return how many."""
    gone = spool.beside.sweep(before, lambda wanted: _named(spool, wanted))
    if gone:
        log.info("bodies removed that no message names", bodies=gone)
    return gone


def placed(spool: KafkaSpool, wanted: Iterable[str], lows: Mapping[str, int]) -> set[str]:
    """Return those of *wanted* that have a message in the index which the logs, beginning at
    *lows*, still reach back to."""
    wanted = set(wanted)
    index = spool.finder.up_to_date() if wanted else None
    return {
        one
        for one in wanted
        if index is not None
        and any(name in lows and offset >= lows[name] for name, offset in index.places(one))
    }


def _named(spool: KafkaSpool, wanted: set[str]) -> set[str]:
    with spool.logs() as logs:
        ends = {part.name: part.ends() for part in logs}
        named = placed(spool, wanted, {name: low for name, (low, _) in ends.items()})
        rest = wanted - named
        for part in logs if rest else ():  # seldom: all of the log is read for them
            for found in part.stretch(*ends[part.name]):
                if beside_bytes(found.headers) is not None and id_in(found.key) in rest:
                    named.add(id_in(found.key))
    return named
