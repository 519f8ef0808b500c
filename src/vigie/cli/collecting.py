"""Commands that bring listings in: collect, replay."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from vigie.cli.context import instance
from vigie.errors import UsageError


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    app.command()(collect)
    app.command()(replay)


def collect(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Sources; none: all open ones.")
    ] = None,
    words: Annotated[str, typer.Option("-w", "--words", help="Words to search for.")] = "",
    where: Annotated[str, typer.Option("--where", help="Place to search in.")] = "",
    option: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--option",
            metavar="NAME=VALUE",
            help="What only the source understands: category=1010. Repeatable.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only the last 24h, 7d…", metavar="AGE")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("-n", "--limit", min=1, help="Stop after so many listings.")
    ] = None,
    spool_only: Annotated[
        bool, typer.Option("--spool-only", help="Keep the captures; do not process them.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked; ask nothing.")
    ] = False,
) -> None:
    """Visit sources, keep what they say and process it.

    Examples:

      vigie collect avito_ma -n 100

      vigie collect france_travail -w "data engineer" --since 7d
    """
    from vigie.cli.visiting import visit
    from vigie.model.capture import Query, name_of

    options = dict(_pair(text) for text in option or ())
    told = (words, where, *options.values())
    query = Query(
        name=name_of(" ".join(part for part in told if part)), words=words, place=where,
        since_hours=hours(since), limit=limit, options=options,
    )  # fmt: skip
    with instance() as here:
        visit(here, sources or None, query, spool_only=spool_only, dry_run=dry_run)


def replay(
    source: Annotated[str | None, typer.Option("-s", "--source", help="Only this source.")] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Captures from this day on.", metavar="DATE")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="Captures before this day.", metavar="DATE")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show field by field what would change.")
    ] = False,
    examples: Annotated[int, typer.Option(min=0, help="Examples shown per field.")] = 2,
) -> None:
    """Read the spool again with today's readers; history is marked as reread.

    Examples:

      vigie replay --source avito_ma --dry-run

      vigie replay --from 2026-11-01
    """
    since = _day(from_) or datetime(1970, 1, 1, tzinfo=UTC)
    until = _day(to) or datetime(9999, 1, 1, tzinfo=UTC)
    if since >= until:
        raise UsageError(f"nothing lies between --from {from_} and --to {to}")
    with instance() as here:
        if source is not None:
            here.source(source)  # a name that is none is told
        if not dry_run:
            print(f"{here.replay(source, since, until)} listings read differently")
            return
        from vigie.cli.differences import print_differences

        print_differences(here.rehearse(source, since, until), examples)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"--option {text}: write NAME=VALUE")
    return name, value


def fates_told(counts: dict[str, int]) -> str:
    """Return fates in a line: ``4 found: 3 new, 1 quarantined``."""
    found, *parts = (
        f"{count} {name}" for name, count in counts.items() if count or name == "found"
    )
    return f"{found}: {', '.join(parts)}" if parts else found


def hours(age: str | None) -> int | None:
    if age is None:
        return None
    number, unit = age[:-1], age[-1:]
    if not (number.isascii() and number.isdigit()) or unit not in "hdw":
        raise UsageError(f"--since {age}: write 24h, 7d or 2w")
    return int(number) * {"h": 1, "d": 24, "w": 168}[unit]


def moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a time: write 2024-09-26 or 2024-09-26T16:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _day(text: str | None) -> datetime | None:
    return moment(text)
