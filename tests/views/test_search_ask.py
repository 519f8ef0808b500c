"""Filters, counts, orders and pages mean what `vigie.model.ask` says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.views.listings import NOON, Shown
from vigie.errors import UsageError
from vigie.model.ask import Answer, Ask, Grain
from vigie.model.kinds import KINDS
from vigie.views.search import plan
from vigie.views.search.index import SearchIndex

Find = Callable[..., list[str]]

CITIES = ("Lyon", "Paris", "Brest", None)
CONTRACTS = ("permanent", "internship", None)


@pytest.fixture
def many(shown: Shown, index: SearchIndex) -> SearchIndex:
    """Sixty jobs of all sorts, a third of them in clusters of two or three, indexed."""
    draw = Random(7)  # a drawn example, always the same
    for number in range(60):
        pay = draw.choice((None, 30_000, 40_000, 50_000))
        shown.put(
            f"n{number}",
            source=draw.choice(("wttj", "talent", "hn")),
            title=draw.choice(("Data engineer", "Data analyst", "Boulanger")),
            place_city=draw.choice(CITIES),
            contract=draw.choice(CONTRACTS),
            status=draw.choice(("open", "open", "closed")),
            posted_at=draw.choice((None, NOON, NOON - timedelta(days=draw.randrange(3)))),
            pay_year_min=None if pay is None else Decimal(pay),
            pay_year_max=None if pay is None else Decimal(pay + 10_000),
            pay_min=None if pay is None else Decimal(pay),
        )
    for first in range(0, 20, 5):
        shown.gather(f"n{first}", f"n{first + 1}")
    shown.gather("n30", "n31", "n32")
    shown.rebuild(index)
    return index


@pytest.mark.parametrize("grain", ["listing", "cluster"])
@pytest.mark.parametrize("status", ["open", "closed", "all"])
@pytest.mark.parametrize("text", ["", "data", "-boulanger"])
def test_every_count_is_the_total_it_leads_to(
    many: SearchIndex, grain: Grain, status: plan.Status, text: str
) -> None:
    """Choosing a facet's value gives exactly the number shown beside it, whatever else is asked."""
    facets = tuple(field.name for field in plan.facets(KINDS["job"]))
    narrowings: tuple[dict[str, tuple[str, ...]], ...] = (
        {},
        {"source": ("hn", "wttj")},
        {"contract": ("",), "place_city": ("Lyon",)},
    )
    for filters in narrowings:
        asked: dict[str, Any] = {
            "kind": "job",
            "text": text,
            "grain": grain,
            "status": status,
            "facets": facets,
        }
        answer = many.ask(Ask(**asked, filters=filters))
        for name, buckets in answer.facets.items():
            for bucket in buckets:
                narrowed = many.ask(Ask(**asked, filters=filters | {name: (bucket.value,)}))
                assert narrowed.total == bucket.count, (name, bucket, filters)


@pytest.mark.parametrize("grain", ["listing", "cluster"])
def test_a_filter_and_its_opposite_are_everything(many: SearchIndex, grain: Grain) -> None:
    """What a filter finds and what it leaves out add up."""
    everything = many.ask(Ask(kind="job", grain=grain)).total
    for name, value in (("source", "hn"), ("place_city", ""), ("contract", "permanent")):
        there = many.ask(Ask(kind="job", grain=grain, filters={name: (value,)})).total
        rest = many.ask(Ask(kind="job", grain=grain, not_={name: (value,)})).total
        assert there + rest == everything
        assert there > 0
    priced = [many.ask(Ask(kind="job", grain=grain, has_price=x)).total for x in (True, False)]
    assert sum(priced) == everything
    parts = [many.ask(Ask(kind="job", grain=grain, status=x)).total for x in ("open", "closed")]
    assert sum(parts) == many.ask(Ask(kind="job", grain=grain, status="all")).total


@pytest.mark.parametrize("grain", ["listing", "cluster"])
@pytest.mark.parametrize("text", ["", "data"])
@pytest.mark.parametrize("sort", ["relevance", "posted_at", "-posted_at", "-pay_year_min"])
def test_pages_never_overlap(many: SearchIndex, grain: Grain, text: str, sort: str) -> None:
    """The pages one after the other are the whole, in the same order, whatever their size."""

    def page(limit: int, offset: int) -> Answer:
        return many.ask(
            Ask(kind="job", text=text, grain=grain, sort=sort, limit=limit, offset=offset)
        )

    whole = page(1000, 0)
    assert len(whole.ids) == len(set(whole.ids)) == whole.total
    for size in (1, 7, 25):
        turned = [one for at in range(0, whole.total, size) for one in page(size, at).ids]
        assert turned == list(whole.ids)
    assert page(10, whole.total).ids == page(0, 0).ids == page(5, 10**12).ids == ()
    assert page(0, 0).total == whole.total


def test_equals_are_ordered_by_id_whatever_was_written_first(
    shown: Shown, index: SearchIndex
) -> None:
    """The order of listings that sort alike does not depend on the history of the index."""
    names = [f"n{number}" for number in range(30)]
    for name in names:
        shown.follow(index, shown.put(name, title="Data engineer", posted_at=NOON))
    ids = sorted(shown.rows)

    for sort in ("relevance", "posted_at", "pay_year_min"):
        got = index.ask(Ask(kind="job", text="data", sort=sort, limit=100)).ids
        assert list(got) == ids


def test_unknown_values_come_last_in_both_directions(
    shown: Shown, index: SearchIndex, find: Find
) -> None:
    """A listing without a date is neither the newest nor the oldest."""
    shown.follow(
        index,
        shown.put("old", posted_at=NOON - timedelta(days=9)),
        shown.put("none", posted_at=None),
        shown.put("new", posted_at=NOON),
    )

    assert find(sort="posted_at") == ["old", "new", "none"]
    assert find(sort="-posted_at") == ["new", "old", "none"]


