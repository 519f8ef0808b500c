"""An errand: asking sites for something that is not a collection, as politely as one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from vigie.collect.fetch import Fetcher
from vigie.collect.guard import Guard
from vigie.collect.job import Options, utc_now
from vigie.collect.ledger import Ledger
from vigie.collect.reactor import reactor_loop
from vigie.collect.run import ONE_AT_A_TIME
from vigie.collect.spider import Download, crawl
from vigie.collect.turns import Turns
from vigie.contracts import Agenda

Brought = TypeVar("Brought")


def run_errand(
    errand: Callable[[Fetcher], Awaitable[Brought]],
    agenda: Agenda,
    options: Options,
    *,
    now: Callable[[], datetime] = utc_now,
) -> Brought:
    """Do *errand* with a fetcher that keeps turns, robots.txt and the book of requests.

    Raises:
        StoreError: the agenda cannot be written.
        KeyboardInterrupt: the errand was broken off.
    """
    brought: list[Brought] = []

    async def work(download: Download, guard: Guard) -> None:
        ledger = Ledger(agenda)
        turns = Turns(agenda, now, options.patience_seconds)
        try:
            brought.append(
                await errand(
                    Fetcher(download, turns, options, now, withheld=guard.refused, ledger=ledger)
                )
            )
        finally:
            await ledger.close()

    with ONE_AT_A_TIME:
        future = asyncio.run_coroutine_threadsafe(_guarded(work, options), reactor_loop())
        try:
            error = future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise
    if error is not None:
        raise error
    return brought[0]


async def _guarded(
    work: Callable[[Download, Guard], Awaitable[None]], options: Options
) -> BaseException | None:
    """Return what *work* raises: inside the engine it would be logged and lost."""
    raised: list[BaseException] = []

    async def watched(download: Download, guard: Guard) -> None:
        try:
            await work(download, guard)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # raised again where it was asked for
            raised.append(error)

    await crawl(watched, options)
    return raised[0] if raised else None
