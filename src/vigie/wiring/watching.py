"""One visit of a watch: ask its sources, process what they said, write its files.

What one source cannot do never takes the others away: a setting that is wrong, credentials that
are missing and a site that blocks are told beside what the others found. When a source cannot be
seen, the fallbacks of the watch are asked in its place, and what they tell is labelled so.
"""

import os
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from vigie.errors import SourceError, UsageError, VigieError
from vigie.model.identity import digest
from vigie.model.watch import Watch, WatchedSource
from vigie.wiring.clock import now

if TYPE_CHECKING:
    from vigie.collect.job import Job, Progress, Report
    from vigie.model.fates import Fates
    from vigie.model.position import Span
    from vigie.wiring.exports import Written
    from vigie.wiring.instance import Instance
    from vigie.wiring.landing import Landed
    from vigie.wiring.stage import StandIn

LEASE_SECONDS: Final = 900.0
UNSEEN: Final = ("blocked", "unreachable", "layout_changed")
"""States of a source in which its fallbacks are asked."""


class WatchBusy(SourceError):
    """Another process is running the watch; nothing was asked."""


@dataclass(kw_only=True)
class WatchRun:
    """What came of one visit of a watch."""

    at: datetime
    reports: list["Report"] = field(default_factory=list)
    """One per source and query that was asked."""
    broken: dict[str, str] = field(default_factory=dict)
    """Source → why nothing could be asked of it, or its stream not be heard to the end."""
    fallback: tuple[str, ...] = ()
    """Sources that were asked in the place of others."""
    instead_of: tuple[str, ...] = ()
    """Sources that could not be seen."""
    files: list["Written"] = field(default_factory=list)
    landed: list["Landed"] = field(default_factory=list)

    @property
    def runs(self) -> frozenset[str]:
        """The runs of this visit, one per source that was asked."""
        return frozenset(report.run for report in self.reports)


