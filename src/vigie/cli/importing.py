"""`vigie import`: files that somebody already has, and what each of them was."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from vigie.cli.context import context, instance, say
from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.wiring import FileTold, Instance

PARTIAL: Final = 3
NOTHING: Final = 4
WRONG_SHAPE: Final = 5
MOST_NAMED: Final = 20
"""Files read whole that are named one by one; of more, the sum is told (-v names them)."""


def add_to(app: typer.Typer) -> None:
    """Give the command line this command."""
    app.command("import")(import_)


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    source: Annotated[
        str | None, typer.Option("-s", "--source", help="Source whose pages they are.")
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option("--map", help="Map of columns (name or TOML file); else by the header."),
    ] = None,
    captured_at: Annotated[
        str | None,
        typer.Option(help="When the site said this. Else relative dates stay unknown."),
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="This is all the site lists: absence counts.")
    ] = False,
    misses: Annotated[
        int, typer.Option("-k", "--misses", min=1, help="Complete runs missed before closing.")
    ] = 2,
    query: Annotated[str, typer.Option("--query", help="Scope that --complete speaks of.")] = "",
    spool_only: Annotated[
        bool, typer.Option("--spool-only", help="Keep the captures; do not process them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Bring in pages or tables that you already have.

    Each file is read, empty, or unreadable and why; the good ones are kept all the same. Exit
    code 3: some could not be read whole. Nothing could be read: 5 when a file is not what its
    source or map reads, else 4.

    Examples:

      vigie import pages/ --source avito_ma --captured-at 2024-09-26T16:00

      vigie import postings.csv --map linkedin_postings
    """
    from vigie.cli.collecting import fates_told, moment
    from vigie.cli.progress import batches
    from vigie.cli.visiting import captures_kept

    if source and map_:
        raise UsageError("give --source for a site's pages or --map for a table, not both")
    at = moment(captured_at)
    files: list[dict[str, Any]] = []
    told: list[FileTold] = []
    runs: list[dict[str, Any]] = []
    skipped: list[str] = []
    fates: dict[str, int] | None = None
    with instance() as here:
        groups, without = _by_source(here, paths, source, map_)
        for name, group in groups.items():
            with batches(f"reading {name}", unit="B") as tick:
                brought = here.import_files(
                    group, name, captured_at=at, complete=complete, misses=misses, query=query,
                    on_capture=lambda _path, size: tick(size),  # used at once
                )  # fmt: skip
            say(f"{len(brought.files)} file(s), {brought.captures} capture(s). Run {brought.run}")
            runs.append({"source": name, "run": brought.run, "captures": brought.captures})
            told += brought.files
            files += [_row(file, name) for file in brought.files]
            skipped += brought.skipped
        told += without
        files += [_row(file, None) for file in without]
        _say(told, skipped)
        if not spool_only:
            with batches("processing") as tick, captures_kept():
                fates = here.process(on_batch=lambda _span, one: tick(one.found)).counts()
    if as_json:
        from vigie.cli.output import emit_json

        emit_json({"files": files, "skipped": skipped, "runs": runs, "fates": fates})
    elif fates is not None:
        print(fates_told(fates))
    if code := exit_code(told):
        raise typer.Exit(code)


def exit_code(files: "Sequence[FileTold]") -> int:
    """Return the exit code of an import by its files; empty ones are an honest nothing."""
    bad = [file for file in files if not file.whole]
    if not bad:
        return 0
    if any(file.state != "unreadable" for file in files):
        return PARTIAL
    return WRONG_SHAPE if any(file.other_shape for file in bad) else NOTHING


def _by_source(
    here: "Instance", paths: list[Path], source: str | None, map_: str | None
) -> "tuple[dict[str, list[Path]], list[FileTold]]":
    if source:
        return {source: paths}, []
    return here.maps_for(paths, map_)


def _row(file: "FileTold", source: str | None) -> dict[str, Any]:
    return {"file": file.file, "source": source, "state": file.state, "found": file.found,
            "why": file.why or None}  # fmt: skip


def _say(files: "Sequence[FileTold]", skipped: Sequence[str]) -> None:
    """Tell each file's state: all that is wrong, and of what is well not more than is read."""
    well = [file for file in files if file.whole]
    named = len(well) <= MOST_NAMED or context().verbose
    for file in files:
        if not file.whole or named:
            count = f" {file.found}" if file.state == "read" else ""
            say(f"{file.file}: {file.state}{count}" + (f": {file.why}" if file.why else ""))
    if not named:
        empty = sum(file.state == "empty" for file in well)
        say(f"{len(well)} files read: {sum(file.found for file in well)} records"
            + (f"; {empty} of them empty" if empty else ""))  # fmt: skip
    for name in skipped:
        say(f"skipped {name}: not a page or table")
