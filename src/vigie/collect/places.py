"""Where a query goes on: under which name its place is kept, and who goes on at all.

A place says "everything up to here was seen", and that holds for one question alone. Another
watch, other words under an old name, or another server has seen nothing yet: it starts anew.
Listings that come twice are recognised; those that nobody asked for again are lost.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from vigie.contracts import AnySource
from vigie.model.capture import Query
from vigie.model.identity import digest

SINCE: Final = "since_id"
"""Option in which a place comes back, see `vigie.contracts.Resuming`."""


MANNERS: Final = frozenset({"pause_seconds"})
"""Settings of a source that say how it is asked, not what."""


def place_name(watch: str, query: Query, source: AnySource | None = None) -> str:
    """Return the name of *query*'s place: another one for every watch and everything asked.

    So are the settings of *source* that are not as they ship (a server, an archive instead of the
    last days). A limit is not part of it: a run that leaves pages at its limit leaves the place
    too.
    """
    options = sorted(one for one in query.options.items() if one[0] != SINCE)
    window = None if query.since_hours is None else str(query.since_hours)
    return digest(
        watch, query.name, query.words, query.place, window,
        *(part for option in options for part in option),
        *(part for setting in _settings(source) for part in setting),
    )  # fmt: skip


def _settings(source: Any) -> Iterator[tuple[str, str]]:
    """Yield the settings of *source* that differ from their defaults, by name; no secret."""
    if not dataclasses.is_dataclass(source):
        return
    for setting in sorted(dataclasses.fields(source), key=lambda one: one.name):
        value = getattr(source, setting.name)
        if setting.name in MANNERS or setting.metadata.get("secret") or value == setting.default:
            continue
        yield f"setting {setting.name}", repr(value)


def goes_on(source: AnySource, query: Query) -> bool:
    """Whether *query* starts where its last run ended. One that says itself where to start does
    not, and leaves no place: what lies before its start was not seen."""
    return hasattr(source, "resume") and SINCE not in query.options


def going_on(query: Query, place: str | None) -> Query:
    """Return *query*, asked from *place* on; as it is when there is none."""
    if place is None:
        return query
    return msgspec.structs.replace(query, options=query.options | {SINCE: place})
