"""What happens to a batch of spool entries, written once for every engine.

Read each page with its source, count what it lists, read each item apart, then run the kind's
steps over all items of the batch. Nothing is dropped: a page that cannot be read is a state, an
item that cannot be read is a quarantined row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

import msgspec
import polars as pl

from vigie.contracts import AnySource
from vigie.errors import Empty, RecordError, SourceError
from vigie.model.capture import Capture, Entry, Failure, RunEnd
from vigie.model.fates import State
from vigie.model.fields import Kind, Type
from vigie.model.frames import CARRIED, PAGES, Refined, refined_schema, shown_schema
from vigie.model.identity import listing_id
from vigie.model.kinds import KINDS
from vigie.model.listing import Listing
from vigie.model.removal import Removal

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
DETAIL_LIMIT: Final = 300  # letters of an error's text that are kept beside its reason


class Recipe(msgspec.Struct, frozen=True):
    """What an engine needs to refine a batch."""

    find: Callable[[str], AnySource | None]
    """Source by its name; None when this instance does not know it."""
    clean: Callable[[str, pl.DataFrame], pl.DataFrame]
    """Kind and rows with `shown_schema` → the same rows with `refined_schema`."""


def refine(entries: Iterable[Entry], recipe: Recipe) -> Refined:
    """Read and clean a batch: one row per page and one per listing found."""
    pages = _Columns(PAGES)
    rows: dict[str, _Columns] = {}
    ends: list[RunEnd] = []
    gone: list[tuple[str, str, datetime, str]] = []
    removed: list[tuple[str, Removal, datetime, str]] = []
    for entry in entries:
        if isinstance(entry, RunEnd):
            ends.append(entry)
        elif isinstance(entry, Failure):
            pages.add(_failed(entry))
        else:
            source = recipe.find(entry.source)
            if source is not None and entry.status in (404, 410) and "native_id" in entry.note:
                native_id = entry.note["native_id"]
                gone.append((source.kind, listing_id(entry.source, native_id), entry.at, entry.id))
                pages.add(_page(entry, State.OK, f"http {entry.status}", [], None))
                continue
            pages.add(_asked_to_learn(entry) or _read_page(entry, source, rows))
            if (deleted := _removed(entry, source)) is not None:
                removed.append((entry.source, deleted, entry.at, entry.id))
    listings = {
        name: clean(KINDS[name], columns.frame(), recipe.clean) for name, columns in rows.items()
    }
    return Refined(pages.frame(), listings, tuple(ends), tuple(gone), tuple(removed))


def _removed(page: Capture, source: AnySource | None) -> Removal | None:
    """Return what *page* says was deleted; None when it says nothing of the kind."""
    if source is None or not hasattr(source, "removed"):
        return None
    try:
        found: Removal = source.removed(page)
    except Exception:  # what cannot be read is told as a page; nothing is erased by a guess
        return None
    return found or None


def clean(
    kind: Kind, rows: pl.DataFrame, steps: Callable[[str, pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Run the steps; a row that makes them fail is quarantined alone, its batch goes on."""
    try:
        return steps(kind.name, rows)
    except Exception as error:  # a bug of a step must cost one row, not the batch
        if rows.height > 1:
            middle = rows.height // 2
            halves = (rows[:middle], rows[middle:])
            return pl.concat([clean(kind, half, steps) for half in halves])
        return _quarantined(kind, rows, "step_error", error)


def _asked_to_learn(page: Capture) -> dict[str, Any] | None:
    """Return the row of a page that was asked to learn about the site: nothing of it is published.

    A 404 is a way to say nothing; a refusal or a failure is told as on any page.
    """
    if "check" not in page.note or _refusal(page.status) is State.BLOCKED:
        return None
    return None if (page.status or 0) >= 500 else _page(page, State.EMPTY, None, [], None)


