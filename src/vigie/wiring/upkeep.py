"""Looking after the spool with the settings' limits."""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from vigie.wiring.clock import now

if TYPE_CHECKING:
    from vigie.spool.upkeep import Segment, Verdict
    from vigie.spool.waiting import WaitingSpool
    from vigie.wiring.instance import Instance
    from vigie.wiring.spooling import OpenSpool


class SpoolUpkeep:
    """Listing, verifying and pruning the spool, with the settings' limits."""

    def __init__(self, instance: "Instance") -> None:
        self._instance = instance

    def segments(self) -> "list[Segment]":
        return list_segments(self._instance.spool)

    def verify(self) -> "Iterator[Verdict]":
        return verify(self._instance.spool)

    def prune(
        self, *, keep_days: float | None, keep_gb: float | None, source: str | None, dry_run: bool
    ) -> "list[Segment]":
        """Remove what is older or more than the limits; return it."""
        from vigie.engines.embedded import CONSUMER

        limits = self._instance.settings.spool
        gigabytes = limits.keep_gb if keep_gb is None else keep_gb
        return prune(
            self._instance.spool, now=now(),
            keep_days=limits.keep_days if keep_days is None else keep_days,
            keep_bytes=int(gigabytes * 1e9), source=source, dry_run=dry_run,
            processed=self._instance.store.positions(CONSUMER),
        )  # fmt: skip


def list_segments(spool: "OpenSpool") -> "list[Segment]":
    """Return the spool's segments or partitions."""
    from vigie.spool import upkeep
    from vigie.spool.files import FileSpool

    if isinstance(spool, FileSpool):
        return upkeep.list_segments(spool)
    if (waiting := _waiting(spool)) is not None:
        from vigie.spool import kafka_upkeep

        here = [
            *upkeep.list_segments(waiting.room),
            *(
                msgspec.structs.replace(one, partition=f"refused/{one.partition}")
                for one in upkeep.list_segments(waiting.refused)
            ),
        ]
        return kafka_upkeep.list_segments(waiting.spool) + here
    from vigie.spool import objects_upkeep
    from vigie.spool.objects import ObjectSpool

    return objects_upkeep.list_segments(spool) if isinstance(spool, ObjectSpool) else []


def verify(spool: "OpenSpool") -> "Iterator[Verdict]":
    """Read the whole spool, checking every entry."""
    from vigie.spool import upkeep
    from vigie.spool.files import FileSpool

    if isinstance(spool, FileSpool):
        yield from (upkeep.verify(path) for path in spool.segments())
    elif (waiting := _waiting(spool)) is not None:
        from vigie.spool import kafka_upkeep

        yield from kafka_upkeep.verify(waiting.spool)
        here = [*waiting.room.segments(), *waiting.refused.segments()]
        yield from (upkeep.verify(path) for path in here)
    else:
        from vigie.spool import objects_upkeep
        from vigie.spool.objects import ObjectSpool

        if isinstance(spool, ObjectSpool):
            yield from objects_upkeep.verify(spool)


def prune(
    spool: "OpenSpool", *, now: datetime, keep_days: float | None, keep_bytes: int | None,
    processed: Mapping[str, int], source: str | None, dry_run: bool,
) -> "list[Segment]":  # fmt: skip
    """Remove what is processed and older or more than the limits; return it.

    On Kafka days alone count: how many bytes a partition takes only its brokers know.
    """
    from vigie.spool import upkeep
    from vigie.spool.files import FileSpool

    if (waiting := _waiting(spool)) is not None:
        from vigie.spool import kafka_upkeep

        topic = None if source is None else waiting.spool.brokers.topic_of(source)
        return kafka_upkeep.prune(
            waiting.spool, now=now, keep_days=keep_days, processed=processed, topic=topic,
            dry_run=dry_run,
        )  # fmt: skip
    if isinstance(spool, FileSpool):
        return upkeep.prune(
            spool, now=now, keep_days=keep_days, keep_bytes=keep_bytes, processed=processed,
            source=source, dry_run=dry_run,
        )  # fmt: skip
    from vigie.spool import objects_upkeep
    from vigie.spool.objects import ObjectSpool

    if not isinstance(spool, ObjectSpool):
        return []
    return objects_upkeep.prune(
        spool, now=now, keep_days=keep_days, keep_bytes=keep_bytes, processed=processed,
        source=source, dry_run=dry_run,
    )  # fmt: skip


def _waiting(spool: "OpenSpool") -> "WaitingSpool | None":
    # Not loaded: no spool of this process is on Kafka, and its client may not be installed.
    if (module := sys.modules.get("vigie.spool.waiting")) is None:
        return None
    return spool if isinstance(spool, module.WaitingSpool) else None
