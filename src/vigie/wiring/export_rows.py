"""What stands in the exports of a watch: its listings, or one row for each cluster of them.

A listing is the watch's when one of its queries found it, or when it was imported for one of its
sources. Columns that move although the site says nothing new (when it was last seen, in which
capture) are left out: two exports of the same facts are the same bytes.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from vigie.errors import ConfigError
from vigie.model.kinds import KINDS
from vigie.model.watch import IMPORTS, Export, Watch, WatchedSource
from vigie.steps.folding import fold

if TYPE_CHECKING:
    from vigie.store import SqlStore

UNSTEADY: Final = frozenset({"last_seen_at", "capture_id", "layer", "posted_raw", "updated_at"})
"""Fields that move from run to run; `Export.columns` may ask for them by name."""
_MARKUP: Final = frozenset({"html"})
FRONT: Final = ("id", "source", "native_id", "fallback", "queries")
CLUSTER_FRONT: Final = ("cluster", "sources", "links", "members", "fallback", "queries")
LAST: Final = ("text", "summary")
"""Long texts stand at a row's end, where they hide nothing."""
_OF_MEMBERS: Final = frozenset({"id", "source", "native_id", "cluster", "url", "status", "reading",
                                "closed_at", "changed_at"})  # fmt: skip
"""Fields that only make sense of one member of a cluster."""
_TOGETHER: Final = ("pay", "place", "posted", "price", "experience", "contract", "remote", "hours")
"""What begins so is taken from one member: a bound of pay without its period says nothing."""
DERIVED: Final[Mapping[str, tuple[str, ...]]] = {
    "job": (), "ad": ("image",), "post": ("hour", "weekday", "length"), "figure": (),
}  # fmt: skip
_TEXTS: Final = pl.List(pl.String())


def header(kind: str, rows: str = "listings") -> tuple[str, ...]:
    """Return the columns of an export of *kind* that names none, in their order."""
    shape = KINDS[kind]
    left_out = UNSTEADY | _MARKUP | {field.name for field in shape.stored if field.private}
    own = [field.name for field in shape.stored if field.name not in left_out]
    front = CLUSTER_FRONT if rows == "clusters" else FRONT
    if rows == "clusters":
        own = [name for name in own if name not in _OF_MEMBERS]
    long = [name for name in own if name in LAST]
    rest = [name for name in own if name not in (*front, *LAST)]
    return (*front, *rest, *DERIVED[kind], *long)


def columns_of(export: Export, kind: str) -> dict[str, str]:
    """Return header → field of every column of *export*, in their order.

    Raises:
        ConfigError: a column is asked for that its rows do not have.
    """
    usual = header(kind, export.rows)
    known = {*usual, *(field.name for field in KINDS[kind].stored if not field.private)}
    for field in export.columns.values():
        if field not in known:
            raise ConfigError(f"export {export.path}: a {kind} has no column {field!r}")
    named = set(export.columns.values())
    rest = () if export.only_columns else (name for name in usual if name not in named)
    return export.columns | {name: name for name in rest if name not in export.columns}