def _read_page(
    page: Capture, source: AnySource | None, rows: dict[str, "_Columns"]
) -> dict[str, Any]:
    if source is None:
        return _page(page, State.LAYOUT_CHANGED, f"no source is called {page.source}", [], None)
    refusal = _refusal(page.status)
    if refusal is not None:
        return _page(page, refusal, f"http {page.status}", [], None)
    try:
        items = source.items(page)
        total = source.total(page)
    except Empty:
        return _page(page, State.EMPTY, None, [], 0)
    except SourceError as error:
        return _page(page, State(error.state), str(error), [], None)
    except Exception as error:  # a reader that fails on a page says that the page is not as known
        why = f"the reader failed: {type(error).__name__}: {error}"
        return _page(page, State.LAYOUT_CHANGED, why[:DETAIL_LIMIT], [], None)
    found: list[Listing] = []
    for number, item in enumerate(items):
        kind, row, listing = _read_item(source, item, page, number)
        if kind.name not in rows:
            rows[kind.name] = _Columns(shown_schema(kind), kind)
        rows[kind.name].add(row)
        if listing is not None:
            found.append(listing)
    if not isinstance(total, int) or isinstance(total, bool) or abs(total) >= 2**63:
        total = None
    told = _page(page, State.OK if items else State.EMPTY, None, found, total)
    return told | {"found": len(items)}


def _read_item(
    source: AnySource, item: Any, page: Capture, number: int
) -> tuple[Kind, dict[str, Any], Listing | None]:
    row: dict[str, Any] = {
        "source": page.source, "run": page.run, "watch": page.watch, "query": page.query,
        "capture_id": page.id, "item": number, "at": page.at,
        "read_at": page.at if page.dated else None, "zone": source.zone,
        "revision": source.revision, "carried": 0,
    }  # fmt: skip
    try:
        listing = source.read(item, page)
        kind = KINDS[listing.kind]
        if not listing.native_id:
            raise RecordError("no_id")
        row |= {
            "id": listing_id(page.source, listing.native_id), "native_id": listing.native_id,
            "reading": listing.reading, "layer": listing.layer,
            "carried": _carried(kind, listing),
        }  # fmt: skip
        row |= listing.values
    except RecordError as error:
        return KINDS[source.kind], row | _marked(error.reason, error.detail), None
    except Exception as error:  # one bad item costs one item, whatever the reader stumbled on
        detail = f"{type(error).__name__}: {error}"
        return KINDS[source.kind], row | _marked("reader_error", detail), None
    return kind, row, listing


def _carried(kind: Kind, listing: Listing) -> int:
    """Return the bits of what the listing tells; a card does not tell what it leaves empty."""
    values = listing.values
    if unknown := values.keys() - _shown_names(kind):
        raise RecordError("unknown_field", ", ".join(sorted(unknown)))
    told = 0
    for place, field in enumerate(kind.shown):
        if field.name in values and (listing.reading == "full" or values[field.name] is not None):
            told |= 1 << place
    return told


_NAMES: dict[str, frozenset[str]] = {}


def _shown_names(kind: Kind) -> frozenset[str]:
    if kind.name not in _NAMES:
        _NAMES[kind.name] = frozenset(field.name for field in kind.shown)
    return _NAMES[kind.name]


def _refusal(status: int | None) -> State | None:
    """Return the state that a status alone decides; None: the source reads the page."""
    if status is None or 200 <= status < 300 or status == 400:
        return None
    if status in (401, 403, 407, 429, 451):
        return State.BLOCKED
    return State.UNREACHABLE


def _page(
    page: Capture, state: State, why: str | None, found: Sequence[Listing], total: int | None
) -> dict[str, Any]:
    return {
        "capture_id": page.id, "run": page.run, "source": page.source, "watch": page.watch,
        "query": page.query, "url": page.url, "at": page.at, "status": page.status,
        "state": str(state), "why": why, "found": 0, "total": total,
        "layer": found[0].layer if found else None, "body_bytes": len(page.body),
    }  # fmt: skip


