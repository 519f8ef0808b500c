"""When a watch's sources are due again: a pure function of the last turn and the recipe."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from vigie.model.watch import Watch


def next_turn(last: datetime, minutes: float, at: str = "") -> datetime:
    """Return when what started at *last* starts again.

    Args:
        at: HH:MM in UTC: turns are counted from that time of the day on.
    """
    pause = timedelta(minutes=minutes)
    if not at:
        return last + pause
    hour, minute = map(int, at.split(":"))
    start = last.replace(hour=hour, minute=minute, second=0, microsecond=0)
    start -= timedelta(days=1) if start > last else timedelta(0)
    return start + pause * ((last - start) // pause + 1)


class Turns:
    """Which sources of a watch are due, and how long until one is. The clock is the caller's."""

    def __init__(self, watch: Watch, started: Mapping[str, datetime]) -> None:
        """Begin after the last starts of sources, as the ledger knows them.

        A source that was never asked is due at once. Fallbacks have no turn of their own.
        """
        self._watch = watch
        self._cadences = {
            source.name: cadence
            for source in watch.source
            if not source.fallback and (cadence := watch.cadence_of(source)) is not None
        }
        self._next = {
            name: next_turn(started[name], cadence, watch.at)
            for name, cadence in self._cadences.items()
            if name in started
        }

    def __bool__(self) -> bool:
        return bool(self._cadences)

    def due(self, now: datetime) -> tuple[str, ...]:
        """Return the sources that are due."""
        return tuple(name for name in self._cadences if self._next.get(name, now) <= now)

    def begin(self, names: tuple[str, ...], now: datetime) -> None:
        """Note that these start now; turns that were missed meanwhile are not made up for."""
        for name in names:
            self._next[name] = next_turn(now, self._cadences[name], self._watch.at)

    def put_off(self, names: tuple[str, ...], until: datetime) -> None:
        """Note that the turn of these came to nothing, and is to be had at *until*."""
        self._next |= dict.fromkeys(names, until)

    def wait_seconds(self, now: datetime) -> float:
        """Return the seconds until a source is due."""
        waits = [(self._next.get(name, now) - now).total_seconds() for name in self._cadences]
        return max(0.0, min(waits, default=0.0))
