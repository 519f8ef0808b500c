"""The states of the sources, as pages show them: four plain words, with the reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from vigie.web.facts import ORDER, SourceFacts, fill_rates, found_by, word
from vigie.web.site import Site

IMPORTED: Final = "imported"
"""Word of a source that was never visited and is known from files."""
NEVER: Final = "never"


class SourceState(msgspec.Struct, frozen=True):
    """One source: what it is, how its last visit went, what it usually gives."""

    name: str
    label: str
    kind: str | None
    facts: SourceFacts | None
    word: str
    state: str | None
    why: str | None
    held: str | None
    last_run: str | None
    last_run_at: datetime | None
    last_success_at: datetime | None
    found: int | None
    usual: float | None
    open: int
    total: int
    fill: dict[str, float]
    imported_run: str | None = None
    imported_at: datetime | None = None
    imported_found: int | None = None
    alarms: tuple[dict[str, Any], ...] = ()
    """Those that nobody has settled, as `Shelf.alarms` gives them, newest first."""


def source_states(site: Site) -> list[SourceState]:
    """Return every source known or seen; what wants attention comes first."""
    seen = {row["source"]: row for row in site.shelf.sources().iter_rows(named=True)}
    alarms: dict[str, list[dict[str, Any]]] = {}
    for alarm in site.shelf.alarms().to_dicts():
        alarms.setdefault(alarm["source"], []).append(alarm)
    states = [
        _state(name, site, seen.get(name), alarms.get(name, ())) for name in {*seen, *site.sources}
    ]
    rank = {name: place for place, name in enumerate((*ORDER, IMPORTED, NEVER))}
    return sorted(
        states,
        key=lambda state: (
            not state.alarms,
            rank[state.word],
            state.label.casefold(),
        ),
    )


def _state(
    name: str, site: Site, row: dict[str, Any] | None, alarms: Sequence[dict[str, Any]]
) -> SourceState:
    facts, known = site.sources.get(name), row or {}
    visited = known.get("last_run") is not None
    unvisited = IMPORTED if known.get("imported_run") else NEVER
    return SourceState(
        name=name,
        label=facts.label if facts else name,
        kind=facts.kind if facts else known.get("kind"),
        facts=facts,
        word=(word(known.get("state")) or "failing") if visited else unvisited,
        state=known.get("state") if visited else None,
        why=known.get("why"),
        held=known.get("held"),
        last_run=known.get("last_run"),
        last_run_at=known.get("last_run_at"),
        last_success_at=known.get("last_success_at"),
        found=found_by(known),
        usual=known.get("found_usual"),
        open=known.get("open") or 0,
        total=known.get("total") or 0,
        fill=fill_rates(known),
        imported_run=known.get("imported_run"),
        imported_at=known.get("imported_at"),
        imported_found=known.get("imported_found"),
        alarms=tuple(alarms),
    )
