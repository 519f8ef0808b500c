"""What the pages and the API are built from: everything concrete is handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from vigie.contracts import Search, Shelf
from vigie.settings import ServeSettings
from vigie.web.facts import SourceFacts


def _now() -> datetime:
    return datetime.now(UTC)


def _unknown(_capture_id: str) -> str | None:
    return None


@dataclass(frozen=True)
class Site:
    """One running site."""

    shelf: Shelf
    search: Search
    settings: ServeSettings
    sources: Mapping[str, SourceFacts]
    demo: bool = False
    asked: Callable[[str], str | None] = _unknown
    """Capture id → what its request asked beside its address; None when there was nothing more."""
    now: Callable[[], datetime] = _now
    """The clock, for ages and "last 24 hours"; tests hand in a still one."""
