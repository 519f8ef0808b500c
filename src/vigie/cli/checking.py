"""Commands that look at sources as they are: `vigie sources check` and `politeness`."""

from typing import Annotated

import typer

from vigie.cli.context import instance
from vigie.cli.output import Format


def add_to(sources_app: typer.Typer) -> None:
    """Give the group `sources` these commands."""
    sources_app.command("check")(sources_check)
    sources_app.command("politeness")(sources_politeness)


def sources_check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Sources; none: all that can be visited.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Ask live sites whether they still are as their sources know them; exit code 4 if one is not.

    Per source: a question that must find nothing, up to three pages of one that finds something,
    and five pages pinned at the first check. Nothing of it is stored but the pins.

    Examples:

      vigie sources check france_travail

      vigie sources check --json
    """
    from vigie.cli.check_report import print_checks

    with instance() as here:
        if not print_checks(here.check_sources(names or None), as_json=as_json):
            raise typer.Exit(4)


def sources_politeness(
    name: Annotated[str | None, typer.Argument(help="Only this source's hosts.")] = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Only this host (with or without port).")
    ] = None,
    since: Annotated[str, typer.Option("--since", help="Look back so far: 30m, 24h, 7d.")] = "24h",
    each: Annotated[bool, typer.Option("--each", help="List every request.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what was asked of each host and which pauses were kept, from the book of requests.

    Examples:

      vigie sources politeness --since 7d

      vigie sources politeness france_travail --each --csv
    """
    from vigie.cli.politeness import duration, report
    from vigie.errors import UsageError
    from vigie.wiring import now

    if as_csv and as_json:
        raise UsageError("--csv or --json, not both")
    form = Format.CSV if as_csv else Format.JSON if as_json else Format.TABLE
    with instance() as here:
        if name is not None:
            here.source(name)  # a name that is none is told
        report(here, name=name, host=host, since=now() - duration(since), each=each, form=form)
