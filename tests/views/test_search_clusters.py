"""A cluster is asked as one, and answers to every member."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.views.listings import NOON, Shown
from vigie.model.ask import Ask
from vigie.views.search.index import SearchIndex

Find = Callable[..., list[str]]


@pytest.fixture
def pair(shown: Shown, index: SearchIndex) -> SearchIndex:
    """One offer on two sites, told differently, and another offer."""
    shown.put("a", source="hn", title="Data engineer", place_city="Lyon", text="Spark")
    shown.put("b", source="wttj", title="Ingénieur data", contract="permanent", text="Kafka")
    shown.put("c", source="wttj", title="Boulanger", place_city="Lyon")
    shown.gather("a", "b")
    shown.rebuild(index)
    return index


@pytest.mark.usefixtures("pair")
def test_a_cluster_is_counted_once(find: Find) -> None:
    """Two postings of one offer are two listings and one result."""
    assert len(find()) == 3
    assert len(find(grain="cluster")) == 2


def test_a_cluster_answers_to_every_members_values(pair: SearchIndex, find: Find) -> None:
    """Its sources, places and words are those of all members, whichever tells them."""
    questions: tuple[dict[str, Any], ...] = (
        {"filters": {"source": ("hn",)}},
        {"filters": {"source": ("wttj",), "contract": ("permanent",), "place_city": ("Lyon",)}},
        {"text": "spark kafka"},
    )
    for how in questions:
        assert set(find(grain="cluster", **how)) & {"a", "b"}, how
    assert find("spark kafka") == []
    counts = pair.ask(Ask(kind="job", grain="cluster", facets=("source", "contract"))).facets
    assert {one.value: one.count for one in counts["source"]} == {"wttj": 2, "hn": 1}
    # One member says the contract, so the offer is not one whose contract is not said.
    assert {one.value: one.count for one in counts["contract"]} == {"permanent": 1, "": 1}


def test_the_fullest_open_member_stands_for_the_cluster(
    shown: Shown, pair: SearchIndex, find: Find
) -> None:
    """Open before closed, full before card, more said before less."""
    shown.follow(pair, shown.put("a", company="Acme", remote="hybrid"))
    assert find("spark", grain="cluster") == ["a"]
    shown.follow(pair, shown.put("a", reading="card"))
    assert find("spark", grain="cluster") == ["b"]
    shown.follow(pair, shown.put("b", status="closed"))
    assert find("spark", grain="cluster") == ["a"]


def test_open_clusters_answer_from_open_members_only(
    shown: Shown, pair: SearchIndex, find: Find
) -> None:
    """A closed member gives the open offer neither its place nor its words."""
    shown.follow(pair, shown.put("b", status="closed"))

    assert find("kafka", grain="cluster") == []
    assert find(grain="cluster", filters={"contract": ("permanent",)}) == []
    assert find("kafka", grain="cluster", status="all") == ["a"]
    assert find(grain="cluster", status="closed") == []
    shown.follow(pair, shown.put("a", status="closed"))
    assert len(find("kafka", grain="cluster", status="closed")) == 1
    assert find("kafka", grain="cluster") == []


def test_a_cluster_is_dated_and_priced_by_its_members(
    shown: Shown, index: SearchIndex, find: Find
) -> None:
    """It is as new as its newest member, and its pay spans theirs."""
    shown.put("a", posted_at=NOON, pay_year_min=Decimal(30_000))
    shown.put("b", posted_at=NOON - timedelta(days=5), pay_year_min=Decimal(50_000))
    shown.put("c", posted_at=NOON - timedelta(days=1), pay_year_min=Decimal(40_000))
    shown.gather("a", "b")
    shown.rebuild(index)

    by_date = find(grain="cluster", sort="-posted_at")
    assert set(by_date[:1]) <= {"a", "b"}
    assert by_date[1:] == ["c"]
    assert set(find(grain="cluster", sort="pay_year_min")[:1]) <= {"a", "b"}
    assert len(find(grain="cluster", price_min=50_000)) == 1
    assert len(find(grain="cluster", until=NOON - timedelta(days=3))) == 1


def test_members_come_and_go(shown: Shown, index: SearchIndex, find: Find) -> None:
    """Linking, parting, erasing: the cluster's document is always that of its members."""
    shown.follow(index, *(shown.put(name, title=f"Data {name}") for name in ("a", "b", "c")))
    assert len(find(grain="cluster")) == 3

    shown.follow(index, *shown.gather("a", "b", "c"))
    assert len(find(grain="cluster")) == 1
    assert len(find()) == 3

    leaving = shown.gather("c")  # the feed says that c left, and nothing of a and b
    shown.rows[leaving[0].id]["cluster"] = leaving[0].id
    shown.gather("a", "b")
    shown.follow(index, *leaving)
    assert len(find(grain="cluster")) == 2
    assert not index.reconcile(shown.frames().items())

    shown.follow(index, shown.erase("a"), *shown.gather("b"))
    assert sorted(find(grain="cluster")) == sorted(find()) == ["b", "c"]
    assert not index.reconcile(shown.frames().items())


def test_a_member_that_changes_changes_its_cluster(
    shown: Shown, pair: SearchIndex, find: Find
) -> None:
    """The feed names one member; the cluster's document follows."""
    shown.follow(pair, shown.put("a", place_city="Brest"))

    assert len(find(grain="cluster", filters={"place_city": ("Brest",)})) == 1
    assert len(find(grain="cluster", filters={"place_city": ("Lyon",)})) == 1
    assert not pair.reconcile(shown.frames().items())
