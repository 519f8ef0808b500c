"""Commands that read what is kept: search, show, export, stats."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.cli.context import instance, say
from vigie.cli.output import Format
from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.model.ask import Ask

KINDS = ("job", "ad", "post", "figure")

KindOption = Annotated[
    str, typer.Option("-k", "--kind", help="job, ad, post or figure.", metavar="KIND")
]
FilterOption = Annotated[
    list[str] | None,
    typer.Option(
        "-f", "--filter", metavar="FIELD=VALUE",
        help="As in the API: contract=permanent, source=!indeed, remote= (not said). Repeatable.",
    ),
]  # fmt: skip
SourceOption = Annotated[
    list[str] | None, typer.Option("-s", "--source", help="Only this source. Repeatable.")
]


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    app.command()(search)
    app.command()(show)
    app.command()(export)
    app.command()(stats)


def search(
    text: Annotated[str, typer.Argument(help="Words; accents do not matter.")] = "",
    kind: KindOption = "job",
    filter_: FilterOption = None,
    source: SourceOption = None,
    where: Annotated[str, typer.Option(help="City, or code of a département.")] = "",
    price_min: Annotated[float | None, typer.Option(help="Price, or pay per year.")] = None,
    price_max: Annotated[float | None, typer.Option(help="Price, or pay per year.")] = None,
    since: Annotated[str | None, typer.Option(help="Published in the last 24h, 7d…")] = None,
    status: Annotated[str, typer.Option(help="open, closed or all.")] = "open",
    sort: Annotated[str, typer.Option(help="relevance, -posted_at, price…")] = "relevance",
    facets: Annotated[
        list[str] | None, typer.Option("--facet", help="Count this field too. Repeatable.")
    ] = None,
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=1, max=10_000, help="Print at most so many.")
    ] = 25,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
) -> None:
    """Search what is kept.

    Examples:

      vigie search developpeur --where 69

      vigie search appartement --kind ad -f place_city=Casablanca --price-max 900000 --json
    """
    with instance() as here:
        ask = _ask(kind, text, filter_, source, where, status, since)
        ask = _with(ask, price_min=price_min, price_max=price_max, sort=sort, limit=limit,
                    facets=tuple(facets or ()))  # fmt: skip
        here.follower.settle()
        answer = here.search.ask(ask)
        rows = here.store.get(ask.kind, answer.ids)
        if as_json or form is Format.JSON:
            from vigie.cli.output import emit_json

            emit_json(here.envelope(ask.kind, rows, answer))
            return
        from vigie.cli.output import show as print_rows

        print_rows(rows, form, _summary(ask.kind))
        for name, buckets in answer.facets.items():
            say(f"{name}: " + ", ".join(f"{b.value or '(not said)'} {b.count}" for b in buckets))
        say(f"{answer.total} found, {len(answer.ids)} shown")


def show(
    listing_id: Annotated[str, typer.Argument(help="Id of the listing, as search prints it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one listing with its history and where it was seen.

    Example:

      vigie show c3kq5o2x6m4a7b2d --json
    """
    from vigie.cli.output import emit_json, plain, table

    with instance() as here:
        kind = here.store.find(listing_id)
        if kind is None:
            raise UsageError(f"no listing has the id {listing_id!r}")
        row = here.store.get(kind, [listing_id]).row(0, named=True)
        history = here.store.history(listing_id)
        if as_json:
            changes = [
                plain(change) | {side: _decoded(change[side]) for side in ("old", "new")}
                for change in history.iter_rows(named=True)
            ]
            seen = [plain(one) for one in here.store.sightings(listing_id).iter_rows(named=True)]
            emit_json(plain(row) | {"history": changes, "sightings": seen})
            return
        for name, value in row.items():
            if value is not None and name != "html":
                print(f"{name:22} {value}")
        if history.height:
            print("\nhistory")
            table(history)
        print("\nseen in")
        table(here.store.sightings(listing_id))


