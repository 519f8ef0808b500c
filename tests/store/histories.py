"""Random histories of a few listings, and the saving of them: the same seed, the same captures."""

import random
from decimal import Decimal
from typing import Any

import polars as pl

from tests.store.batches import at, batch, end, seen
from vigie.model.capture import Scan
from vigie.model.identity import listing_id
from vigie.store import SqlStore

TEXTS = (
    "Vélo d’enfant 🚲 دراجة", "a", "A", "a ", "é", "e", "l'\"été\" \\ 100 % ?", "tab\tline\nend\\",
    "", "%s :name ?", "x" * 70_000,
)  # fmt: skip
QUERIES = ("", "paris", "Paris", "paris ", "é")


def observation(rng: random.Random, native_id: str, minute: int, item: int) -> dict[str, Any]:
    """One ad as some page tells it, some fields absent or null."""
    values: dict[str, Any] = {"title": rng.choice(TEXTS)}
    if rng.random() < 0.7:
        cents = rng.choice([0, 1, 99, 100_000, 123_456_789_012, None])
        values["price_raw"] = None if cents is None else f"{cents} c"
        values["price"] = None if cents is None else Decimal(cents).scaleb(-2)
    if rng.random() < 0.5:
        values["text"] = rng.choice(TEXTS)
    if rng.random() < 0.5:
        values["images"] = rng.choice([[], ["https://a/é", 'b"'], None])
    if rng.random() < 0.5:
        values["new_development"] = rng.choice([True, False, None])
    if rng.random() < 0.5:
        values |= {"place_lat": rng.uniform(-90, 90), "place_lon": 1e-6 * rng.randrange(-9, 9)}
    if rng.random() < 0.5:
        values |= {"posted_at": at(rng.randrange(5) + 0.00123), "posted_precision":
                   rng.choice(["second", "hour", "day"])}  # fmt: skip
        values["posted_raw"] = f"{values['posted_at']}{values['posted_precision']}"
    return seen(native_id, minute, run=f"r{minute}", item=item, query=rng.choice(QUERIES),
                reading=rng.choice(["card", "full"]), **values)  # fmt: skip


def live(store: SqlStore, seed: int, minutes: int = 12, ads: int = 40) -> None:
    """Save a history: visits, ends of runs, links, readings again, an erasure."""
    rng = random.Random(seed)
    kept: list[Any] = []
    for minute in range(minutes):
        shown = [n for n in range(ads) if rng.random() < 0.7]
        rows = [observation(rng, f"Ad {n}", minute, item) for item, n in enumerate(shown)]
        ends = [end(f"r{minute}", minute + 0.5, scan=Scan.COMPLETE, query=query, misses=1)
                for query in QUERIES]  # fmt: skip
        told = batch(rows, ends)
        kept.append(batch(rows))
        if minute % 5 == 3:  # a batch that comes late
            store.save(batch([observation(rng, "Ad 1", minute - 2, 0)]), None)
        store.save(told, None)
    ids = [listing_id("site", f"Ad {n}") for n in range(ads)]
    store.link(
        pl.DataFrame(
            [(a, b, "same", "r", "machine") for a, b in zip(ids[:9], ids[3:12], strict=True)],
            schema=["left", "right", "verdict", "reason", "by"], orient="row",
        )
    )  # fmt: skip
    store.save(kept[1], None, reread=True)
    store.erase(ids[:2])
