"""What one query of a run has brought so far, and how its end reads."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from vigie.collect.job import Job, Progress, Report
from vigie.model.capture import Query, RunEnd, Scan
from vigie.model.fates import WORSE, State

LEAST_SHARE: Final = 0.9
"""Of the announced listings that a complete scan shows: lists move while they are read."""
BARREN_PAGES: Final = 5
"""So many pages in a row that list nothing new and lead to one more page: the site ignores the
page number. (Halves of a split query repeat listings too, but a split leads to two.)"""


@dataclass(kw_only=True)
class Tally:
    """Counts of one query; turned into its end and its report."""

    job: Job
    query: Query
    run: str
    started_at: datetime
    pages: int = 0
    failures: int = 0
    listed: set[str] = field(default_factory=set)
    """Native ids seen."""
    unreadable: int = 0
    announced: int | None = None
    barren: int = 0
    """Pages in a row that list nothing new and lead to one more."""
    resume: str | None = None
    """Place of the newest listing seen."""
    bounded: bool = False
    """Only the newest were asked for."""
    left: bool = False
    """Pages were left at the limit, of a source whose next run starts above what this one saw."""
    state: State = State.OK
    reason: str = ""
    """Why it was cut: the first reason that came."""

    def worsen(self, state: State, reason: str) -> None:
        """Note that something went wrong; the run has the worst of its states."""
        known = self.state if self.state in WORSE else State.OK
        self.state = max(known, state, key=WORSE.index)
        self.reason = self.reason or reason

    def brought(self, ids: set[str], unreadable: int, leads: int) -> None:
        """Note what a page listed, and to how many pages not asked before it leads."""
        self.unreadable += unreadable
        new = ids - self.listed
        self.listed |= ids
        if new or unreadable:
            self.barren = 0
        elif leads == 1:
            self.barren += 1

    def reached(self, place: str | None) -> None:
        """Note the place of a page's newest listing. Places are numbers, written as text."""
        if place is not None:
            known = self.resume or ""
            self.resume = max(known, place, key=lambda one: (len(one), one))

    def announce(self, total: int | None) -> None:
        """Add what the site announces for one of the query's first pages."""
        if total is not None:
            self.announced = total + (self.announced or 0)

    @property
    def full(self) -> bool:
        """Whether the query's limit is reached."""
        return self.query.limit is not None and len(self.listed) >= self.query.limit

    def finish(self) -> Scan:
        """Return how far the query looked; finds lists that were cut in silence."""
        if self.reason:
            return Scan.CUT
        if self.left:
            told = f"limit of {self.query.limit} reached, more was there"
            self.worsen(State.TRUNCATED, told)
            return Scan.NEWEST
        if self.bounded or self.full or self.query.since_hours is not None:
            return Scan.NEWEST
        shown = len(self.listed) + self.unreadable
        if self.announced is not None and shown < LEAST_SHARE * self.announced:
            self.worsen(State.TRUNCATED, f"{self.announced} were announced and {shown} listed")
            return Scan.CUT
        return Scan.COMPLETE

    def place(self, scan: Scan) -> str | None:
        """Return where the next run goes on; None when it asks again from where this one did.

        So it is after a query that was cut or left pages at its limit: what it did not see stands
        between. Newest-first lists cannot be continued from below, so the next run lists the same
        newest again. A topic that always has more than its limit keeps its place and says
        `truncated` every time; what lies below the limit is not seen until the limit is raised.
        """
        return None if scan is Scan.CUT or self.left else self.resume

    def end(self, at: datetime, scan: Scan) -> RunEnd:
        """Return the entry that closes the query."""
        return RunEnd(
            at=at, source=self.job.name, run=self.run, scan=scan, watch=self.job.watch,
            query=self.query.name, started_at=self.started_at, pages=self.pages,
            failures=self.failures, reason=self.reason, announced=self.announced,
            misses=self.job.misses, resume=self.place(scan),
        )  # fmt: skip

    def report(self, scan: Scan) -> Report:
        """Return what became of the query."""
        empty = self.state is State.OK and not self.listed and not self.unreadable
        return Report(
            source=self.job.name, watch=self.job.watch, query=self.query.name, run=self.run,
            pages=self.pages, failures=self.failures, listed=len(self.listed),
            announced=self.announced, scan=scan, state=State.EMPTY if empty else self.state,
            reason=self.reason,
        )  # fmt: skip

    def progress(self, *, done: bool = False) -> Progress:
        """Return how far it has come."""
        return Progress(
            source=self.job.name, watch=self.job.watch, query=self.query.name, pages=self.pages,
            failures=self.failures, listed=len(self.listed), announced=self.announced, done=done,
        )  # fmt: skip