def rows_of(
    store: "SqlStore", watch: Watch, kind: str, runs: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the watch's listings of *kind*, newest first: stored fields, queries, fallback and
    what is derived of them.

    Args:
        runs: Only what these runs saw. None: everything.
    """
    watched = {source.name: source for source in watch.source if watch.kind_of(source) == kind}
    found = _found(store, watch, watched.values())
    if runs is not None:
        found = found.filter(pl.col("run").is_in(list(runs)))
    asked = found.group_by("id").agg(pl.col("query").unique().alias("asked"))
    rows = store.get(kind, asked["id"].sort().to_list()).join(
        asked, on="id", how="left", maintain_order="left"
    )
    fallback = [name for name, source in watched.items() if source.fallback]
    rows = rows.with_columns(
        _queries(rows, watch, kind, watched),
        pl.col("source").is_in(fallback).alias("fallback"),
        *_derived(kind, watch.zone),
    ).drop("asked")
    rows = rows.filter(_belongs(watched.values()))
    newest = ["posted_at", "id"] if "posted_at" in rows.columns else ["id"]
    return rows.sort(newest, descending=[name == "posted_at" for name in newest], nulls_last=True)


def clusters_of(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Return one row for each cluster of *rows*: the fullest member's, what it lacks filled from
    the others, with the sources, links and queries of all."""
    preferred = rows.with_columns(
        (pl.col("status") != "open").alias("_shut"),
        (pl.col("reading") != "full").alias("_cut"),
        -_length(rows).alias("_length"),
    ).sort("cluster", "fallback", "_shut", "_cut", "_length", "id")
    own = [name for name in header(kind, "clusters") if name not in CLUSTER_FRONT]
    made = [
        _cluster(str(cluster), list(members), own)
        for cluster, members in groupby(
            preferred.iter_rows(named=True), key=lambda row: row["cluster"]
        )
    ]
    schema = {
        "cluster": pl.String(), "sources": _TEXTS, "links": _TEXTS, "members": pl.Int64(),
        "fallback": pl.Boolean(), "queries": _TEXTS,
        "url": pl.String(), **{name: rows.schema[name] for name in own},
    }  # fmt: skip
    frame = pl.DataFrame(made, schema=schema)
    newest = ["posted_at", "cluster"] if "posted_at" in frame.columns else ["cluster"]
    return frame.sort(newest, descending=[n == "posted_at" for n in newest], nulls_last=True)


def _found(store: "SqlStore", watch: Watch, sources: Iterable[WatchedSource]) -> pl.DataFrame:
    """Return what the recipe's queries found, and what was imported for its sources."""
    sources = list(sources)
    asked = [(source.name, query.name) for source in sources for query in watch.queries(source)]
    scopes = pl.DataFrame(asked, schema={"source": pl.String(), "query": pl.String()}, orient="row")
    visited = store.found_by(watch.name).join(scopes, on=["source", "query"], how="semi")
    imported = store.found_by(IMPORTS).filter(
        pl.col("source").is_in([source.name for source in sources])
    )
    return pl.concat([visited, imported])


def _queries(
    rows: pl.DataFrame, watch: Watch, kind: str, watched: Mapping[str, WatchedSource]
) -> pl.Series:
    """Return the queries of each listing: those that found it, else those whose words it holds."""
    names = {query.name for query in watch.topics()} if kind == watch.kind else set()
    told_by = _words_of(watch, kind)
    matching = {name for name, source in watched.items() if source.matching}
    columns = ["source", "asked", *(n for n in ("topic", "title", "text") if n in rows.columns)]
    made: list[list[str]] = []
    for row in rows.select(columns).iter_rows(named=True):
        mine = {*row["asked"], row.get("topic")} & names
        if not mine or row["source"] in matching:
            shown = fold(f"{row.get('title') or ''} {_text_of(row, kind)}")
            mine |= {name for name, tells in told_by.items() if tells(shown)}
        made.append(sorted(name for name in mine if name))
    return pl.Series("queries", made, dtype=_TEXTS)


def _text_of(row: Mapping[str, Any], kind: str) -> str:
    # A job's text names every trade it works with: only its title says what it is.
    return str(row.get("text") or "") if kind == "post" else ""


def _words_of(watch: Watch, kind: str) -> dict[str, Callable[[str], bool]]:
    if kind != watch.kind:
        return {}
    return {query.name: _teller(query.words or query.name, kind) for query in watch.query}


def _teller(words: str, kind: str) -> Callable[[str], bool]:
    """Return whether a folded text holds *words*: a name in one piece or as a hashtag, the words
    of a trade in any order."""
    parts = re.findall(r"\w+", fold(words))
    patterns = (
        [r"[\W_]*".join(map(re.escape, parts))] if kind == "post" else list(map(re.escape, parts))
    )
    found = [re.compile(rf"(?<!\w){pattern}(?!\w)") for pattern in patterns]
    return lambda text: bool(found) and all(one.search(text) for one in found)


def _derived(kind: str, zone: str) -> Iterator[pl.Expr]:
    if kind == "ad":
        yield pl.col("images").list.first().alias("image")
    if kind == "post":
        there = pl.col("posted_at").dt.convert_time_zone(zone).dt
        yield there.hour().cast(pl.Int64).alias("hour")
        yield there.weekday().cast(pl.Int64).alias("weekday")
        yield pl.col("text").str.len_chars().cast(pl.Int64).alias("length")


def _belongs(sources: Iterable[WatchedSource]) -> pl.Expr:
    """Whether a listing counts as the watch's, by what its source's recipe says."""
    wanted = pl.lit(value=True)
    for source in sources:
        other = pl.col("source") != source.name
        if source.matching:
            wanted &= other | (pl.col("queries").list.len() > 0)
        for field, values in source.keep.items():
            held = pl.col(field).cast(pl.String()).is_in(list(values)).fill_null(value=False)
            wanted &= other | held
    return wanted


def _length(rows: pl.DataFrame) -> pl.Expr:
    if "text" not in rows.columns:
        return pl.lit(0, pl.Int64())
    return pl.col("text").str.len_chars().fill_null(0).cast(pl.Int64)


def _cluster(
    cluster: str, members: Sequence[Mapping[str, Any]], own: Sequence[str]
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cluster": cluster,
        "sources": sorted({row["source"] for row in members}),
        "links": list(dict.fromkeys(row["url"] for row in members if row["url"])),
        "members": len(members),
        "fallback": all(row["fallback"] for row in members),
        "queries": sorted({query for row in members for query in row["queries"]}),
    }
    made["url"] = made["links"][0] if made["links"] else None
    for names in _blocks(own):
        told = (row for row in members if any(row[name] is not None for name in names))
        chosen = next(told, members[0])
        made |= {name: chosen[name] for name in names}
    made["first_seen_at"] = min(row["first_seen_at"] for row in members)
    return made


def _blocks(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the fields that belong together, the others alone."""
    blocks: dict[str, list[str]] = {}
    for name in names:
        head = name.partition("_")[0]
        blocks.setdefault(head if head in _TOGETHER else name, []).append(name)
    yield from blocks.values()
