"""`vigie sources politeness`: what was asked of each host, and whether every pause was kept."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from vigie.cli.context import say
from vigie.cli.output import Format, show
from vigie.errors import UsageError
from vigie.model.politeness import ROBOTS_PATH, Asked

if TYPE_CHECKING:
    from vigie.wiring import Instance

MOST: Final = 200_000
"""Requests that one report looks at."""
_SINCE: Final = re.compile(r"(\d{1,5})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
COLUMNS: Final = (
    "host", "source", "requests", "refusals", "not_asked", "least_seconds", "pause_seconds", "rule",
    "next_at", "robots", "terms",
)  # fmt: skip


def duration(text: str) -> timedelta:
    """Return what ``30m``, ``24h`` or ``7d`` say.

    Raises:
        UsageError: it says something else.
    """
    found = _SINCE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no duration: write 30m, 24h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def report(
    here: "Instance", *, name: str | None, host: str | None, since: datetime, each: bool,
    form: Format,
) -> None:  # fmt: skip
    """Print what was asked since *since*, per host or request by request."""
    import polars as pl

    rows = here.agenda.asked(since, host, MOST)
    if len(rows) == MOST:
        say(f"only the newest {MOST} requests are looked at: see --since and --host")
    if name is not None:
        # A host's pauses are kept by all of its sources together: all are looked at.
        hosts = {row.host for row in rows if row.source == name}
        rows = [row for row in rows if row.host in hosts]
    if not rows:
        say("nothing was asked in that time")
    if each:
        names = Asked.__struct_fields__
        shown = [{field: getattr(row, field) for field in names} for row in rows]
        columns = ("at", "host", "source", "status", "outcome", "rule", "pause_seconds", "url")
        show(pl.DataFrame(shown, infer_schema_length=None), form, columns if shown else None)
        return
    told = [_host_row(here, group) for group in _by_host(rows)]
    show(pl.DataFrame(told, infer_schema_length=None), form, COLUMNS if told else None)


def summary(rows: Sequence[Asked]) -> dict[str, Any]:
    """Return the figures of one host, whose requests are in order.

    ``least_seconds`` is the shortest time seen between two requests that left, by the clock of the
    machines that asked; ``pause_seconds`` the shortest that a rule demanded, and ``rule`` whose.
    """
    made = [row for row in rows if row.made]
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(made)]
    least = min(made or rows, key=lambda row: row.pause_seconds)
    return {
        "host": rows[0].host,
        "source": ", ".join(sorted({row.source for row in rows})),
        "requests": len(made),
        "refusals": sum(row.status in (401, 403, 429, 451, 503) for row in made),
        "not_asked": len(rows) - len(made),
        "least_seconds": min(gaps, default=None),
        "pause_seconds": least.pause_seconds,
        "rule": ", ".join(sorted({row.rule for row in rows})),
        "next_at": max((row.next_at for row in rows if row.next_at), default=None),
        "robots": _robots(rows),
    }


def _robots(rows: Sequence[Asked]) -> str:
    forbidden = sum(row.outcome == "robots" for row in rows)
    refused = f", {forbidden} refused" if forbidden else ""
    for row in reversed(rows):
        if row.url.endswith(ROBOTS_PATH):
            said = row.outcome if row.status is None else f"status {row.status}"
            return f"{said}, {row.at:%Y-%m-%d %H:%M}{refused}"
    return f"not read in that time{refused}"


def _host_row(here: "Instance", rows: Sequence[Asked]) -> dict[str, Any]:
    read = []
    for name in sorted({row.source for row in rows}):
        source = here.find(name)
        if source is not None:
            read.append(f"{name}: read on {source.terms.read_on}" if source.terms.read_on
                        else f"{name}: unread")  # fmt: skip
    return {**summary(rows), "terms": ", ".join(read)}


def _by_host(rows: Iterable[Asked]) -> list[list[Asked]]:
    groups: dict[str, list[Asked]] = {}
    for row in rows:
        groups.setdefault(row.host, []).append(row)
    return [groups[host] for host in sorted(groups)]
