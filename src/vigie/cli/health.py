"""Commands about what sources told: `vigie sources alarms`, `release` and `coverage`."""

from typing import Annotated

import typer

from vigie.cli.context import instance, say
from vigie.cli.output import Format, show
from vigie.errors import UsageError

FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]


def add_to(sources_app: typer.Typer) -> None:
    """Give the group `sources` these commands."""
    sources_app.command("alarms")(sources_alarms)
    sources_app.command("release")(sources_release)
    sources_app.command("coverage")(sources_coverage)


def sources_alarms(
    name: Annotated[str | None, typer.Argument(help="Only this source.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those released and mended, too.")] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what is not as usual of the sources, and what is held because of it.

    Example:

      vigie sources alarms avito_ma
    """
    with instance() as here:
        if name is not None:
            here.source(name)  # a name that is none is told
        found = here.store.alarms(name, every=every)
        columns = ("at", "source", "query", "alarm", "field", "expected", "seen", "pages",
                   "status")  # fmt: skip
        show(found, form, columns)
        if name is not None and found.filter(found["status"] == "open").height:
            say(
                f"Mend the reader and `vigie replay --source {name}`, or, when these are the "
                f"site's new ways, `vigie sources release {name}`."
            )


def sources_release(
    name: Annotated[str, typer.Argument(help="Name of the source.")],
    run: Annotated[str | None, typer.Option("--run", help="Only the alarms of this run.")] = None,
) -> None:
    """Publish what was held of a source: its pages look so from now on.

    Example:

      vigie sources release avito_ma
    """
    with instance() as here:
        here.source(name)
        alarms = here.store.alarms(name)
        if run is not None:
            if not here.store.run(run).height:
                raise UsageError(f"there is no run {run!r}: see `vigie runs list`")
            alarms = alarms.filter(alarms["run"] == run)
        captures, changed = here.release(name, run)
        print(f"{alarms.height} alarms released")
        print(f"{captures} held pages read again: {changed} listings are new or changed")


def sources_coverage(
    name: Annotated[str | None, typer.Argument(help="Only this source.")] = None,
    since: Annotated[str, typer.Option("--since", help="Look back so far: 24h, 7d.")] = "24h",
    form: FormatOption = Format.TABLE,
) -> None:
    """Show hour by hour what was seen of each source and query, and what was not.

    An hour without a visit has no counts: not observed is not zero.

    Example:

      vigie sources coverage --since 7d --format csv
    """
    from vigie.cli.politeness import duration
    from vigie.wiring import now

    with instance() as here:
        if name is not None:
            here.source(name)
        until = now()
        found = here.store.coverage(until - duration(since), until)
        if name is not None:
            found = found.filter(found["source"] == name)
        columns = ("hour", "source", "watch", "query", "state", "pages", "found", "new", "changed",
                   "quarantined")  # fmt: skip
        show(found, form, columns)