@dataclass(frozen=True, kw_only=True)
class Told:
    """Whom to tell how a visit goes on."""

    page: Callable[["Progress"], None] = lambda _progress: None
    batch: Callable[["Span", "Fates"], None] = lambda _span, _fates: None


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which part of a watch to run. Empty: all of it."""

    sources: Collection[str] = ()
    queries: Collection[str] = ()
    standby: bool = False
    """Fallbacks stand by although sources are chosen: those are all that are due."""


ALL: Final = Chosen()
NOBODY: Final = Told()


def run_watch(
    here: "Instance", watch: Watch, *, only: Chosen = ALL, spool_only: bool = False,
    beside: bool = False, stand_in: "StandIn | None" = None, told: Told = NOBODY,
) -> WatchRun:  # fmt: skip
    """Visit the sources of *watch* once, process, and write its files.

    Args:
        only: Ask only these sources and queries; the files are written whole all the same.
        spool_only: Keep the captures; neither process nor write files.
        beside: Another process stores what is spooled; the files tell what it has stored by then.
        stand_in: The demo's sites, instead of the real ones.

    Raises:
        UsageError: *only* names a source or query that the watch has not, or nothing in the watch
            can be visited.
        ConfigError: an export asks for a column that is not there.
        WatchBusy: another process is at it.
        StoreError, SpoolError: nothing of the batch was kept; what was spooled stays.
    """
    from vigie.wiring.exports import check_exports, write_exports
    from vigie.wiring.listening import Listening
    from vigie.wiring.sparking import process

    check_exports(watch)
    clock = now if stand_in is None else stand_in.clock
    done = WatchRun(at=clock())
    first = jobs_of(here, watch, only, done.broken)
    later: list[Job] = []
    if only.standby or not only.sources:
        later = jobs_of(here, watch, only, done.broken, fallback=True)
    if not first and not done.broken:
        raise UsageError(
            f"the watch {watch.name} looks at files only: use `vigie import FILE --map NAME`, "
            f"then `vigie watch export {watch.name}`"
        )
    with _leases(here, watch, [*first, *later]) as renew:

        def page(progress: "Progress") -> None:
            renew()
            told.page(progress)

        def batch(span: "Span", fates: "Fates") -> None:
            renew()
            told.batch(span, fates)

        seconds = {source.name: source.stream_seconds for source in watch.source}
        streams = [job for job in first if seconds[job.name] > 0]
        with Listening(here, streams, seconds, stand_in) as listening:
            done.reports += here.collect(first, on_progress=page, stand_in=stand_in)
            heard, unheard = listening.wait(renew)
        done.reports += heard
        unseen = {one.source for one in done.reports if str(one.state) in UNSEEN}
        unseen |= done.broken.keys() - {one.name for one in watch.source if one.fallback}
        # A source whose stream failed was asked all the same: nobody stands in for it.
        done.broken |= unheard
        if unseen and later:
            done.instead_of = tuple(sorted(unseen))
            done.fallback = tuple(job.name for job in later)
            done.reports += here.collect(later, on_progress=page, stand_in=stand_in)
        if not spool_only:
            if not beside:
                process(here, on_batch=batch)
            done.files = write_exports(here, watch, at=done.at, runs=done.runs)
            done.landed = _landed(here, watch, done)
    return done


def jobs_of(
    here: "Instance", watch: Watch, only: Chosen, broken: dict[str, str], *, fallback: bool = False
) -> "list[Job]":
    """Return what to ask of the watch's sources, or of its fallbacks; those that cannot be made
    are noted in *broken*.

    Raises:
        UsageError: *only* names what the watch does not have.
    """
    check_chosen(watch, only)
    made = []
    for source in watch.source:
        named = source.name in only.sources
        first = named if only.sources else not source.fallback
        if not (source.fallback and not named if fallback else first):
            continue
        queries = [
            query for query in watch.queries(source)
            if not only.queries or query.name in only.queries
        ]  # fmt: skip
        try:
            if is_file(here, source) or not queries:
                continue
            made.append(
                here.job(
                    source.name, queries, watch=watch.name, misses=watch.misses,
                    settings=source.settings,
                )
            )  # fmt: skip
        except VigieError as error:
            broken[source.name] = str(error)
    return made


def _landed(here: "Instance", watch: Watch, done: WatchRun) -> "list[Landed]":
    if not here.settings.landing.url:
        return []
    from vigie.wiring.landing import land

    return land(here, watch, done.runs, done.at)


def is_file(here: "Instance", source: WatchedSource) -> bool:
    """Whether the source is imported, not visited; one that cannot be made is not known to be."""
    try:
        return bool(getattr(here.source(source.name, source.settings), "files_only", False))
    except VigieError:
        return False


def started(here: "Instance", watch: Watch) -> dict[str, datetime]:
    """Return when each source of the watch was last asked."""
    rows = here.store.last_runs(watch.name).group_by("source").max()
    return dict(rows.select("source", "started_at").iter_rows())


def check_chosen(watch: Watch, only: Chosen) -> None:
    """Raise UsageError when *only* names a source or query that *watch* does not have."""
    import difflib

    known = {
        "source": [source.name for source in watch.source],
        "query": list({
            query.name: None for source in watch.source for query in watch.queries(source)
        }),
    }  # fmt: skip
    for what, asked in (("source", only.sources), ("query", only.queries)):
        for name in asked:
            if name not in known[what]:
                near = difflib.get_close_matches(name, known[what], n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known[what])}."
                raise UsageError(f"the watch {watch.name} has no {what} {name!r}. {hint}")


@contextmanager
def _leases(here: "Instance", watch: Watch, jobs: "Sequence[Job]") -> Iterator[Callable[[], None]]:
    """Hold a lease for each source and query that is asked, so that no two schedulers ask it at
    once, while parts of one watch can be run side by side."""
    owner = f"{socket.gethostname()}:{os.getpid()}"
    names = sorted(
        f"watch:{digest(watch.name, job.name, query.name)}" for job in jobs for query in job.queries
    )
    held: list[str] = []
    renewed = now()

    def renew() -> None:
        nonlocal renewed
        if (now() - renewed).total_seconds() > LEASE_SECONDS / 3:
            renewed = now()
            for name in held:
                here.agenda.lease(name, owner, renewed, LEASE_SECONDS)

    try:
        for name in names:
            if not here.agenda.lease(name, owner, renewed, LEASE_SECONDS):
                raise WatchBusy(
                    f"the watch {watch.name} is being run by another process; nothing was asked"
                )
            held.append(name)
        yield renew
    finally:
        for name in held:
            here.agenda.release(name, owner)
