"""Commands for whoever writes a source: `vigie sources new` and `record`."""

from pathlib import Path
from typing import Annotated

import typer

from vigie.cli.context import instance, say
from vigie.errors import UsageError

SOMEBODY_REMAINS = 5


def add_to(sources_app: typer.Typer) -> None:
    """Give the group `sources` these commands."""
    sources_app.command("new")(sources_new)
    sources_app.command("record")(sources_record)


def sources_new(
    name: Annotated[str, typer.Argument(help="Name of the source: letters, digits and _.")],
    kind: Annotated[str, typer.Option("--kind", help="What it lists: job, ad or post.")] = "job",
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Folder that gets its folder; else the package's sources."),
    ] = None,
) -> None:
    """Make the folder of a new source: a small JSON API's, to be rewritten.

    Examples:

      vigie sources new my_site --kind ad

      vigie sources new my_site --into src/vigie/sources
    """
    from vigie.wiring.new_source import new_source

    folder = new_source(name, kind, into)
    print(folder)
    say(
        f"Next: write addresses, fields and terms in {folder / '__init__.py'},\n"
        f"then record a page, which asks the site for one:\n"
        f"  vigie sources record {name} --case list --query WORDS\n"
        f"Its test is red until a page with listings and one without are recorded:\n"
        f"  ./vigie test tests/sources/test_recorded_pages.py -k {name}"
    )


def sources_record(
    name: Annotated[str, typer.Argument(help="Name of the source.")],
    case: Annotated[str, typer.Option("--case", help="Name of the case.")] = "list",
    url: Annotated[
        str | None, typer.Option("--url", help="Page to ask for; with --file: where it is from.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", help="Ask the first page for these words.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A saved page; nothing is asked.")
    ] = None,
    captured_at: Annotated[
        str | None, typer.Option("--captured-at", help="When --file was received; else now.")
    ] = None,
    harmless: Annotated[
        list[str] | None,
        typer.Option("--harmless", help="A text that is no person, whatever it looks like."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="The source's folder; else where its code is.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a case of that name.")] = False,
) -> None:
    """Record one page as a case: blanked, with what the reader gives now. Nothing else is kept.

    Without an address or words it asks what the source's example asks. Exit code 5, and nothing
    written, when the blanked page still looks as if it named somebody.

    Examples:

      vigie sources record marocannonces --case cards

      vigie sources record my_site --file page.json --url https://site.example/api --force
    """
    from vigie.cli.collecting import moment
    from vigie.wiring import now
    from vigie.wiring.recording import record

    if url is not None and query is not None:
        raise UsageError("--url or --query, not both")
    if file is not None and not file.is_file():
        raise UsageError(f"there is no file at {file}")
    with instance() as here:
        told = record(
            here, name, case=case, url=url, query=query, file=file,
            at=moment(captured_at) or now(), into=into, force=force, harmless=harmless or (),
        )  # fmt: skip
    if told.remains:
        for one in told.remains:
            print(f"{one.what}\t{one.where}\t{one.text}")
        say(
            f"nothing was written: {len(told.remains)} places of the blanked page look like "
            f"somebody. Mend `scrub` of {name} and record again; what is no person is told by "
            f"--harmless TEXT"
        )
        raise typer.Exit(SOMEBODY_REMAINS)
    print(told.folder)
    held = told.error or f"{told.listings} listings, {told.unreadable} unreadable"
    say(
        f"{held}; {told.size_bytes} bytes. Read the page yourself for names, cut it to a few "
        f"items, plant an invented name and number as `canaries`, and write into case.json what "
        f"the reader should give. Then: ./vigie test tests/sources/test_recorded_pages.py -k {name}"
    )
