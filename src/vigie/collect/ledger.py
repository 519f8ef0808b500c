"""The book of requests: every one is noted, and written to the agenda a second later at most.

Writing waits for no request and no request waits for writing. A kill loses what was noted in its
last second, never what was written; an end, an interruption and a stop lose nothing.
"""

import asyncio
import contextlib
from datetime import datetime
from typing import Final

from vigie.collect.undisturbed import undisturbed
from vigie.contracts import Agenda
from vigie.errors import VigieError
from vigie.model.politeness import Asked

EVERY_SECONDS: Final = 1.0
MOST_ROWS: Final = 200
"""So many are written at once, before the second is over."""


class Ledger:
    """What one collection asked, on its way to the agenda. Lives on the reactor's loop."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._rows: list[Asked] = []
        self._full = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None

    def note(self, asked: Asked) -> None:
        """Take note of one request; returns at once."""
        self._rows.append(asked)
        if len(self._rows) >= MOST_ROWS:
            self._full.set()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_soon())

    async def flush(self) -> None:
        """Write what is noted.

        Raises:
            StoreError: the agenda cannot be written; what is noted is kept for the next time.
        """
        async with self._one_at_a_time:
            rows, self._rows = self._rows, []
            if not rows:
                return
            try:
                await undisturbed(lambda: self._agenda.note(rows))
            except VigieError:
                self._rows = rows + self._rows
                raise

    async def close(self) -> None:
        """Write the rest; nothing is noted after."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait([self._writer])
        await self.flush()

    async def _write_soon(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._full.wait(), EVERY_SECONDS)
        self._full.clear()
        self._writer = None
        with contextlib.suppress(VigieError):  # the end of the visit tries again, and tells
            await self.flush()


def later(*instants: datetime | None) -> datetime | None:
    """Return the latest of the instants that are known."""
    return max((at for at in instants if at is not None), default=None)
