"""What counts as told by whoever told it first: a post's topic."""

from itertools import permutations
from typing import Any

import polars as pl
import pytest

from tests.store.batches import at
from tests.store.conftest import SERVERS, Fresh
from vigie.model.frames import PAGES, Refined, refined_schema
from vigie.model.identity import digest, listing_id
from vigie.model.kinds import POST
from vigie.store import SqlStore, open_store

SEEN = ((1, None), (2, "Macron"), (3, "Le Pen"))
"""Minute and topic of three captures that show one post."""


def batch(minute: int, topic: str | None) -> Refined:
    """One post in one capture of one topic's query."""
    schema = refined_schema(POST)
    told: dict[str, Any] = {
        "id": listing_id("net", "1"), "source": "net", "native_id": "1", "run": f"r{minute}",
        "watch": "w", "query": topic or "", "capture_id": digest(str(minute)), "item": 0,
        "at": at(minute), "read_at": at(minute), "zone": "UTC", "reading": "full", "layer": "api",
        "revision": 1, "carried": POST.masks["topic"] | POST.masks["likes"], "topic": topic,
        "likes": minute,
    }  # fmt: skip
    rows = pl.DataFrame([{name: told.get(name) for name in schema}], schema=schema)
    page: dict[str, Any] = {**told, "found": 1, "url": "https://net.example/", "status": 200,
                            "state": "ok", "body_bytes": 1}  # fmt: skip
    return Refined(
        pl.DataFrame([{name: page.get(name) for name in PAGES}], schema=PAGES), {"post": rows}, ()
    )


def kept(store: SqlStore) -> tuple[str | None, int, list[str]]:
    row = store.get("post", [listing_id("net", "1")]).row(0, named=True)
    history = store.history(listing_id("net", "1"))
    return row["topic"], row["likes"], history["field"].to_list()


@pytest.mark.parametrize("backend", ["memory", *SERVERS])
@pytest.mark.parametrize("order", list(permutations(SEEN)))
def test_a_topic_stays_the_first_that_found_the_post(
    fresh: Fresh, backend: str, order: tuple[tuple[int, str | None], ...]
) -> None:
    """In whatever order captures arrive, the earliest that names a topic is believed, others
    change nothing and leave no history; counters move on. Every query keeps it in its scope."""
    store = open_store(fresh(backend))
    try:
        fates = [store.save(batch(minute, topic), None) for minute, topic in order]

        assert kept(store) == ("Macron", 3, [])
        assert sum(fate.changed for fate in fates) == 0
        assert set(store.found_by("w")["query"]) == {"", "Macron", "Le Pen"}
    finally:
        store.close()
