"""A collection: every job's source visited at the same time, entries in the spool, reports back."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from vigie.collect.fetch import Fetcher
from vigie.collect.guard import Guard
from vigie.collect.job import Job, Options, Progress, Report, utc_now
from vigie.collect.ledger import Ledger
from vigie.collect.reactor import reactor_loop
from vigie.collect.spider import Download, crawl
from vigie.collect.turns import Turns
from vigie.collect.visit import Visit
from vigie.contracts import Agenda, Spool
from vigie.errors import VigieError

ONE_AT_A_TIME: Final = threading.Lock()
"""The guard is the reactor's: collections of one process take turns."""
_GLANCE_SECONDS: Final = 0.2
"""How often an interruption is looked for."""


def collect(
    jobs: Sequence[Job],
    spool: Spool,
    agenda: Agenda,
    options: Options,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    now: Callable[[], datetime] = utc_now,
    stop: threading.Event | None = None,
) -> list[Report]:
    """Visit the source of every job and spool what it answers.

    Sources are visited at the same time and never wait for each other; the queries of one source
    follow each other. Each query writes captures, failures and one end of run.

    Args:
        on_progress: Called on this thread after every page, failure and end.
        now: The clock, in UTC, to the millisecond.
        stop: Set it to end early: what is under way is cut, its ends are spooled.

    Returns:
        One report per job and query, in their order.

    Raises:
        SpoolError: the spool cannot be written; what was spooled before stays.
        StoreError: the agenda cannot be written; what was spooled stays.
        KeyboardInterrupt: after the ends of what was under way have been spooled.
    """
    if not jobs:
        return []
    with ONE_AT_A_TIME:
        return _Collection(jobs, spool, agenda, options, now).run(on_progress, stop)


class _Collection:
    """Stands between the caller's thread and the reactor's."""

    def __init__(
        self,
        jobs: Sequence[Job],
        spool: Spool,
        agenda: Agenda,
        options: Options,
        now: Callable[[], datetime],
    ) -> None:
        self._jobs, self._spool, self._agenda = jobs, spool, agenda
        self._options, self._now = options, now
        self._news = queue.SimpleQueue[Progress | None]()
        self._loop = reactor_loop()
        self._visits: list[asyncio.Task[list[Report]]] = []
        self._stopped = False

    def run(
        self, on_progress: Callable[[Progress], None] | None, stop: threading.Event | None
    ) -> list[Report]:
        future = asyncio.run_coroutine_threadsafe(self._work(), self._loop)
        future.add_done_callback(lambda _: self._news.put(None))
        interrupted = 0
        while True:
            if stop is not None and stop.is_set():
                self._loop.call_soon_threadsafe(self._cut)
            try:
                news = self._news.get(timeout=_GLANCE_SECONDS)
                if news is None:
                    break
                if on_progress is not None:
                    on_progress(news)
            except queue.Empty:
                continue
            except KeyboardInterrupt:
                interrupted += 1
                self._loop.call_soon_threadsafe(self._cut)
                if interrupted > 1:
                    raise
            except BaseException:  # the caller's own error in on_progress
                self._loop.call_soon_threadsafe(self._cut)
                raise
        reports = future.result()
        if interrupted:
            raise KeyboardInterrupt
        return reports

    def _cut(self) -> None:
        if not self._stopped:
            self._stopped = True
            for visit in self._visits:
                visit.cancel()

    async def _work(self) -> list[Report]:
        outcome: list[list[Report] | BaseException] = []

        async def work(download: Download, guard: Guard) -> None:
            turns = Turns(self._agenda, self._now, self._options.patience_seconds)
            ledger = Ledger(self._agenda)
            fetcher = Fetcher(
                download, turns, self._options, self._now, withheld=guard.refused, ledger=ledger
            )
            self._visits = [
                asyncio.create_task(self._visit(job, fetcher, ledger)) for job in self._jobs
            ]
            if self._stopped:  # asked for before there was anything to cut
                self._stopped = False
                self._loop.call_soon(self._cut)  # each visit has started by then
            for visit in self._visits:
                visit.add_done_callback(self._one_done)
            outcome.extend(await asyncio.gather(*self._visits, return_exceptions=True))
            try:
                await ledger.close()
            except VigieError as error:
                outcome.append(error)

        await crawl(work, self._options)
        for found in outcome:
            if isinstance(found, BaseException):
                raise found
        return [report for reports in outcome if isinstance(reports, list) for report in reports]

    def _one_done(self, visit: "asyncio.Task[list[Report]]") -> None:
        """A visit raises only when spool or agenda fail: then no other can go on either."""
        if not visit.cancelled() and visit.exception() is not None:
            self._cut()

    async def _visit(self, job: Job, fetcher: Fetcher, ledger: Ledger) -> list[Report]:
        visit = Visit(
            job=job, fetcher=fetcher, spool=self._spool, agenda=self._agenda,
            options=self._options, now=self._now, tell=self._news.put,
        )  # fmt: skip
        reports = await visit.run()
        # Cut after its end, or the store away for a moment: closing writes the rest, or says why.
        with contextlib.suppress(asyncio.CancelledError, VigieError):
            await ledger.flush()
        return reports
