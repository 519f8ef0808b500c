"""What the lake promises: the store's listings, whole after any kill, readable by all."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from corpus import entries

from tests.engines.sessions import settings_in
from tests.spool.spools import bucket as new_bucket
from vigie.engines import embedded
from vigie.errors import FromTheFuture, UsageError, ViewBusy, ViewError
from vigie.model.fields import Field
from vigie.model.kinds import KINDS
from vigie.wiring import Instance
from vigie.wiring.stack import S3

pytest.importorskip("deltalake", reason="needs deltalake: ./vigie extras")
pytest.importorskip("duckdb", reason="needs duckdb: ./vigie extras")
pytestmark = [pytest.mark.service, pytest.mark.xdist_group("lake")]

LISTINGS = 900


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Instance]:
    with Instance(settings_in(tmp_path)) as made:
        yield made


@pytest.fixture
def bucket(s3: S3, tmp_path: Path) -> Iterator[Instance]:
    """An instance whose lake is in a bucket."""
    from obstore.store import S3Store

    made = new_bucket(s3.url)
    assert isinstance(made, S3Store)
    name = made.config["bucket"]
    settings = settings_in(
        tmp_path, lake={"url": f"s3://{name}/watched/lake"},
        objects={
            "endpoint_url": s3.url, "access_key_id": "vigie", "secret_access_key": s3.password
        },
    )  # fmt: skip
    with Instance(settings) as made:
        yield made


def fill(here: Instance, *, parts: int = 1, then: Callable[[], Any] = lambda: None) -> None:
    every = list(entries(LISTINGS, with_recorded=False))
    for part in range(parts):
        here.spool.append(every[part * len(every) // parts : (part + 1) * len(every) // parts])
        embedded.process(here.spool, here.store, here.recipe)
        then()


def opened(here: Instance) -> tuple[Any, Any]:
    from vigie.follow.views import Follower
    from vigie.wiring.lake import open_lake

    lake = open_lake(here.settings)
    return lake, Follower(here.store.feed, here.store, lake)


def followed_by_feed(field: Field) -> bool:
    """Whether a change of it is news: a listing seen again unchanged emits nothing."""
    return not field.volatile and field.name not in {"last_seen_at", "capture_id"}


def same_as_store(here: Instance, lake: Any) -> None:
    """Every row of every kind is in the lake as the store has it, and none beside."""
    _, snapshot = here.store.feed.snapshot()
    stored: dict[str, list[pl.DataFrame]] = {name: [] for name in KINDS}
    for name, frame in snapshot:
        stored[name].append(frame)
    for kind in KINDS.values():
        found = pl.scan_delta(lake.table_url(kind.name), storage_options=lake.options).collect()
        found = found.drop("date").sort("id")
        assert found["id"].is_unique().all()
        if not stored[kind.name]:
            assert found.height == 0
            continue
        followed = [field.name for field in kind.stored if followed_by_feed(field)]
        wanted = pl.concat(stored[kind.name]).sort("id").select(followed)
        assert found.select(followed).cast(wanted.schema).equals(wanted)


def test_it_follows_the_feed(here: Instance) -> None:
    """Merged batch by batch, or written anew: the same rows; nothing new to say, no commit."""
    lake, follower = opened(here)
    fill(here, parts=3, then=follower.catch_up)
    same_as_store(here, lake)
    assert lake.cursor() == here.store.feed.last()
    versions = [lake.table(kind).version() for kind in KINDS.values()]
    assert follower.catch_up() == 0
    assert [lake.table(kind).version() for kind in KINDS.values()] == versions
    follower.rebuild()
    same_as_store(here, lake)


def test_in_a_bucket(bucket: Instance) -> None:
    """The same on S3, through its emulator."""
    lake, follower = opened(bucket)
    fill(bucket, parts=2, then=follower.catch_up)
    same_as_store(bucket, lake)
    lake.compact(keep_hours=0)
    same_as_store(bucket, lake)


def test_applying_a_batch_again_changes_nothing(here: Instance) -> None:
    """A death between the tables' commits and the position: the batch comes again."""
    lake, follower = opened(here)
    fill(here, then=follower.catch_up)
    lake.mark(0)
    assert follower.catch_up() > 0
    same_as_store(here, lake)


def test_compaction_makes_few_files_of_many(here: Instance) -> None:
    """The rows stay; what was replaced long ago is removed."""
    lake, follower = opened(here)
    every = list(entries(LISTINGS, with_recorded=False))
    for entry in every[:12]:
        here.spool.append([entry])
        embedded.process(here.spool, here.store, here.recipe)
        follower.catch_up(limit=20)
    before, after = lake.compact(keep_hours=0)["ad"]
    assert after == len(lake.table(KINDS["ad"]).partitions()) < before
    kept = {Path(uri).name for uri in lake.table(KINDS["ad"]).file_uris()}
    assert {path.name for path in Path(lake.url, "ad").rglob("*.parquet")} - kept == {
        path.name for path in Path(lake.url, "ad", "_delta_log").glob("*.parquet")
    }
    same_as_store(here, lake)


