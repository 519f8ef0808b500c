"""The command `vigie erase`: listings that somebody wants to be gone."""

from typing import Annotated

import typer

from vigie.cli.context import instance, say
from vigie.errors import UsageError


def add_to(app: typer.Typer) -> None:
    """Give the command line this command."""
    app.command("erase")(erase)


def erase(
    ids: Annotated[list[str], typer.Argument(help="Ids, as search prints them.", metavar="ID...")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be erased; erase nothing.")
    ] = False,
    let_back: Annotated[
        bool, typer.Option("--let-back", help="Accept again what was erased; erase nothing.")
    ] = False,
) -> None:
    """Erase listings with their history, and every capture and file row that shows them.

    A site that still shows one is not believed again: at each visit the row is rejected and the
    page's capture is erased.

    Examples:

      vigie erase c3kq5o2x6m4a7b2d --dry-run

      vigie erase c3kq5o2x6m4a7b2d p2khz2swovuy7n4a

      vigie erase c3kq5o2x6m4a7b2d --let-back
    """
    with instance() as here:
        kinds = {one: here.store.find(one) for one in dict.fromkeys(ids)}
        if let_back:
            print(f"{here.store.let_back(list(kinds))} no longer refused")
            return
        unknown = [one for one, kind in kinds.items() if kind is None]
        if unknown:
            raise UsageError(f"no listing has the id {', '.join(unknown)}: nothing is erased")
        for one, kind in kinds.items():
            captures = here.store.sightings(one)["capture_id"].n_unique()
            say(f"{one}: {kind}, shown by {captures} capture(s)")
        if dry_run:
            print(f"{len(kinds)} would be erased")
            return
        print(f"{here.erase(list(kinds))} erased")
    say("backups, exports that you wrote by hand and a server's own logs are yours to erase")