def test_relevance_without_words_is_newest_first(
    shown: Shown, index: SearchIndex, find: Find
) -> None:
    """Published, else first seen: a listing without a date is as old as our first sight of it."""
    shown.follow(
        index,
        shown.put("seen", posted_at=None, first_seen_at=NOON - timedelta(hours=5)),
        shown.put("old", posted_at=NOON - timedelta(days=9)),
        shown.put("new", posted_at=NOON),
    )

    assert find() == ["new", "seen", "old"]


def test_since_is_included_and_until_is_not(shown: Shown, index: SearchIndex, find: Find) -> None:
    """Two spans of time that touch share no listing and lose none."""
    later = NOON + timedelta(milliseconds=1)
    shown.follow(
        index,
        shown.put("before", posted_at=NOON - timedelta(milliseconds=1)),
        shown.put("at", posted_at=NOON),
        shown.put("undated", posted_at=None, first_seen_at=later),
    )

    assert sorted(find(since=NOON)) == ["at", "undated"]
    assert find(until=NOON) == ["before"]
    assert find(since=NOON, until=later) == ["at"]


def test_pay_overlaps_what_is_asked(shown: Shown, index: SearchIndex, find: Find) -> None:
    """A job fits when some pay is both asked and offered; an unknown bound is the known one."""
    shown.follow(
        index,
        shown.put("span", pay_year_min=Decimal(30_000), pay_year_max=Decimal(40_000)),
        shown.put("from", pay_year_min=Decimal("45000.50")),
        shown.put("none"),
    )

    assert sorted(find(price_min=35_000)) == ["from", "span"]
    assert find(price_min=40_001) == ["from"]
    assert find(price_max=45_000.49) == ["span"]
    assert sorted(find(price_max=45_000.50)) == ["from", "span"]
    assert find(price_min=41_000, price_max=45_000) == []
    assert find(price_min=float("-inf"), price_max=float("inf")) != []


def test_ads_have_prices_and_pictures(shown: Shown, index: SearchIndex, find: Find) -> None:
    """An empty list of pictures is no picture; an unknown price is no price, and zero is one."""
    shown.follow(
        index,
        shown.put("a", kind="ad", price=Decimal(0), images=["https://a.example/1.jpg"]),
        shown.put("b", kind="ad", price=None, images=[]),
    )

    assert find(kind="ad", has_image=True) == find(kind="ad", has_price=True) == ["a"]
    assert find(kind="ad", has_image=False) == find(kind="ad", has_price=False) == ["b"]
    assert find(kind="ad", price_max=10) == ["a"]


def test_not_said_is_a_value_of_its_own(shown: Shown, index: SearchIndex, find: Find) -> None:
    """The empty text filters and counts what is not said."""
    shown.follow(index, shown.put("a", remote="hybrid"), shown.put("b"), shown.put("c", remote=""))

    assert sorted(find(filters={"remote": ("",)})) == ["b", "c"]
    assert sorted(find(filters={"remote": ("", "hybrid")})) == ["a", "b", "c"]
    assert find(not_={"remote": ("",)}) == ["a"]
    buckets = index.ask(Ask(kind="job", facets=("remote",))).facets["remote"]
    assert [(bucket.value, bucket.count) for bucket in buckets] == [("", 2), ("hybrid", 1)]


def test_a_wanted_value_is_counted_even_when_it_is_rare(shown: Shown, index: SearchIndex) -> None:
    """The box that is ticked stays in sight, with its count, zero too."""
    shown.follow(index, *(shown.put(f"n{n}", company="Acme") for n in range(3)))
    shown.follow(index, shown.put("rare", company="Zeta"))

    asked = Ask(
        kind="job", facets=("company",), facet_size=1, filters={"company": ("Zeta", "Nobody")}
    )
    counts = {one.value: one.count for one in index.ask(asked).facets["company"]}
    assert counts == {"Acme": 3, "Zeta": 1, "Nobody": 0}


def test_kinds_are_apart(shown: Shown, index: SearchIndex, find: Find) -> None:
    """A question is about one kind; every kind can be asked."""
    for kind in KINDS:
        shown.follow(index, shown.put(kind, kind=kind, title="mot", text="mot"))

    for kind in KINDS:
        assert find(kind=kind) == [kind]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nothing"},
        {"facets": ("title",)},
        {"facets": ("price",)},
        {"filters": {"author_key": ("x",)}, "kind": "post"},
        {"not_": {"nothing": ("x",)}},
        {"sort": "title"},
        {"sort": "--posted_at"},
        {"sort": "price"},
        {"kind": "post", "price_min": 1.0},
        {"kind": "post", "has_price": True},
        {"kind": "job", "has_image": True},
        {"price_min": float("nan")},
        {"since": datetime(2026, 11, 20)},  # noqa: DTZ001  # naive on purpose
        {"limit": -1},
        {"offset": -1},
    ],
)
def test_what_does_not_exist_is_refused(many: SearchIndex, wrong: dict[str, Any]) -> None:
    """A name that means nothing is an error of the caller, told in one line."""
    with pytest.raises(UsageError):
        many.ask(Ask(**{"kind": "job"} | wrong))


def test_an_empty_index_answers_nothing(index: SearchIndex) -> None:
    """Nothing indexed: nothing found, nothing counted, position 0."""
    answer = index.ask(Ask(kind="job", text="data", facets=("source",)))

    assert (answer.ids, answer.total, answer.facets, answer.seq) == ((), 0, {"source": ()}, 0)
