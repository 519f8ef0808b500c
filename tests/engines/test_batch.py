"""What refining a batch promises: one bad item costs one item, one bad page one page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import polars as pl
import pytest

from vigie.contracts import Terms
from vigie.engines.batch import Recipe, refine
from vigie.errors import Blocked, Empty, PageChanged, RecordError
from vigie.model.capture import Capture, Failure, Query, Request, RunEnd, Scan
from vigie.model.frames import PAGES, refined_schema
from vigie.model.identity import listing_id
from vigie.model.kinds import AD
from vigie.model.listing import Listing
from vigie.steps import STANDARD, run
from vigie.store import open_store

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """A source whose pages are lines: ``id|title``, or the name of what goes wrong."""

    label: ClassVar[str] = "Lines"
    kind: ClassVar[str] = "ad"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(url="", read_on=None, attribution="", reuse="")
    example: ClassVar[Query] = Query(name="all")
    sentinel: ClassVar[Query | None] = None
    pause_seconds: float = 1.0

    def first(self, query: Query) -> Iterator[Request]:
        yield Request(url=f"https://lines.example/?{query.words}")

    def follow(self, page: Capture) -> Iterator[Request]:
        return iter(())

    def scrub(self, page: Capture) -> Capture:
        return page

    def items(self, page: Capture) -> Sequence[str]:
        match page.body:
            case b"changed":
                raise PageChanged("lines", page.url, "its lines")
            case b"blocked":
                raise Blocked("lines", page.url, "a challenge")
            case b"nothing":
                raise Empty("lines", page.url)
            case b"bug":
                raise ZeroDivisionError("a reader's bug")
        return page.body.decode().split("\n")

    def read(self, item: str, page: Capture) -> Listing:
        native_id, _, title = item.partition("|")
        values: dict[str, Any] = {"title": title}
        match title:
            case "unreadable":
                raise RecordError("bad_row", "no title")
            case "bug":
                raise KeyError("title")
            case "number":
                values["title"] = 12
            case "surrogate":
                values["title"] = "caf\udce9"
            case "huge":
                values["new_development"] = "not a boolean"
            case "misspelt":
                values["titel"] = "x"
        return Listing(kind="ad", native_id=native_id, reading="full", layer="api", values=values)

    def total(self, page: Capture) -> int | None:
        return None


def find(name: str) -> Lines | None:
    return Lines() if name == "lines" else None


RECIPE = Recipe(find=find, clean=lambda kind, rows: run(kind, rows, STANDARD[kind]))


def page(body: str, number: int = 1, *, status: int | None = 200, source: str = "lines",
         **note: str) -> Capture:  # fmt: skip
    return Capture(
        id=f"c{number}", at=AT, source=source, url=f"https://lines.example/{number}",
        body=body.encode(), run="r", status=status, note=note,
    )  # fmt: skip


def fates(rows: pl.DataFrame) -> list[tuple[str | None, str | None]]:
    return rows.select("fate", "reason").rows()


def test_one_bad_item_costs_one_item() -> None:
    """Whatever a reader stumbles on, the other items of the page are kept."""
    odd = ("unreadable", "bug", "number", "huge", "misspelt")
    lines = ["1|Vélo", *(f"{n}|{title}" for n, title in enumerate(odd, 2)), "|no id", "9|Table"]

    made = refine([page("\n".join(lines))], RECIPE)

    assert made.pages["found"].to_list() == [8]
    assert fates(made.listings["ad"]) == [
        (None, None), ("quarantined", "bad_row"), ("quarantined", "reader_error"),
        ("quarantined", "bad_value"), ("quarantined", "bad_value"),
        ("quarantined", "unknown_field"), ("quarantined", "no_id"), (None, None),
    ]  # fmt: skip
    assert made.listings["ad"]["title"].to_list()[::7] == ["Vélo", "Table"]


def test_a_lone_surrogate_is_replaced_not_dropped() -> None:
    made = refine([page("1|surrogate")], RECIPE)
    assert made.listings["ad"]["title"].to_list() == ["caf?"]
    assert fates(made.listings["ad"]) == [(None, None)]


def test_frames_have_the_declared_columns() -> None:
    made = refine([page("1|Vélo")], RECIPE)
    assert dict(made.pages.schema) == PAGES
    assert dict(made.listings["ad"].schema) == refined_schema(AD)


@pytest.mark.parametrize(
    ("body", "status", "state"),
    [
        ("changed", 200, "layout_changed"), ("blocked", 200, "blocked"), ("nothing", 200, "empty"),
        ("bug", 200, "layout_changed"), ("1|A", 403, "blocked"), ("1|A", 429, "blocked"),
        ("1|A", 500, "unreachable"), ("1|A", 404, "unreachable"), ("1|A", None, "ok"),
    ],
)  # fmt: skip
def test_a_page_says_what_it_is(body: str, status: int | None, state: str) -> None:
    """A refusal, an outage or a changed page gives no listing and never a silent zero."""
    made = refine([page(body, status=status), page("7|Good", 2)], RECIPE)
    assert made.pages["state"].to_list() == [state, "ok"]
    assert made.listings["ad"]["native_id"].to_list() == (["1", "7"] if state == "ok" else ["7"])


def test_an_unknown_source_is_told_not_skipped() -> None:
    made = refine([page("1|A", source="gone")], RECIPE)
    assert made.pages.select("state", "why").rows() == [
        ("layout_changed", "no source is called gone")
    ]


def test_failures_and_ends_pass_through() -> None:
    end = RunEnd(at=AT, source="lines", run="r", scan=Scan.CUT, started_at=AT)
    failure = Failure(at=AT, source="lines", url="https://x", run="r", why="robots")
    made = refine([failure, end], RECIPE)
    assert made.ends == (end,)
    assert made.pages.select("state", "why").rows() == [("blocked", "robots")]


def test_a_step_that_fails_costs_the_row_it_fails_on() -> None:
    """A bug in a step quarantines its row; the rest of the batch is cleaned."""

    def poisoned(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        if (rows["title"] == "Poison").any():
            raise ValueError("cannot clean this")
        return run(kind, rows, STANDARD[kind])

    body = "\n".join(f"{n}|{'Poison' if n == 5 else 'Vélo'}" for n in range(1, 10))
    made = refine([page(body)], Recipe(find=find, clean=poisoned))
    told = made.listings["ad"].select("native_id", "reason", "detail")
    assert told.height == 9
    assert told.filter(pl.col("reason").is_not_null()).rows() == [
        ("5", "step_error", "ValueError: cannot clean this")
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_a_listing_whose_own_page_is_gone_closes(status: int) -> None:
    """A 404 on the ad's own page is evidence; the same on a list page is not."""
    store = open_store("sqlite://")
    store.save(refine([page("1|Vélo\n2|Table")], RECIPE), None)

    fates = store.save(refine([page("", 2, status=status, native_id="1"),
                               page("", 3, status=status)], RECIPE), None)  # fmt: skip

    assert fates.closed == 1
    shown = store.get("ad", [listing_id("lines", n) for n in "12"])
    assert shown["status"].to_list() == ["closed", "open"]
    store.close()
