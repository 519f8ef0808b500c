"""The groups `vigie runs`, `spool` and `db`: what was asked, what is kept of it, and where."""

import os
from pathlib import Path
from typing import Annotated

import typer

from vigie.cli.context import instance, say
from vigie.cli.output import Format
from vigie.errors import UsageError

runs_app = typer.Typer(no_args_is_help=True, help="What was asked, and what came of it.")
spool_app = typer.Typer(no_args_is_help=True, help="The captures: list, verify, prune.")
db_app = typer.Typer(no_args_is_help=True, help="The database: status, backup, copy, reindex.")

FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As --format json.")]


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    runs_app.command("list")(runs_list)
    runs_app.command("show")(runs_show)
    app.add_typer(runs_app, name="runs")
    spool_app.command("list")(spool_list)
    spool_app.command("verify")(spool_verify)
    spool_app.command("prune")(spool_prune)
    app.add_typer(spool_app, name="spool")
    db_app.command("status")(db_status)
    db_app.command("backup")(db_backup)
    db_app.command("copy")(db_copy)
    db_app.command("reindex")(db_reindex)
    app.add_typer(db_app, name="db")


def runs_list(
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, help="Print at most so many.")
    ] = 20,
    form: FormatOption = Format.TABLE, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """List the last runs.

    Example:

      vigie runs list -n 5
    """
    from vigie.cli.output import show

    with instance() as here:
        columns = ("run", "source", "query", "state", "held", "pages", "found", "new", "changed",
                   "unchanged", "duplicate", "rejected", "quarantined", "closed")  # fmt: skip
        show(here.store.runs(limit), Format.JSON if as_json else form, columns)


def runs_show(
    run: Annotated[str, typer.Argument(help="Id of the run, or `last`.")] = "last",
    as_json: JsonOption = False,
) -> None:
    """Show one run: its fates, which add up, by source and category, and its pages.

    Example:

      vigie runs show last
    """
    from vigie.cli.run_report import run_report

    with instance() as here:
        run_report(here, run, as_json=as_json)


def spool_list(form: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """List the segments of the spool.

    Example:

      vigie spool list
    """
    import polars as pl

    from vigie.cli.output import show

    with instance() as here:
        rows = [
            {"partition": s.partition, "source": s.source, "entries": s.entries,
             "size_bytes": s.size_bytes, "open": s.open, "modified_at": s.modified_at}
            for s in here.spool_upkeep.segments()
        ]  # fmt: skip
        show(pl.DataFrame(rows), Format.JSON if as_json else form)


def spool_verify() -> None:
    """Read every record of the spool; exit code 5 when one is damaged.

    Example:

      vigie spool verify
    """
    with instance() as here:
        bad = 0
        for told in here.spool_upkeep.verify():
            bad += len(told.damaged)
            note = f", damaged at {', '.join(map(str, told.damaged))}" if told.damaged else ""
            torn = f", {told.torn_bytes} bytes of an unfinished record" if told.torn_bytes else ""
            print(f"{told.partition}\t{told.entries} entries, {told.captures} captures{note}{torn}")
        if bad:
            raise typer.Exit(5)


def spool_prune(
    keep_days: Annotated[float | None, typer.Option(min=0, help="Else the setting's.")] = None,
    keep_gb: Annotated[
        float | None, typer.Option(min=0, help="Per source; else the setting's.")
    ] = None,
    source: Annotated[str | None, typer.Option("-s", "--source", help="Only this source.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go.")] = False,
) -> None:
    """Remove segments that are old or too many; what is not processed stays.

    Example:

      vigie spool prune --keep-days 30 --dry-run
    """
    with instance() as here:
        gone = here.spool_upkeep.prune(
            keep_days=keep_days, keep_gb=keep_gb, source=source, dry_run=dry_run
        )
        for segment in gone:
            print(f"{segment.partition}\t{segment.amount}")
        say(f"{len(gone)} segments {'would go' if dry_run else 'removed'}")


def db_status(as_json: JsonOption = False) -> None:
    """Say what the database holds, and whether the index agrees.

    Example:

      vigie db status
    """
    with instance() as here:
        facts = {
            "url": here.store.database.url.render_as_string(),
            "content_hash": here.store.content_hash(),
            "feed": here.store.feed.last(), "index": here.search.cursor(),
            **{kind: here.store.counts(kind)["open"] for kind in ("job", "ad", "post", "figure")},
        }  # fmt: skip
    if as_json:
        from vigie.cli.output import emit_json

        emit_json(facts)
        return
    for key, value in facts.items():
        print(f"{key:14} {value}")


def db_backup(file: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write a whole, consistent copy of the database while it is in use.

    Example:

      vigie db backup vigie-copy.db
    """
    if file.exists():
        raise UsageError(f"{file} exists; choose another name")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}")
    with instance() as here:
        here.store.database.backup(file)
    say(f"copied to {file}")


def db_copy(
    target: Annotated[
        str,
        typer.Argument(
            help="Address of an empty database, as in store.url. One with a password is better "
            "left out and given by VIGIE_COPY_TO: a command line is seen by all users.",
            metavar="[TARGET]",
        ),
    ] = "",
) -> None:
    """Copy everything in the database to another one: SQLite, PostgreSQL or MySQL.

    Examples:

      vigie db copy sqlite:///copy.db

      vigie db copy

    The second copies to the address in VIGIE_COPY_TO.
    """
    from vigie.config import COPY_TO
    from vigie.wiring.copying import copy_store

    target = target or os.environ.get(COPY_TO, "")
    if not target:
        raise UsageError(f"say where to: an address, or {COPY_TO} in the environment")

    with instance() as here:
        where, content = copy_store(
            here, target, lambda table, rows: say(f"{table:14} {rows}") if rows else None
        )
    print(f"copied to {where}: content hash {content}")
    say("to use it, give its address to store.url")


def db_reindex() -> None:
    """Rebuild the search index from the database.

    Example:

      vigie db reindex
    """
    with instance() as here:
        print(f"{here.reindex()} listings indexed")
