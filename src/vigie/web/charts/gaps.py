"""What was observed and what was not, hour by hour: where a chart over time has to be hatched.

A line drawn through an hour without a visit would say that nothing happened then. So a chart first
hatches its `gaps`, and draws only over the rest.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
import polars as pl

from vigie.model.fates import State

HOUR: Final = timedelta(hours=1)
Look = Literal["ok", "empty", "late", "not_scheduled", "failing", "never"]

LOOKS: Final[dict[str, Look]] = {
    State.NOT_SCHEDULED: "not_scheduled",
    State.EMPTY: "empty",
    State.OK: "ok",
    State.LATE: "late",
    State.TRUNCATED: "failing",
    State.UNREACHABLE: "failing",
    State.BLOCKED: "failing",
    State.LAYOUT_CHANGED: "failing",
}
"""State → how an hour is drawn, the better before the worse. An empty query beside a full one is no
alarm, and a visit to one query makes up for none to another that was not due."""
OBSERVED: Final = frozenset({"ok", "empty"})
_RANK: Final = {str(state): rank for rank, state in enumerate(LOOKS)}


class Stretch(msgspec.Struct, frozen=True):
    """Hours on end that look alike."""

    start: datetime
    end: datetime
    """Not included."""
    look: Look


def worst(states: Iterable[str]) -> str:
    """Return the worst of *states*, at least one."""
    return max(states, key=lambda state: _RANK.get(state, len(_RANK)))


def by_hour(rows: pl.DataFrame) -> dict[datetime, str]:
    """Return the worst state of each hour among *rows* (`Shelf.coverage`), whatever their scope."""
    found: dict[datetime, str] = {}
    for hour, state in rows.select("hour", "state").iter_rows():
        found[hour] = worst((state, found[hour])) if hour in found else state
    return found


def stretches(rows: pl.DataFrame, since: datetime, until: datetime) -> list[Stretch]:
    """Return what ``[since, until)`` looks like, without a hole, in order.

    Args:
        rows: As `Shelf.coverage` gives them, of the scopes that the chart is about. An hour that
            has none of them is *never*: before the first visit.
    """
    states = by_hour(rows)
    found: list[Stretch] = []
    start = since
    while start < until:
        hour = start.replace(minute=0, second=0, microsecond=0)
        end = min(hour + HOUR, until)
        look = LOOKS.get(states[hour], "failing") if hour in states else "never"
        if found and found[-1].look == look:
            start = found.pop().start
        found.append(Stretch(start, end, look))
        start = end
    return found


def gaps(rows: pl.DataFrame, since: datetime, until: datetime) -> list[Stretch]:
    """Return the stretches of ``[since, until)`` that are to be hatched: nothing was observed, or
    not all that there was."""
    return [part for part in stretches(rows, since, until) if part.look not in OBSERVED]
