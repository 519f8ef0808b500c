"""What became of every listing found, and what state a source was in.

found = new + changed + unchanged + duplicate + rejected + quarantined, on every page and run.
"""

from enum import StrEnum

import msgspec


class Fate(StrEnum):
    """Exactly one per listing found."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    """This identity was already counted in this run and says nothing new."""
    REJECTED = "rejected"
    """Read well, and not a listing we keep (`reason` says why)."""
    QUARANTINED = "quarantined"
    """Could not be read, or held back until somebody looks (`reason`)."""


class State(StrEnum):
    """What a source's last visit was, per source, watch, query and hour."""

    OK = "ok"
    EMPTY = "empty"
    LATE = "late"
    TRUNCATED = "truncated"
    BLOCKED = "blocked"
    LAYOUT_CHANGED = "layout_changed"
    UNREACHABLE = "unreachable"
    NOT_SCHEDULED = "not_scheduled"


WORSE = (
    State.OK, State.EMPTY, State.TRUNCATED, State.UNREACHABLE, State.BLOCKED, State.LAYOUT_CHANGED,
)  # fmt: skip
"""States a page can give its run; a run has the worst of its pages, the rightmost."""


class Fates(msgspec.Struct, frozen=True, kw_only=True):
    """How many listings met each fate, and how many were closed or reopened beside."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    rejected: int = 0
    quarantined: int = 0
    closed: int = 0
    reopened: int = 0

    @property
    def found(self) -> int:
        """Listings found: the sum of the six fates. Closed and reopened are events beside it."""
        return (
            self.new + self.changed + self.unchanged
            + self.duplicate + self.rejected + self.quarantined
        )  # fmt: skip

    def __add__(self, other: "Fates") -> "Fates":
        return Fates(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )

    def counts(self) -> dict[str, int]:
        """Return every count by its name, `found` first."""
        return {"found": self.found, **{n: getattr(self, n) for n in self.__struct_fields__}}
