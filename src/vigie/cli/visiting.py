"""Visiting sources from the command line: ask, process, say honestly what came of it."""

import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

from vigie.cli.context import context, say
from vigie.errors import ConfigError, SpoolError, StoreError, UsageError, ViewError

if TYPE_CHECKING:
    from vigie.model.capture import Query
    from vigie.model.watch import Watch
    from vigie.wiring import Instance, Progress, Report, StandIn
    from vigie.wiring.watching import Chosen, WatchRun

PARTIAL: Final = 3
REFUSED: Final = 4
FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 3600.0
"""Sites may have been asked before the spool failed: they are not asked often for nothing."""
GOOD: Final = ("ok", "empty")


def visit(
    here: "Instance", names: Sequence[str] | None, query: "Query", *, spool_only: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """Ask *query* of the sources named, or of every one that can be visited."""
    from vigie.cli.progress import batches
    from vigie.cli.rehearsing import print_plans

    classes, broken = here.source_classes()
    chosen = list(names or (name for name, made in classes.items() if not hasattr(made, "split")))
    for name, why in broken.items():
        say(f"{name} cannot be loaded: {why}")
    jobs = [here.job(name, (query,)) for name in dict.fromkeys(chosen)]
    if dry_run:
        print_plans(here, jobs)
        return
    with batches("collecting", unit="pages") as tick:
        reports = here.collect(jobs, on_progress=_teller(tick))
    if not spool_only:
        with batches("processing") as tick, captures_kept():
            here.process(on_batch=lambda _span, fates: tick(fates.found))
    code = print_reports(here, reports, spool_only=spool_only)
    if code:
        raise typer.Exit(code)


@contextmanager
def captures_kept() -> Iterator[None]:
    """Say, when spool or store are away in the block, that what was captured before it is kept.

    Raises:
        typer.Exit: with 3, for the work is half done.
    """
    try:
        yield
    except (SpoolError, StoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        say("what was captured is kept: `vigie process` stores it when that is mended")
        raise typer.Exit(PARTIAL) from None


def visit_watch(
    here: "Instance", watch: "Watch", only: "Chosen", *, spool_only: bool, dry_run: bool
) -> None:
    """Visit what *watch* looks at, once."""
    if dry_run:
        _rehearse(here, watch, only)
        return
    code = print_visit(here, watch, _visited(here, watch, only, spool_only), spool_only=spool_only)
    if code:
        raise typer.Exit(code)


def keep_visiting(
    here: "Instance", watch: "Watch", only: "Chosen", *, spool_only: bool,
    stand_in: "StandIn | None" = None, wait: Callable[[float], None] = time.sleep,
    beside: bool = False,
) -> NoReturn:  # fmt: skip
    """Visit each source of *watch* at its cadence, until interrupted.

    The ledger says when each was asked last: starting anew asks nothing early.

    Args:
        beside: Another process stores what is spooled; files tell what it has stored by then.

    Raises:
        UsageError: nothing in the watch has a cadence.
    """
    import msgspec

    from vigie.model.cadence import Turns
    from vigie.wiring import now
    from vigie.wiring.watching import Chosen, WatchBusy, is_file, started

    visited = tuple(
        source for source in watch.source
        if not is_file(here, source) and (not only.sources or source.name in only.sources)
    )  # fmt: skip
    turns = Turns(msgspec.structs.replace(watch, source=visited), started(here, watch))
    if not turns:
        raise UsageError(f"the watch {watch.name} has no cadence: say cadence_minutes in its file")
    clock = now if stand_in is None else stand_in.clock
    alone, pause = set(only.sources), FIRST_PAUSE_SECONDS
    while True:
        due = turns.due(clock())
        if due:
            turns.begin(due, clock())
            # All that has a turn is due: the fallbacks stand by, as in any whole run.
            asked = Chosen(sources=due, queries=only.queries, standby=not alone)
            try:
                done = _visited(here, watch, asked, spool_only, stand_in, beside=beside)
                print_visit(here, watch, done, spool_only=spool_only)
                pause = FIRST_PAUSE_SECONDS
            except (WatchBusy, ViewError) as error:  # what was found is kept
                say(str(error))
            except (StoreError, SpoolError) as error:  # away, or full: that may pass
                say(f"{error}; tried again in {pause:.0f} s")
                wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                turns.put_off(due, clock())
                continue
        seconds = turns.wait_seconds(clock())
        if seconds:
            say(f"next visit in {seconds:.0f} s")
            wait(seconds)


def _visited(
    here: "Instance", watch: "Watch", only: "Chosen", spool_only: bool,
    stand_in: "StandIn | None" = None, *, beside: bool = False,
) -> "WatchRun":  # fmt: skip
    from vigie.cli.progress import batches
    from vigie.wiring.watching import Told, run_watch

    with batches("collecting", unit="pages") as tick:
        return run_watch(
            here, watch, only=only, spool_only=spool_only, beside=beside, stand_in=stand_in,
            told=Told(page=_teller(tick)),
        )  # fmt: skip


def print_visit(here: "Instance", watch: "Watch", done: "WatchRun", *, spool_only: bool) -> int:
    """Print what came of a visit: its sources, who stood in for whom, its files; return the exit
    code."""
    fallback = {source.name for source in watch.source if source.fallback}
    code = print_reports(here, done.reports, spool_only=spool_only, fallback=fallback)
    asked = {report.source for report in done.reports}
    for name, why in done.broken.items():
        say(f"{name} {'was not heard to the end' if name in asked else 'was not asked'}: {why}")
    if done.fallback:
        say(
            f"{', '.join(done.instead_of)} could not be seen: {', '.join(done.fallback)} asked "
            f"instead; rows from there are labelled fallback"
        )
    for landed in done.landed:
        say(f"{landed.path}: {landed.rows} rows landed" if landed.announced
            else f"{landed.path}: landed before")  # fmt: skip
    for file in done.files:
        say(f"{file.rows} rows in {file.path}")
    if done.broken and code == 0:
        return PARTIAL if done.reports else REFUSED
    return code


def print_reports(
    here: "Instance", reports: "Sequence[Report]", *, spool_only: bool = False,
    fallback: Collection[str] = (),
) -> int:  # fmt: skip
    """Print one line a query and the sum; return the exit code.

    Args:
        fallback: Sources whose lines are labelled so.
    """
    import polars as pl

    from vigie.cli.output import table

    rows: list[dict[str, Any]] = []
    totals = {"new": 0, "changed": 0}
    for report in reports:
        row: dict[str, Any] = {
            "source": report.source, "query": report.query, "state": str(report.state),
            "pages": report.pages, "listed": report.listed,
        }  # fmt: skip
        why = report.reason
        if not spool_only:
            told = here.store.run(report.run).filter(
                (pl.col("source") == report.source) & (pl.col("query") == report.query)
            )
            for fates in told.iter_rows(named=True):
                row |= {"state": fates["state"], **{
                    name: fates[name] for name in
                    ("new", "changed", "unchanged", "duplicate", "rejected", "quarantined",
                     "closed")
                }}  # fmt: skip
                totals = {name: count + fates[name] for name, count in totals.items()}
                why = fates["held"] or fates["why"] or why
        label = {"label": "fallback" if report.source in fallback else ""} if fallback else {}
        rows.append(row | label | {"why": why or ""})
    if rows:
        table(pl.DataFrame(rows, infer_schema_length=None))
    runs = sorted({report.run for report in reports})
    told_runs = f"Run {', '.join(runs)}" if len(runs) <= 4 else f"{len(runs)} runs"
    say(f"{totals['new']} new, {totals['changed']} changed. {told_runs}")
    well = [row["state"] in GOOD for row in rows]
    if all(well):
        return 0
    return PARTIAL if any(well) or any(row["pages"] for row in rows) else REFUSED


def export_watch(here: "Instance", watch: "Watch") -> None:
    """Write the files of *watch* from what is stored."""
    from vigie.wiring import now
    from vigie.wiring.exports import check_exports, write_exports

    if not watch.export:
        raise UsageError(f"the watch {watch.name} has no export: add [[export]] to its file")
    check_exports(watch)
    for file in write_exports(here, watch, at=now(), every=True):
        print(f"{file.rows}\t{file.path}")


def _rehearse(here: "Instance", watch: "Watch", only: "Chosen") -> None:
    from vigie.cli.rehearsing import print_plans
    from vigie.wiring.exports import check_exports
    from vigie.wiring.watching import is_file, jobs_of

    check_exports(watch)
    notes: dict[str, str] = {}
    jobs = jobs_of(here, watch, only, notes)
    if not only.sources:
        jobs += jobs_of(here, watch, only, notes, fallback=True)
    wrong = dict(notes)
    notes = {name: f"cannot be asked: {why}" for name, why in notes.items()}
    for source in watch.source:
        if source.name not in notes and is_file(here, source):
            notes[source.name] = f"reads files: vigie import FILE --source {source.name}"
    fallback = {source.name for source in watch.source if source.fallback}
    print_plans(here, jobs, fallback=fallback, notes=notes)
    for why in wrong.values():
        raise ConfigError(f"watch {watch.name}: {why}")


def _teller(tick: "Callable[[int], None]") -> "Callable[[Progress], None]":
    def told(progress: "Progress") -> None:
        tick(1)
        if context().verbose:
            say(f"{progress.source} {progress.query} page {progress.pages}")

    return told
