"""Commands for whoever runs Vigie: init, demo, serve, sources, runs, spool, db, config, doctor."""

import re
from pathlib import Path
from typing import Annotated

import typer

from vigie.cli import checking, developing, health
from vigie.cli.context import context, instance, say
from vigie.cli.output import Format
from vigie.errors import UsageError

sources_app = typer.Typer(no_args_is_help=True, help="What can be asked: list, show, check.")
runs_app = typer.Typer(no_args_is_help=True, help="What was asked, and what came of it.")
spool_app = typer.Typer(no_args_is_help=True, help="The captures: list, verify, prune.")
db_app = typer.Typer(no_args_is_help=True, help="The database: status, backup, reindex.")
config_app = typer.Typer(no_args_is_help=True, help="The settings and where they come from.")

_PASSWORD = re.compile(r"(://[^/:@\s]*:)[^@\s]*@")
"""A password in an address: never printed."""

FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As --format json.")]


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    app.command()(init)
    app.command()(demo)
    app.command()(serve)
    app.command()(doctor)
    sources_app.command("list")(sources_list)
    sources_app.command("show")(sources_show)
    checking.add_to(sources_app)
    developing.add_to(sources_app)
    health.add_to(sources_app)
    app.add_typer(sources_app, name="sources")
    runs_app.command("list")(runs_list)
    runs_app.command("show")(runs_show)
    app.add_typer(runs_app, name="runs")
    spool_app.command("list")(spool_list)
    spool_app.command("verify")(spool_verify)
    spool_app.command("prune")(spool_prune)
    app.add_typer(spool_app, name="spool")
    db_app.command("status")(db_status)
    db_app.command("backup")(db_backup)
    db_app.command("reindex")(db_reindex)
    app.add_typer(db_app, name="db")
    config_app.command("show")(config_show)
    config_app.command("path")(config_path)
    config_app.command("validate")(config_validate)
    app.add_typer(config_app, name="config")


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write vigie.toml.")] = Path(),
) -> None:
    """Write a vigie.toml to start from and create the database.

    Example:

      vigie init
    """
    from vigie.cli.starting import write_settings

    path = write_settings(folder)
    say(f"wrote {path}")
    with instance() as here:
        jobs = here.store.counts("job")["open"]
        print(f"database {_shown(here.settings.store_url)} ready: {jobs} jobs")


def demo(
    port: Annotated[int, typer.Option(help="Port of the site; the next free one if taken.")] = 8000,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Collect, print the figures and leave.")
    ] = False,
) -> None:
    """Show everything on invented listings, collected from stand-in sites on this machine.

    Examples:

      vigie demo

      vigie demo --port 8001 --open
    """
    from vigie.cli.demonstration import run_demo

    run_demo(port=port, open_browser=open_, once=once)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0: any free one.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Web processes.")] = None,
) -> None:
    """Serve pages and API, and keep the search index up to date.

    Example:

      vigie serve --port 8080
    """
    from vigie.cli.serving import run_site

    given = {"host": host, "port": port, "workers": workers}
    with instance(serve={key: value for key, value in given.items() if value is not None}) as here:
        run_site(here)


def doctor() -> None:
    """Look at everything Vigie needs here, and say what to do about what is missing.

    Example:

      vigie doctor
    """
    from vigie.cli.checkup import check

    with instance() as here:
        if not check(here):
            raise typer.Exit(5)


def sources_list(form: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """List the sources and the state of each.

    Example:

      vigie sources list --json
    """
    from vigie.cli.output import show
    from vigie.cli.sources_table import sources_frame

    with instance() as here:
        frame, broken = sources_frame(here)
        columns = ("source", "kind", "state", "open", "found_last", "found_usual",
                   "last_success_at", "why")  # fmt: skip
        show(frame, Format.JSON if as_json else form, columns)
        for name, why in broken.items():
            say(f"{name} cannot be loaded: {why}")


def sources_show(
    name: Annotated[str, typer.Argument(help="Name of the source.")], as_json: JsonOption = False
) -> None:
    """Show what a source asks, under which terms, and how it does.

    Example:

      vigie sources show avito_ma
    """
    from vigie.cli.sources_table import source_facts

    with instance() as here:
        facts = source_facts(here, name)
    if as_json:
        from vigie.cli.output import emit_json

        emit_json(facts)
        return
    for key, value in facts.items():
        print(f"{key:16} {'' if value is None else value}")


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
            print(f"{segment.partition}\t{segment.size_bytes} bytes")
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


def db_reindex() -> None:
    """Rebuild the search index from the database.

    Example:

      vigie db reindex
    """
    with instance() as here:
        print(f"{here.reindex()} listings indexed")


def config_show(as_json: JsonOption = False) -> None:
    """Show every setting with where its value comes from; secrets stay hidden.

    Example:

      vigie config show
    """
    from vigie.config import leaves

    loaded = context().load()
    rows = {
        name: {"value": _shown(value), "origin": loaded.origins.get(name, "default")}
        for name, value in leaves(loaded.settings).items()
    }
    if as_json:
        from vigie.cli.output import emit_json

        emit_json(rows)
        return
    for name, told in rows.items():
        print(f"{name:26} {told['value']!s:44} {told['origin']}")


def config_path() -> None:
    """Print where settings are looked for.

    Example:

      vigie config path
    """
    import platformdirs

    from vigie.config import FILE_NAME

    print(Path(FILE_NAME).absolute())
    print(Path(platformdirs.user_config_dir("vigie")) / FILE_NAME)


def config_validate() -> None:
    """Read every setting and every watch; say what is wrong.

    Example:

      vigie config validate
    """
    with instance() as here:
        for name, watch in here.watches().items():
            for source in watch.source:
                here.source(source.name, source.settings)
            print(f"watch {name}: fine")
    print("settings: fine")


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    return _PASSWORD.sub(r"\1***@", str(value))
