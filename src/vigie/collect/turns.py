"""Turns and breakers: when a host may be asked, agreed upon by all collectors through the agenda.

A host is asked by one request at a time, with its pause between two, never before a time it named.
A host that fails in spite of retries is left alone for a minute, then for twice as long each time,
up to an hour; after the wait one single request probes it (half open). How often a breaker opened
is kept as leases, which other processes see and which expire by themselves; so is whether the host
refused us, or failed and was silent: nobody says of the second that it refuses.

The agenda reserves turns; a busy machine may let a request leave later than its turn. So within a
collection the next one waits for its pause from when the last one really left.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from vigie.collect.unanswered import Unanswered
from vigie.contracts import Agenda

FIRST_SECONDS: Final = 60
LONGEST_SECONDS: Final = 3600
LEVELS: Final = 7  # 60 · 2⁶ is over an hour
REMEMBERED_SECONDS: Final = 3600
"""After its wait, a breaker's doubling is remembered so long."""

_GRAIN: Final = timedelta(milliseconds=5)  # timers may fire a little early


class Turn(NamedTuple):
    """A turn that was given, and what was waited for."""

    at: datetime
    pause_seconds: float
    """The least pause that was kept before it."""
    rule: str
    """Who asked for that pause (`vigie.model.politeness.RULES`)."""
    next_at: datetime
    """When the host's next turn may begin."""


class _Refusal(NamedTuple):
    rule: str
    since: datetime
    until: datetime


class Turns:
    """The turns of one collection."""

    def __init__(
        self, agenda: Agenda, now: Callable[[], datetime], patience_seconds: float
    ) -> None:
        self._agenda, self._now = agenda, now
        self._patience = timedelta(seconds=patience_seconds)
        self._locks: dict[str, asyncio.Lock] = {}
        self._levels: dict[str, int] = {}
        self._left: dict[str, datetime] = {}
        """When the last request to a host really left."""
        self._refusals: dict[str, _Refusal] = {}
        """Why a host was left alone last, as far as this collection knows."""

    def alone(self, host: str) -> asyncio.Lock:
        """Return the lock that whoever asks *host* holds."""
        return self._locks.setdefault(host, asyncio.Lock())

    async def wait(self, host: str, pause_seconds: float, rule: str = "source") -> Turn:
        """Return when it is our turn.

        Raises:
            Unanswered: ``breaker``: the host refused and is left alone; ``down``: it failed and
                is left alone; ``waiting``: it asked for a wait that
                is longer than our patience.
        """
        if host not in self._levels:
            self._levels[host] = await asyncio.to_thread(self._level, host)
        pause = timedelta(seconds=pause_seconds)
        slept = 0.0
        while True:
            slept += await self._refusal(host)
            now = self._now()
            reserved = await asyncio.to_thread(self._agenda.take, host, pause_seconds, now)
            turn = now + timedelta(seconds=reserved)
            turn = max(turn, self._left.get(host, turn - pause) + pause)
            if turn <= now:
                break
            await asyncio.sleep((turn - self._now() + _GRAIN).total_seconds())
            if await asyncio.to_thread(self._agenda.refused, host, self._now()) is None:
                break
        at = self._left[host] = self._now()
        kept, rule = self._kept(host, at, pause_seconds, rule, slept)
        return Turn(at, kept, rule, max(at, turn) + pause)

    async def refuse(self, host: str, until: datetime, rule: str = "retry-after") -> datetime:
        """Note that the host may not be asked before *until*; return the instant noted."""
        until += _GRAIN
        self._refusals[host] = _Refusal(rule, self._now(), until)
        await asyncio.to_thread(self._agenda.refuse, host, until)
        return until

    def probing(self, host: str) -> bool:
        """Return whether the host's breaker is half open: one request, no retries."""
        return self._levels.get(host, 0) > 0

    async def trip(self, host: str, *, refused: bool = False) -> datetime:
        """Open the host's breaker: nobody asks it for a minute, or twice the last wait.

        Args:
            refused: It said no; else it failed, or no answer came.

        Returns:
            Until when.
        """
        return await asyncio.to_thread(self._trip, host, refused)

    async def heal(self, host: str) -> None:
        """Close the host's breaker: it answered well."""
        if self._levels.get(host, 0):
            await asyncio.to_thread(self._heal, host)

    async def _refusal(self, host: str) -> float:
        """Sleep until the host may be asked; return for how many seconds."""
        began = self._now()
        while (
            until := await asyncio.to_thread(self._agenda.refused, host, self._now())
        ) is not None:
            wait = until - self._now()
            if self.probing(host) or wait > self._patience:
                why, detail = "waiting", f"{host} is not asked before {until:%Y-%m-%dT%H:%M:%SZ}"
                if self.probing(host):
                    down = await asyncio.to_thread(self._is_down, host)
                    why = "down" if down else "breaker"
                    detail = f"it did not answer before: {detail}" if down else detail
                raise Unanswered(why, detail, until=until)
            await asyncio.sleep(max(0.0, wait.total_seconds()) + _GRAIN.total_seconds())
        return (self._now() - began).total_seconds()

    def _kept(
        self, host: str, at: datetime, pause_seconds: float, rule: str, slept: float
    ) -> tuple[float, str]:
        """Return the longest pause that was kept before a request that leaves at *at*, and whose
        it was."""
        known = self._refusals.get(host)
        if known is not None and known.until <= at:
            del self._refusals[host]
            waited = (known.until - known.since).total_seconds()
            return (waited, known.rule) if waited > pause_seconds else (pause_seconds, rule)
        if slept > pause_seconds + _GRAIN.total_seconds() * 4:
            return slept, "agenda"
        return (pause_seconds, "breaker") if self.probing(host) else (pause_seconds, rule)

    def why_refused(self, host: str, why: str) -> str:
        """Return the rule under which the host is left alone."""
        if why in ("breaker", "down"):
            return "breaker"
        known = self._refusals.get(host)
        return "agenda" if known is None else known.rule

    def _level(self, host: str) -> int:
        """Return how often the breaker opened lately: how many of its leases are held."""
        now, level = self._now(), 0
        while level < LEVELS and not self._agenda.lease(_lease(host, level + 1), "?", now, 0):
            level += 1
        return level

    def _is_down(self, host: str) -> bool:
        return not self._agenda.lease(_down(host), "?", self._now(), 0)

    def _trip(self, host: str, refused: bool) -> datetime:
        # The level first: looking at a lease holds it until that instant, so an earlier *now* would
        # find it held and the breaker would forget that it opened.
        level = self._level(host)
        now = self._now()
        seconds = min(FIRST_SECONDS * 2**level, LONGEST_SECONDS)
        until = now + timedelta(seconds=seconds)
        self._refusals[host] = _Refusal("breaker", now, until)
        self._agenda.refuse(host, until)
        self._levels[host] = min(level + 1, LEVELS)
        for number in range(1, self._levels[host] + 1):
            self._agenda.lease(_lease(host, number), "breaker", now, seconds + REMEMBERED_SECONDS)
        if refused:
            self._agenda.release(_down(host), "breaker")
        else:
            self._agenda.lease(_down(host), "breaker", now, seconds + REMEMBERED_SECONDS)
        return until

    def _heal(self, host: str) -> None:
        for number in range(1, LEVELS + 1):
            self._agenda.release(_lease(host, number), "breaker")
        self._agenda.release(_down(host), "breaker")
        self._levels[host] = 0


def _lease(host: str, number: int) -> str:
    return f"breaker {number} of {host}"


def _down(host: str) -> str:
    return f"no answer from {host}"
