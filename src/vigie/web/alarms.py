"""Open and past alarms, as rows that pages and API tell."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
import polars as pl
from markupsafe import Markup

from vigie.contracts import Shelf
from vigie.web.alarm_words import sentence
from vigie.web.labels import Labels
from vigie.web.language import Language

HELD: Final = "held:"
"""How the reason of a row begins that was held before it was published."""
LOOKED_AT: Final = 5_000
"""Newest quarantined rows of a source that are looked through."""
EXAMPLES: Final = 3


class ToldAlarm(msgspec.Struct, frozen=True):
    """Alarms of one name that say the same, as a page shows them."""

    alarm: str
    told: Markup
    pages: int
    at: datetime
    run: str
    status: str


class Example(msgspec.Struct, frozen=True):
    """Rows of one page that were set aside for one cause."""

    url: str | None
    items: tuple[int, ...]
    """Their places on the page, the first is 1."""
    detail: str | None


class Group(msgspec.Struct, frozen=True):
    """What one run set aside for one reason."""

    fate: str
    reason: str
    alarm: str | None
    """The alarm that it is held for."""
    count: int
    examples: tuple[Example, ...]


def alike(alarms: Iterable[dict[str, Any]]) -> list[list[list[dict[str, Any]]]]:
    """Return *alarms* (rows of `Shelf.alarms`, newest first) that are told as one: of several runs
    by their newest, and together the fields of which it says the very same."""
    by_field: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in alarms:
        by_field.setdefault((row["alarm"], row["field"], row["status"]), []).append(row)
    found: dict[tuple[str, ...], list[list[dict[str, Any]]]] = {}
    for rows in by_field.values():
        key = tuple(rows[0][name] for name in ("alarm", "status", "run", "seen", "expected"))
        found.setdefault(key, []).append(rows)
    return list(found.values())


def tell(alarms: Iterable[dict[str, Any]], labels: Labels, language: Language) -> list[ToldAlarm]:
    """Return *alarms* in words, those `alike` told once."""
    return [
        ToldAlarm(
            alarm=told[0][0]["alarm"],
            told=sentence(told[0][0], [rows[0]["field"] for rows in told], labels, language),
            pages=max(sum(row["pages"] for row in rows) for rows in told),
            at=told[0][0]["at"],
            run=told[0][0]["run"],
            status=told[0][0]["status"],
        )
        for told in alike(alarms)
    ]


def of_run(shelf: Shelf, run: str, sources: Iterable[str]) -> list[dict[str, Any]]:
    """Return every alarm that *run* raised, settled ones too."""
    return [row for source in sources for row in shelf.alarms(source, run, every=True).to_dicts()]


def held_rows(shelf: Shelf, source: str) -> int:
    """Return how many rows of *source* wait to be looked at, among the newest `LOOKED_AT`."""
    rows = shelf.quarantine(LOOKED_AT, source)
    return rows.filter(pl.col("reason").str.starts_with(HELD)).height


def set_aside(
    shelf: Shelf, run: str, sources: Iterable[str], pages: pl.DataFrame, *, owner: bool
) -> tuple[list[Group], bool]:
    """Return what *run* quarantined and rejected, by reason, the most frequent first; and whether
    there may be more than was looked through.

    Args:
        sources: Those of the run that set anything aside.
        pages: The run's pages, for the examples' addresses.
        owner: Whoever is not gets no example of posts: they would say what somebody said.
    """
    where = {row["capture_id"]: row["url"] for row in pages.iter_rows(named=True)}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    cut = False
    for source in sources:
        rows = shelf.quarantine(LOOKED_AT, source, run)
        cut = cut or rows.height == LOOKED_AT
        for row in rows.iter_rows(named=True):
            groups.setdefault((row["fate"], row["reason"] or ""), []).append(row)
    found = [_group(*key, rows, where, owner) for key, rows in groups.items()]
    return sorted(found, key=lambda group: -group.count), cut


def _group(
    fate: str, reason: str, rows: list[dict[str, Any]], where: dict[str, str], owner: bool
) -> Group:
    # The newest stand first; people read a page from its first item on.
    shown = [row for row in reversed(rows) if owner or row["kind"] != "post"][:EXAMPLES]
    alarm = reason.removeprefix(HELD) if reason.startswith(HELD) else None
    alike: dict[tuple[str | None, str | None], list[int]] = {}
    for row in shown:
        # What held a page is told by the run's alarms, in the visitor's words.
        key = (where.get(row["capture_id"]), None if alarm else row["detail"])
        places = alike.setdefault(key, [])
        if row["item"] is not None:
            places.append(row["item"] + 1)
    examples = tuple(Example(url, tuple(items), detail) for (url, detail), items in alike.items())
    return Group(fate, reason, alarm, len(rows), examples)
