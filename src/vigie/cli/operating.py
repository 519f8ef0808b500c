"""Commands for whoever runs Vigie: init, demo, serve, doctor, config."""

from pathlib import Path
from typing import Annotated

import typer

from vigie.cli.context import context, instance, say
from vigie.cli.secrecy import apart, shown
from vigie.errors import ConfigError, VigieError

config_app = typer.Typer(no_args_is_help=True, help="The settings and where they come from.")

JsonOption = Annotated[bool, typer.Option("--json", help="As --format json.")]


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    app.command()(init)
    app.command()(demo)
    app.command()(serve)
    app.command()(doctor)
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
        print(f"database {shown(here.settings.store_url)} ready: {jobs} jobs")


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


def config_show(as_json: JsonOption = False) -> None:
    """Show every setting with where its value comes from; secrets stay hidden.

    Example:

      vigie config show
    """
    from vigie.settings import leaves

    loaded = context().load()
    rows = {
        name: {"value": shown(value), "origin": loaded.origins.get(name, "default")}
        for setting, whole in leaves(loaded.settings).items()
        for name, value in apart(setting, whole)
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
    from vigie.cli.faults import looked_at

    with instance() as here:
        wrong: list[VigieError] = []
        fine = []
        for what, fault in looked_at(here):
            if fault is None:
                fine.append(what)
            else:
                wrong.append(fault)
        for fault in wrong[1:]:
            say(f"also: {fault}")
        if wrong:
            raise ConfigError(str(wrong[0]))
        for what in fine:
            print(f"{what}: fine")
