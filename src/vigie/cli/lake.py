"""Commands of the lake: bring it up to date, make few files of many, ask it in SQL."""

from typing import Annotated

import typer

from vigie.cli.context import instance, say
from vigie.cli.output import Format

lake_app = typer.Typer(
    no_args_is_help=True, help="The listings as Parquet files in Delta tables, on disk or S3."
)


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    lake_app.command("sync")(lake_sync)
    lake_app.command("compact")(lake_compact)
    lake_app.command("show")(lake_show)
    app.add_typer(lake_app, name="lake")
    app.command("sql")(sql)


def lake_sync(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Write every table anew from the store.")
    ] = False,
) -> None:
    """Bring the lake up to the store. Safe to kill and to repeat.

    Example:

      vigie lake sync
    """
    from vigie.wiring.lake import following, open_lake

    with instance() as here:
        lake = open_lake(here.settings)
        with following(here, lake) as follower:
            if rebuild:
                follower.rebuild()
            applied = follower.catch_up()
        print(f"{lake.url} is at change {lake.cursor()}; {applied} changes merged now")


def lake_compact(
    keep_hours: Annotated[
        int, typer.Option(min=0, help="Keep replaced files so long, for readers that use them.")
    ] = 168,
) -> None:
    """Make few files of many, and remove files that were replaced long ago.

    Example:

      vigie lake compact
    """
    from vigie.wiring.lake import following, open_lake

    with instance() as here:
        lake = open_lake(here.settings)
        with following(here, lake) as follower:
            follower.catch_up()
            told = lake.compact(keep_hours)
        for kind, (before, after) in told.items():
            print(f"{kind}\t{before} files\t{after} files now")


def lake_show(
    form: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.TABLE,
) -> None:
    """Show the tables: where they lie, rows, files.

    Example:

      vigie lake show
    """
    import polars as pl

    from vigie.cli.output import show
    from vigie.model.kinds import KINDS
    from vigie.wiring.lake import open_lake

    with instance() as here:
        lake = open_lake(here.settings)
        rows = [
            (kind.plural, table.count(), len(table.file_uris()), table.version(),
             lake.table_url(kind.name))
            for kind in KINDS.values() for table in [lake.table(kind)]
        ]  # fmt: skip
        show(
            pl.DataFrame(rows, ["table", "rows", "files", "version", "address"], orient="row"), form
        )
        behind = here.store.feed.last() - lake.cursor()
        if behind:
            say(f"{behind} changes behind the store: vigie lake sync")


def sql(
    query: Annotated[str, typer.Argument(help="SQL (DuckDB) over jobs, ads, posts and figures.")],
    form: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Ask the lake as it stands; do not sync it first.")
    ] = False,
) -> None:
    """Ask the lake in SQL; it is brought up to the store first.

    Examples:

      vigie sql "SELECT source, count(*) AS n FROM jobs GROUP BY 1 ORDER BY 2 DESC"

      vigie sql "SELECT place_city, median(price) FROM ads GROUP BY 1" --format csv
    """
    from vigie.cli.output import show
    from vigie.wiring.lake import ask_lake, following, open_lake

    with instance() as here:
        lake = open_lake(here.settings)
        if not as_is:
            with following(here, lake) as follower:
                follower.settle()
        show(ask_lake(lake, query), Format.JSON if as_json else form)
