"""The group `vigie sources`: what can be asked, how it is, and what to do about it."""

from typing import Annotated

import typer

from vigie.cli import checking, developing, health
from vigie.cli.context import instance, say
from vigie.cli.output import Format

sources_app = typer.Typer(no_args_is_help=True, help="What can be asked, and how it does.")

FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As --format json.")]


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    sources_app.command("list")(sources_list)
    sources_app.command("show")(sources_show)
    checking.add_to(sources_app)
    developing.add_to(sources_app)
    health.add_to(sources_app)
    app.add_typer(sources_app, name="sources")


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
                   "last_success_at", "imported", "why")  # fmt: skip
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