def export(
    kind: Annotated[str, typer.Argument(help="job, ad, post or figure.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="File; its ending says the format.")
    ],
    text: Annotated[str, typer.Option("-w", "--words", help="Only what matches.")] = "",
    filter_: FilterOption = None,
    source: SourceOption = None,
    status: Annotated[str, typer.Option(help="open, closed or all.")] = "all",
    since: Annotated[str | None, typer.Option(help="Published in the last 24h, 7d…")] = None,
    dialect: Annotated[
        str, typer.Option(help="CSV only: rfc4180, or excel-fr (BOM, semicolons, comma).")
    ] = "rfc4180",
) -> None:
    """Write listings to a file: .csv, .parquet, .ndjson or .sqlite.

    Examples:

      vigie export job -o jobs.parquet

      vigie export ad -o annonces.csv --dialect excel-fr -f place_city=Rabat
    """
    from vigie.cli.exporting import write

    with instance() as here:
        ask = _ask(kind, text, filter_, source, "", status, since)
        count = write(here, ask, output, dialect)
    say(f"{count} listings written to {output}")


def stats(
    kind: Annotated[str | None, typer.Argument(help="job, ad, post or figure; none: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count what is kept.

    Example:

      vigie stats --json
    """
    from vigie.cli.output import emit_json

    with instance() as here:
        told = {name: dict(here.store.counts(name)) for name in ([_kind(kind)] if kind else KINDS)}
        if as_json:
            emit_json(told)
            return
        for name, counts in told.items():
            print(f"{name}\t" + "\t".join(f"{count} {word}" for word, count in counts.items()))


def _decoded(text: str | None) -> object:
    import msgspec

    return None if text is None else msgspec.json.decode(text)


def _kind(kind: str) -> str:
    single = kind.removesuffix("s")
    if single not in KINDS:
        raise UsageError(f"no kind is called {kind!r}: use {', '.join(KINDS)}")
    return single


def _ask(
    kind: str, text: str, filters: list[str] | None, sources: list[str] | None,
    where: str, status: str, since: str | None,
) -> "Ask":  # fmt: skip
    from vigie.model.ask import Ask
    from vigie.model.kinds import KINDS as DECLARED

    if status not in ("open", "closed", "all"):
        raise UsageError(f"--status {status}: use open, closed or all")
    shape = DECLARED[_kind(kind)]
    wanted: dict[str, tuple[str, ...]] = {}
    unwanted: dict[str, tuple[str, ...]] = {}
    pairs = [part.partition("=") for part in filters or ()]
    pairs += [("source", "=", name) for name in sources or ()]
    if where:
        code = where[:2].isdigit() or where.upper() in ("2A", "2B")
        pairs.append(("place_dep" if code else "place_city", "=", where))
    for name, sign, value in pairs:
        if not sign:
            raise UsageError(f"--filter {name}: write FIELD=VALUE")
        if name not in {field.name for field in shape.facets}:
            known = ", ".join(field.name for field in shape.facets)
            raise UsageError(f"--filter {name}: no such field. Known: {known}")
        side = unwanted if value.startswith("!") else wanted
        side[name] = (*side.get(name, ()), value.removeprefix("!"))
    at = None
    if since is not None:
        from vigie.cli.collecting import hours
        from vigie.wiring import now

        at = now() - timedelta(hours=hours(since) or 0)
    return Ask(kind=shape.name, text=text, filters=wanted, not_=unwanted,
               status=status, since=at)  # type: ignore[arg-type]  # fmt: skip  # checked above


def _with(ask: "Ask", **changes: Any) -> "Ask":
    import msgspec

    changed: Ask = msgspec.structs.replace(ask, **changes)
    return changed


def _summary(kind: str) -> list[str]:
    """Return the columns of a table of hits."""
    if kind == "figure":
        return ["id", "table", "year", "round", "area_name", "subject", "measure", "value"]
    told = {
        "job": ["title", "company", "place_city", "contract", "pay_raw"],
        "ad": ["title", "price", "price_currency", "place_city", "category"],
        "post": ["text", "topic", "lang"],
    }[kind]
    return ["id", *told, "source", "posted_at"]