def _failed(failure: Failure) -> dict[str, Any]:
    state = State.UNREACHABLE
    if failure.why in ("robots", "breaker", "waiting", "login"):
        state = State.BLOCKED
    elif failure.why == "ignored":  # the site does not heed what it is asked
        state = State.LAYOUT_CHANGED
    why = f"{failure.why}: {failure.detail}" if failure.detail else failure.why
    return {
        "capture_id": "", "run": failure.run, "source": failure.source, "watch": failure.watch,
        "query": failure.query, "url": failure.url, "at": failure.at, "state": str(state),
        "why": why[:DETAIL_LIMIT], "found": 0, "body_bytes": 0,
    }  # fmt: skip


def _marked(reason: str, detail: str) -> dict[str, Any]:
    return {"fate": "quarantined", "reason": reason, "detail": detail[:DETAIL_LIMIT] or None}


def _quarantined(kind: Kind, rows: pl.DataFrame, reason: str, error: Exception) -> pl.DataFrame:
    schema = refined_schema(kind)
    detail = f"{type(error).__name__}: {error}"[:DETAIL_LIMIT]
    kept = {name: rows[name].cast(kind_) for name, kind_ in CARRIED.items()}
    empty = {name: pl.Series(name, [None] * rows.height, dtype=schema[name]) for name in schema}
    return pl.DataFrame(empty | kept).with_columns(
        pl.lit("quarantined").alias("fate"), pl.lit(reason).alias("reason"),
        pl.lit(detail).alias("detail"),
    )  # fmt: skip


def _series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """Return *values* as a column.

    Lists go through JSON text: Polars makes a series of every single list, which takes ten times
    as long. Instants go through numbers: a page has one for all of its items.
    """
    if isinstance(dtype, pl.Datetime):
        numbers = {
            one: None if one is None else (one - _EPOCH) // _MILLISECOND for one in set(values)
        }
        return pl.Series(name, [numbers[one] for one in values], pl.Int64()).cast(dtype)
    if dtype != pl.List(pl.String()) or not any(values):
        return pl.Series(name, values, dtype=dtype, strict=True)
    checked = msgspec.convert(values, list[list[str] | None])
    texts = [None if one is None else msgspec.json.encode(one).decode() for one in checked]
    return pl.Series(name, texts, pl.String()).str.json_decode(dtype)


class _Columns:
    """Rows gathered column by column; values that do not fit their column cost their row."""

    def __init__(self, schema: Mapping[str, pl.DataType], kind: Kind | None = None) -> None:
        self._schema = schema
        self._kind = kind
        self._empty = dict.fromkeys(schema)
        self._values = itemgetter(*schema)
        self._rows: list[dict[str, Any]] = []

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append(row)

    def frame(self) -> pl.DataFrame:
        try:
            return self._frame(self._rows)
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            return self._frame([self._fitting(row) for row in self._rows])

    def _frame(self, rows: list[dict[str, Any]]) -> pl.DataFrame:
        if not rows:
            return pl.DataFrame(schema=self._schema)
        columns = zip(*[self._values(self._empty | row) for row in rows], strict=True)
        return pl.DataFrame(
            [
                _series(name, list(values), dtype)
                for (name, dtype), values in zip(self._schema.items(), columns, strict=True)
            ]
        )

    def _fitting(self, row: dict[str, Any]) -> dict[str, Any]:
        kept = {name: _without_surrogates(value) for name, value in row.items()}
        for name, value in kept.items():
            if self._kind is None or name not in self._kind.by_name:
                continue
            if not _fits(self._kind[name].type, value):
                shown = {field.name for field in self._kind.shown}
                bare = {k: v for k, v in kept.items() if k not in shown}
                return bare | _marked("bad_value", f"{name} = {value!r}") | {"carried": 0}
        return kept


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, (list, tuple)):
        return [_without_surrogates(part) for part in value]
    return value


def _fits(kind: Type, value: Any) -> bool:
    if value is None:
        return True
    match kind:
        case Type.TEXTS:
            return isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value)
        case Type.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        case Type.NUMBER:
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case Type.BOOLEAN:
            return isinstance(value, bool)
    return isinstance(value, str)
