"""Commands of watches: list, show, run, export."""

from typing import TYPE_CHECKING, Annotated

import typer

from vigie.cli.context import instance
from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.model.watch import Watch
    from vigie.wiring import Instance

watch_app = typer.Typer(
    no_args_is_help=True, help="Recipes of what to look at: list, show, run, export."
)


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    watch_app.command("list")(watch_list)
    watch_app.command("show")(watch_show)
    watch_app.command("run")(watch_run)
    watch_app.command("export")(watch_export)
    app.add_typer(watch_app, name="watch")


def watch_list() -> None:
    """List the watches: those that ship and your own.

    Example:

      vigie watch list
    """
    with instance() as here:
        for name, watch in here.watches().items():
            sources = ", ".join(source.name for source in watch.source)
            print(f"{name}\t{watch.kind}\t{sources}\t{watch.title}")


def watch_show(name: Annotated[str, typer.Argument(help="Name of the watch.")]) -> None:
    """Show a watch as Vigie reads it.

    Example:

      vigie watch show annonces-maroc
    """
    import msgspec

    from vigie.cli.output import emit_json

    with instance() as here:
        emit_json(msgspec.to_builtins(_watch(here, name)))


def watch_run(
    name: Annotated[str, typer.Argument(help="Name of the watch.")],
    source: Annotated[
        list[str] | None, typer.Option("-s", "--source", help="Only this source. Repeatable.")
    ] = None,
    query: Annotated[
        list[str] | None, typer.Option("--query", help="Only this query or topic. Repeatable.")
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--every", help="Again and again, each source at its cadence, until stopped."),
    ] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the site beside, as `vigie serve` does.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="One visit, though the recipe says `live`.")
    ] = False,
    stack: Annotated[
        bool,
        typer.Option(
            "--stack", help="On Kafka, Spark and MariaDB, started here for as long as it goes on."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print exactly what would be asked first.")
    ] = False,
    spool_only: Annotated[
        bool, typer.Option("--spool-only", help="Neither process nor write its files.")
    ] = False,
) -> None:
    """Visit everything a watch looks at, process it and write the watch's files.

    A recipe that says `live` goes on at its cadence, with the site beside it, until it is stopped.

    Examples:

      vigie watch run annonces-maroc

      vigie watch run annonces-maroc --stack

      vigie watch run emplois-data-fr --dry-run

      vigie watch run presidentielle-2022 --query Macron
    """
    from contextlib import nullcontext

    from vigie.cli.beside import run_live, stack_beside
    from vigie.cli.visiting import visit_watch
    from vigie.wiring.watching import Chosen, check_chosen

    for said, other, both in (("--every", "--dry-run", every and dry_run),
                              ("--every", "--once", every and once),
                              ("--stack", "--dry-run", stack and dry_run)):  # fmt: skip
        if both:
            raise UsageError(f"give {said} or {other}, not both")
    only = Chosen(sources=tuple(source or ()), queries=tuple(query or ()))
    with instance() as here:  # a name that is none is told before anything starts
        check_chosen(_watch(here, name), only)
    with stack_beside() if stack else nullcontext(), instance() as here:
        watch = _watch(here, name)
        live = watch.live and not (once or dry_run)
        if serve and not (every or live):
            raise UsageError("--serve goes with --every: the site stays while visits go on")
        if every or live:
            run_live(here, watch, only, serve=serve or live, spool_only=spool_only)
        visit_watch(here, watch, only, spool_only=spool_only, dry_run=dry_run)


def watch_export(name: Annotated[str, typer.Argument(help="Name of the watch.")]) -> None:
    """Write the files of a watch from what is stored; nothing is asked.

    Example:

      vigie watch export linkedin-datasets
    """
    from vigie.cli.visiting import export_watch

    with instance() as here:
        export_watch(here, _watch(here, name))


def _watch(here: "Instance", name: str) -> "Watch":
    import difflib

    found = here.watch_files()
    if name not in found:
        near = difflib.get_close_matches(name, found, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(found) or 'none'}."
        raise UsageError(f"no watch is called {name!r}. {hint}")
    return here.watch(name)
