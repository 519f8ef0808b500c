"""What a site has deleted goes here too, and stays away; on every database."""

from typing import Any

import polars as pl

from tests.store.batches import at
from vigie.model.frames import PAGES, Refined, refined_schema
from vigie.model.identity import digest, listing_id
from vigie.model.kinds import POST
from vigie.model.removal import Removal
from vigie.store import SqlStore


def post(native_id: str, minute: int, author: str) -> Refined:
    """One post in one capture."""
    schema = refined_schema(POST)
    told: dict[str, Any] = {
        "id": listing_id("net", native_id), "source": "net", "native_id": native_id,
        "run": "r", "watch": "w", "query": "", "capture_id": digest(native_id, str(minute)),
        "item": 0, "at": at(minute), "read_at": at(minute), "zone": "UTC", "reading": "full",
        "layer": "api", "revision": 1, "carried": POST.masks["author_key"], "author_key": author,
    }  # fmt: skip
    page = {**told, "found": 1, "url": "https://net.example/", "status": 200, "state": "ok",
            "body_bytes": 1}  # fmt: skip
    return Refined(
        pl.DataFrame([{name: page.get(name) for name in PAGES}], schema=PAGES),
        {"post": pl.DataFrame([{name: told.get(name) for name in schema}], schema=schema)},
    )


def gone(minute: int, removal: Removal) -> Refined:
    return Refined(
        pl.DataFrame(schema=PAGES), {}, removed=(("net", removal, at(minute), "gone"),)
    )  # fmt: skip


def test_removed_posts_and_authors_leave_and_do_not_come_back(store: SqlStore) -> None:
    """A post by its id, all posts of an author by their key; an older page shows them in vain."""
    for number, author in enumerate("aabbc"):
        store.save(post(str(number), number, author), None)

    store.save(gone(10, Removal(native_ids=("0",))), None)
    store.save(gone(11, Removal(author_keys=("b",))), None)

    left = [n for n in range(5) if store.get("post", [listing_id("net", str(n))]).height]
    assert left == [1, 4]
    assert sorted(store.to_erase()) == sorted(digest(str(n), str(n)) for n in (0, 2, 3))
    assert len(store.to_strike()) == 3
    for number, author in ((0, "a"), (2, "b"), (9, "b")):
        assert store.save(post(str(number), 20 + number, author), None).rejected == 1
    assert store.counts("post")["open"] == 2
    store.erased(store.to_erase())
    store.stricken(store.to_strike())
    assert (store.to_erase(), store.to_strike()) == ([], [])
