"""What one run of a stream has brought, query by query, and how its ends read."""

import time
from dataclasses import dataclass, field
from datetime import datetime

from vigie.collect.job import Job, Progress, Report
from vigie.collect.unanswered import Unanswered
from vigie.model.capture import Failure, RunEnd, Scan
from vigie.model.fates import State
from vigie.model.identity import digest, run_id


@dataclass
class Count:
    """What one query brought in this run."""

    pages: int = 0
    kept: int = 0


@dataclass(kw_only=True)
class Heard:
    """The counts of one run; turned into its ends and reports."""

    job: Job
    started_at: datetime
    run: str = ""
    counts: dict[str, Count] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    """What the stream no longer had when it was asked again."""
    failed: int = 0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        salt = digest(self.job.name, str(time.monotonic_ns()))
        self.run = self.run or run_id(self.started_at, salt)
        self.counts = self.counts or {query.name: Count() for query in self.job.queries}

    @property
    def first(self) -> str:
        """The query that stands for the stream: failures are told once, not once a query."""
        return next(iter(self.counts), "")

    def brought(self, name: str, messages: int) -> None:
        """Count a capture of *messages* for the query *name*."""
        count = self.counts.setdefault(name, Count())
        count.pages += 1
        count.kept += messages

    def failure(self, error: Unanswered, url: str, at: datetime) -> Failure:
        """Count a connection that came to nothing; return its entry."""
        self.failed += 1
        return Failure(
            at=at, source=self.job.name, url=url.partition("?")[0], run=self.run, why=error.why,
            watch=self.job.watch, query=self.first, detail=error.detail[:300],
        )  # fmt: skip

    def ends(
        self, at: datetime, *, position: str | None, broke: str, silent: bool
    ) -> tuple[list[RunEnd], list[Report]]:
        """Return the ends of the run and its reports, one per query; absence in a stream means
        nothing, so none is complete.

        Args:
            position: Where the next run goes on.
            broke: What ended the listening before its time.
            silent: The stream could not be reached when the run ended.
        """
        reason = "; ".join([*self.missed, broke[:300]] if broke else self.missed)
        if silent:
            reason = reason or str(State.UNREACHABLE)
        scan = Scan.CUT if reason else Scan.NEWEST
        state = State.TRUNCATED if self.missed or broke else State.OK
        state = State.UNREACHABLE if silent else state
        ends, reports = [], []
        for name, count in self.counts.items():
            failures = self.failed if name == self.first else 0
            ends.append(RunEnd(
                at=at, source=self.job.name, run=self.run, scan=scan, watch=self.job.watch,
                query=name, started_at=self.started_at, pages=count.pages, failures=failures,
                reason=reason, resume=position, misses=self.job.misses,
            ))  # fmt: skip
            empty = state is State.OK and not count.kept
            reports.append(Report(
                source=self.job.name, watch=self.job.watch, query=name, run=self.run,
                pages=count.pages, failures=failures, listed=count.kept, announced=None, scan=scan,
                state=State.EMPTY if empty else state, reason=reason,
            ))  # fmt: skip
        return ends, reports

    def progress(self, name: str, *, done: bool = False) -> Progress:
        """Return how far the query *name* has come."""
        count = self.counts.get(name, Count())
        return Progress(
            source=self.job.name, watch=self.job.watch, query=name, pages=count.pages,
            failures=self.failed, listed=count.kept, announced=None, done=done,
        )  # fmt: skip
