"""The edge's clock, handed to everyone else."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, to the millisecond: the edge's clock, handed to everyone else."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
