"""What the site is told about each source, and the four plain words for its state."""

from typing import Any, Final, Literal

import msgspec

from vigie.contracts import Terms
from vigie.model.fates import State

Word = Literal["ok", "empty", "late", "failing"]

WORDS: Final[dict[str, Word]] = {
    State.OK: "ok",
    State.EMPTY: "empty",
    State.LATE: "late",
    State.NOT_SCHEDULED: "late",
    State.TRUNCATED: "failing",
    State.BLOCKED: "failing",
    State.LAYOUT_CHANGED: "failing",
    State.UNREACHABLE: "failing",
}
"""State → the word that pages show: OK, Vide, En retard, En panne."""

ORDER: Final[tuple[Word, ...]] = ("failing", "late", "empty", "ok")
"""What wants attention comes first."""


class SourceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One source as its folder declares it, handed over by whoever builds the site."""

    label: str
    """The site's name as people write it."""
    kind: str
    terms: Terms
    pause: float
    """Least seconds between two requests to the site."""


def word(state: str | None) -> Word | None:
    """Return the word for *state*; None when the source was never visited or it is unknown."""
    return WORDS.get(state or "")


def found_by(row: dict[str, Any]) -> int | None:
    """Return how many listings the last visit found; None when it could not look.

    A source that refused or did not answer found nothing out: that is no zero.
    """
    looked = row.get("state") in {State.OK, State.EMPTY, State.TRUNCATED, State.LATE}
    found = row.get("found_last")
    return int(found) if found is not None and (looked or found) else None


def fill_rates(row: dict[str, Any]) -> dict[str, float]:
    """Return field → share of listings that carry it (0..1) of a row of `Shelf.sources`."""
    rates = msgspec.json.decode(row.get("fill_rates") or "{}")
    return {name: float(rate) for name, rate in rates.items() if rate is not None}