def test_a_kill_during_compaction_or_merge_costs_nothing(here: Instance) -> None:
    """SIGKILL while sync and compact write: readable at once, and right when done."""
    lake, follower = opened(here)
    environ = {name: text for name, text in os.environ.items() if not name.startswith("VIGIE_")}
    environ["VIGIE_DATA_DIR"] = str(here.settings.data_dir)
    number, at_work = 0, 0

    def kill_one() -> None:
        nonlocal number, at_work
        follower.catch_up(limit=20)  # many small files
        number += 1
        if number % 2:
            lake.mark(0)
        with here.store.database.writing() as connection:  # what the killed one held ends later
            connection.exec_driver_sql("DELETE FROM leases")
        before = {*Path(lake.url).rglob("*.parquet")}
        child = subprocess.Popen(
            [sys.executable, "-m", "vigie", "lake",
             *(["sync"] if number % 2 else ["compact", "--keep-hours", "0"])],
            env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while child.poll() is None and not {*Path(lake.url).rglob("*.parquet")} - before:
            time.sleep(0.001)
        time.sleep(0.004 * number)
        child.send_signal(signal.SIGKILL)
        at_work += child.wait() == -signal.SIGKILL
        same_as_store(here, lake)

    fill(here, parts=8, then=kill_one)
    assert at_work >= 5
    follower.catch_up()
    same_as_store(here, lake)


def test_what_is_erased_is_in_no_file(here: Instance) -> None:
    """Neither in rows, nor in files that were replaced, nor in the tables' logs."""
    lake, follower = opened(here)
    fill(here, then=follower.catch_up)
    posts = pl.scan_delta(lake.table_url("post")).collect()
    one = posts.row(0, named=True)
    assert any(one["text"].encode() in path for path in contents(lake.url)) is True
    # A writer that was killed before its commit leaves files that no log names.
    orphan = next(Path(lake.url, "post").rglob("*.parquet"))
    orphan.with_name("part-00009-orphan.snappy.parquet").write_bytes(orphan.read_bytes())
    here.erase([one["id"]])
    same_as_store(here, lake)
    left = pl.scan_delta(lake.table_url("post")).collect()
    assert left.height == posts.height - 1
    for content in contents(lake.url):
        assert one["text"].encode() not in content
        assert one["id"].encode() not in content


def contents(folder: str) -> list[bytes]:
    """Return all files of a lake, Parquet uncompressed as far as its texts go."""
    found = []
    for path in Path(folder).rglob("*"):
        if path.suffix == ".parquet" and "_delta_log" not in path.parts:
            rows = pl.read_parquet(path, hive_partitioning=False)
            found.append(rows.write_json().encode())
        elif path.is_file():
            found.append(path.read_bytes())
    return found


def test_columns_say_what_they_mean(here: Instance) -> None:
    """The data dictionary stands in the tables' metadata."""
    lake, _ = opened(here)
    for kind in KINDS.values():
        columns = {field.name: field for field in lake.table(kind).schema().fields}
        for field in kind.stored:
            assert " ".join(field.meaning.split()) in columns[field.name].metadata["comment"]


def test_it_is_asked_in_sql(here: Instance) -> None:
    """Counts agree with the store; a wrong query is one line."""
    from vigie.wiring.lake import ask_lake

    lake, follower = opened(here)
    fill(here, then=follower.catch_up)
    told = ask_lake(lake, "SELECT status, count(*) AS n FROM ads GROUP BY 1")
    counts = here.store.counts("ad")
    assert dict(told.rows()) == {
        status: counts[status] for status in ("open", "closed") if counts[status]
    }
    with pytest.raises(UsageError, match="cannot be answered"):
        ask_lake(lake, "SELEC 1")


def test_a_lake_from_the_future_is_refused(here: Instance) -> None:
    """Nothing of it is touched; an unreadable one says so."""
    lake, follower = opened(here)
    fill(here, then=follower.catch_up)
    marker = Path(lake.url, "_vigie.json")
    marker.write_text('{"seq": 3, "version": 99}')
    with pytest.raises(FromTheFuture):
        follower.catch_up()
    marker.unlink()
    next(Path(lake.url, "ad", "_delta_log").glob("*.json")).write_text("{")
    with pytest.raises(ViewError, match="cannot be read"):
        follower.catch_up()


def test_two_writers_go_one_after_another(here: Instance) -> None:
    """Who comes second is refused before it reads a row, so that nothing old is written late."""
    from vigie.wiring.lake import following, open_lake

    fill(here)
    lake = open_lake(here.settings)
    with following(here, lake) as first:
        first.catch_up()
        other = Instance(here.settings)
        with other, following(other, lake) as second:
            second_view = vars(second)["_view"]
            second_view._owner = "another:1"
            with pytest.raises(ViewBusy):
                second.catch_up()
    with following(here, lake) as again:
        assert again.catch_up() == 0


def test_a_column_that_is_new_is_filled(here: Instance) -> None:
    """A lake written before a column was there is made anew with it."""
    lake, follower = opened(here)
    fill(here, then=follower.catch_up)
    marker = Path(lake.url, "_vigie.json")
    marker.write_text(marker.read_text().replace('"columns":"', '"columns":"before '))
    table = lake.table(KINDS["ad"])
    rows = pl.scan_delta(lake.table_url("ad")).collect().drop("title")
    from deltalake import write_deltalake

    write_deltalake(table, rows, mode="overwrite", schema_mode="overwrite")
    assert lake.stale
    follower.catch_up()
    same_as_store(here, lake)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*), count(*) FROM jobs", "SELECT INTERVAL 1 DAY AS d",
        "SELECT a.id, b.id FROM ads a JOIN ads b USING (cluster)", "SELECT nothing FROM ads",
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_shown_is_a_line(here: Instance, query: str) -> None:
    """Two columns of one name, types that tables do not have: said with what to do."""
    from vigie.wiring.lake import ask_lake

    lake, follower = opened(here)
    fill(here, then=follower.catch_up)
    with pytest.raises(UsageError, match="cannot be"):
        ask_lake(lake, query)
