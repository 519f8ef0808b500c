"""What its author deletes is gone from everything that Vigie holds, and does not come back."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from tests.museum.test_canaries import written
from vigie.config import load
from vigie.model.ask import Ask
from vigie.model.capture import Capture, RunEnd, Scan, capture_id
from vigie.wiring import Instance
from vigie.wiring.csv_rows import write_csv

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CANARY = "Zirkelpomme"
DID = "did:plc:inventedauthor000000001"


def event(rkey: str, operation: str, text: str = "", *, did: str = DID) -> dict[str, Any]:
    commit: dict[str, Any] = {
        "rev": "3lxinvented", "operation": operation, "collection": "app.bsky.feed.post",
        "rkey": rkey,
    }  # fmt: skip
    if operation != "delete":
        commit |= {
            "record": {"$type": "app.bsky.feed.post", "text": text, "langs": ["fr"],
                       "createdAt": "2026-03-01T11:59:00.000Z"},
            "cid": "bafyinvented",
        }  # fmt: skip
    return {"did": did, "time_us": 1772366400000000, "kind": "commit", "commit": commit}


def gone(did: str = DID) -> dict[str, Any]:
    return {
        "did": did, "time_us": 1772366400000000, "kind": "account",
        "account": {"active": False, "did": did, "seq": 1, "status": "deleted",
                    "time": "2026-03-01T12:00:00.000Z"},
    }  # fmt: skip


def tell(here: Instance, minutes: int, *events: dict[str, Any]) -> None:
    """Spool five seconds of the stream, scrubbed as the collector does, and process them."""
    at = NOON + timedelta(minutes=minutes)
    body = "\n".join(map(json.dumps, events)).encode()
    url = "https://jetstream.example/subscribe"
    page = Capture(id="", at=at, source="bluesky", url=url, body=body, run=f"r{minutes}",
                   query="topic", status=200, headers=(("Content-Type", "application/x-ndjson"),),
                   note={"topics": "topic"})  # fmt: skip
    clean = here.source("bluesky").scrub(page)
    identity = capture_id(source="bluesky", url=url, body=clean.body, at=at, status=200)
    end = RunEnd(at=at, source="bluesky", run=page.run, scan=Scan.NEWEST, query="topic",
                 started_at=at, pages=1)  # fmt: skip
    here.spool.append([msgspec.structs.replace(clean, id=identity), end])
    here.spool.close()
    here.process()


def open_instance(folder: Path) -> Instance:
    return Instance(load({"data_dir": folder / "data"}, environ={}, folder=folder).settings)


def found(here: Instance) -> int:
    return here.search.ask(Ask(kind="post", text=CANARY)).total


def test_a_deleted_post_is_nowhere(tmp_path: Path) -> None:
    """Its words are in no file any more: spool, database, WAL, index; another post stays."""
    with open_instance(tmp_path) as here:
        tell(here, 0, event("a1", "create", f"Un mot, {CANARY}, et puis rien."))
        tell(here, 1, event("b1", "create", "Le débat de ce soir"))
        assert found(here) == 1

        tell(here, 2, event("a1", "delete"))

        assert found(here) == 0
        assert here.store.counts("post")["open"] == 1
        assert here.store.to_erase() == []
    with open_instance(tmp_path) as here:
        here.store.counts("post")
    assert not [path for path, raw in written(tmp_path / "data") if CANARY.encode() in raw]


def test_it_does_not_come_back(tmp_path: Path) -> None:
    """An older page that shows it once more, late or replayed, is refused and erased too."""
    with open_instance(tmp_path) as here:
        tell(here, 0, event("a1", "create", f"Un mot, {CANARY}."))
        tell(here, 2, event("a1", "delete"))

        tell(here, 1, event("a1", "create", f"Un mot, {CANARY}."))

        assert found(here) == 0
        assert here.store.counts("post")["open"] == 0
    assert not [path for path, raw in written(tmp_path / "data") if CANARY.encode() in raw]


def test_an_author_who_leaves_takes_all_posts(tmp_path: Path) -> None:
    """Every post of the account is gone; those of others stay."""
    other = "did:plc:inventedauthor000000002"
    with open_instance(tmp_path) as here:
        tell(here, 0, event("a1", "create", f"Un mot, {CANARY}."))
        tell(here, 1, event("a2", "create", f"Encore {CANARY}."), event("c1", "create", "Bonjour",
                                                                        did=other))  # fmt: skip
        assert here.store.counts("post")["open"] == 3

        tell(here, 2, gone())

        assert found(here) == 0
        assert here.store.counts("post")["open"] == 1
    assert not [path for path, raw in written(tmp_path / "data") if CANARY.encode() in raw]


def test_an_erasure_that_is_killed_half_way_is_finished(tmp_path: Path) -> None:
    """The store notes what the spool and the files have still to lose; the next process does it."""
    with open_instance(tmp_path) as here:
        tell(here, 0, event("a1", "create", f"Un mot, {CANARY}."))
        (listing,) = here.search.ask(Ask(kind="post", text=CANARY)).ids
        here.store.erase([listing])  # and here it is killed

    with open_instance(tmp_path) as here:
        assert here.store.to_erase() != []
        assert here.store.to_strike() == [listing]
        here.process()
        assert here.store.to_erase() == here.store.to_strike() == []
        assert found(here) == 0
    assert not [path for path, raw in written(tmp_path / "data") if CANARY.encode() in raw]


def test_what_is_erased_leaves_files_of_every_kind(tmp_path: Path) -> None:
    """Rows of one run's CSV, in either dialect, and Parquet are taken out; the others stay."""
    folder = tmp_path / "data" / "exports" / "runs"
    folder.mkdir(parents=True)
    with open_instance(tmp_path) as here:
        tell(here, 0, event("a1", "create", f"Un mot, {CANARY}."), event("b1", "create", "Autre"))
        (listing,) = here.search.ask(Ask(kind="post", text=CANARY)).ids
        rows = here.store.get("post", here.every(Ask(kind="post"))).select("id", "text", "hashtags")
        rows.write_parquet(folder / "posts.parquet")
        for name, excel in (("posts.csv", False), ("excel.csv", True)):
            with (folder / name).open("w", encoding="utf-8", newline="") as file:
                write_csv(rows, file, excel_fr=excel)
        before = (folder / "excel.csv").read_bytes()

        here.erase([listing])

    for path in folder.iterdir():
        assert listing.encode() not in path.read_bytes()
    assert pl.read_parquet(folder / "posts.parquet").height == 1
    assert (folder / "posts.csv").read_text(encoding="utf-8").count("Autre") == 1
    kept = [line for line in before.splitlines(keepends=True) if listing.encode() not in line]
    assert (folder / "excel.csv").read_bytes() == b"".join(kept)
