"""Visiting sources from the command line: ask, process, say honestly what came of it."""

import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import typer

from vigie.cli.context import context, say
from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.model.capture import Query
    from vigie.model.watch import Watch
    from vigie.wiring import Instance, Job, Progress, Report

PARTIAL: Final = 3
REFUSED: Final = 4
LEASE_SECONDS: Final = 900.0
GOOD: Final = ("ok", "empty")


def visit(
    here: "Instance", names: Sequence[str] | None, query: "Query", *, spool_only: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """Ask *query* of the sources named, or of every one that can be visited."""
    classes, broken = here.source_classes()
    chosen = list(names or (name for name, made in classes.items() if not hasattr(made, "split")))
    for name, why in broken.items():
        say(f"{name} cannot be loaded: {why}")
    jobs = [here.job(name, (query,)) for name in dict.fromkeys(chosen)]
    _run(here, jobs, spool_only=spool_only, dry_run=dry_run)


def visit_watch(here: "Instance", watch: "Watch", *, spool_only: bool, dry_run: bool) -> None:
    """Visit everything *watch* looks at; one process at a time."""
    jobs = [
        here.job(source.name, watch.queries(source), watch=watch.name, misses=watch.misses,
                 settings=source.settings)
        for source in watch.source
        if not getattr(here.source(source.name, source.settings), "files_only", False)
    ]  # fmt: skip
    if not jobs:
        raise UsageError(
            f"the watch {watch.name} looks at files only: use `vigie import FILE --map NAME`"
        )
    if dry_run:
        _print_first(jobs)
        return
    with _lease(here, f"watch:{watch.name}") as renew:
        try:
            _run(here, jobs, spool_only=spool_only, dry_run=False, on_progress=renew)
        finally:
            if not spool_only:
                _write_exports(here, watch)


def _run(
    here: "Instance", jobs: "list[Job]", *, spool_only: bool, dry_run: bool,
    on_progress: "Callable[[], None] | None" = None,
) -> None:  # fmt: skip
    from vigie.cli.progress import batches

    if dry_run:
        _print_first(jobs)
        return
    with batches("collecting", unit="pages") as tick:

        def told(progress: "Progress") -> None:
            tick(1)
            if on_progress is not None:
                on_progress()
            if context().verbose:
                say(f"{progress.source} {progress.query} page {progress.pages}")

        reports = here.collect(jobs, on_progress=told)
    if not spool_only:
        with batches("processing") as tick:
            here.process(on_batch=lambda _span, fates: tick(fates.found))
    code = print_reports(here, reports, spool_only=spool_only)
    if code:
        raise typer.Exit(code)


def print_reports(here: "Instance", reports: "list[Report]", *, spool_only: bool = False) -> int:
    """Print one line a query and the sum; return the exit code."""
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
        rows.append(row | {"why": why or ""})
    if rows:
        table(pl.DataFrame(rows, infer_schema_length=None))
    runs = sorted({report.run for report in reports})
    told_runs = f"Run {', '.join(runs)}" if len(runs) <= 4 else f"{len(runs)} runs"
    say(f"{totals['new']} new, {totals['changed']} changed. {told_runs}")
    well = [row["state"] in GOOD for row in rows]
    if all(well):
        return 0
    return PARTIAL if any(well) or any(row["pages"] for row in rows) else REFUSED


def _print_first(jobs: "list[Job]") -> None:
    """Print the requests that open every query; nothing is asked."""
    for job in jobs:
        for query in job.queries:
            for request in job.source.first(query):
                print(f"{job.name}\t{query.name}\t{request.method} {request.url}")
                if request.body:
                    print(f"\t\t{request.body.decode('utf-8', 'replace')}")
    say("nothing was asked; further requests follow from the answers")


@contextmanager
def _lease(here: "Instance", name: str) -> Iterator[Callable[[], None]]:
    from vigie.wiring import now

    owner = f"{socket.gethostname()}:{os.getpid()}"
    if not here.agenda.lease(name, owner, now(), LEASE_SECONDS):
        raise UsageError(f"{name} is being run by another process; nothing was asked")
    renewed = now()

    def renew() -> None:
        nonlocal renewed
        if (now() - renewed).total_seconds() > LEASE_SECONDS / 3:
            renewed = now()
            here.agenda.lease(name, owner, renewed, LEASE_SECONDS)

    try:
        yield renew
    finally:
        here.agenda.release(name, owner)


def _write_exports(here: "Instance", watch: "Watch") -> None:
    from vigie.cli.exporting import write
    from vigie.model.ask import Ask

    folder = here.settings.data_dir / "exports"
    for export in watch.export:
        path = (folder / export.path).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise UsageError(f"the watch {watch.name} exports outside {folder}: {export.path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        sources = tuple(source.name for source in watch.source)
        count = write(here, Ask(kind=watch.kind, filters={"source": sources}), path, "rfc4180")
        print(f"{count} listings in {path}", file=sys.stderr)
