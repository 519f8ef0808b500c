"""Looking after the spool with the settings' limits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vigie.wiring.clock import now

if TYPE_CHECKING:
    from vigie.spool.upkeep import Segment, Verdict
    from vigie.wiring.instance import Instance


class SpoolUpkeep:
    """Listing, verifying and pruning the spool, with the settings' limits."""

    def __init__(self, instance: "Instance") -> None:
        self._instance = instance

    def segments(self) -> "list[Segment]":
        from vigie.spool import upkeep

        return upkeep.list_segments(self._instance.spool)

    def verify(self) -> "Iterator[Verdict]":
        from vigie.spool import upkeep

        return (upkeep.verify(path) for path in self._instance.spool.segments())

    def prune(
        self, *, keep_days: float | None, keep_gb: float | None, source: str | None, dry_run: bool
    ) -> "list[Segment]":
        """Remove what is older or more than the limits; return it."""
        from vigie.engines.embedded import CONSUMER
        from vigie.spool import upkeep

        limits = self._instance.settings.spool
        gigabytes = limits.keep_gb if keep_gb is None else keep_gb
        return upkeep.prune(
            self._instance.spool, now=now(),
            keep_days=limits.keep_days if keep_days is None else keep_days,
            keep_bytes=int(gigabytes * 1e9), source=source, dry_run=dry_run,
            processed=self._instance.store.positions(CONSUMER),
        )  # fmt: skip
