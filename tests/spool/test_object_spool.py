"""The spool in a bucket: what other programs see there, and what happens when it is away."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

obstore = pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")

from fastwarc.warc import ArchiveIterator

from tests.spool import spools
from tests.spool.spools import AT, capture, everything
from vigie.errors import SpoolError
from vigie.settings import ObjectsSettings, Settings, SpoolSettings
from vigie.spool import objects_upkeep
from vigie.spool.beside import ObjectBeside
from vigie.spool.bucket import Bucket
from vigie.spool.objects import ObjectSpool
from vigie.wiring import spooling
from vigie.wiring.stack import S3

pytestmark = pytest.mark.service


@pytest.fixture
def bucket(s3: S3) -> Any:
    return spools.bucket(s3.url)


def opened(bucket: Any, folder: Path, **options: Any) -> ObjectSpool:
    return ObjectSpool(Bucket(bucket, folder / "cache"), folder / "outbox", **options)


def names(bucket: Any) -> list[str]:
    return sorted(str(meta["path"]) for batch in obstore.list(bucket) for meta in batch)


def test_other_programs_read_it(bucket: Any, tmp_path: Path) -> None:
    """What lies in the bucket is WARC with its index; nothing stays on this machine."""
    spool = opened(bucket, tmp_path)
    spool.append([capture(1), capture(2)])
    assert names(bucket) == []
    spool.close()

    index, segment = names(bucket)
    assert index.endswith(".cdxj")
    copy = tmp_path / "copy.warc.gz"
    copy.write_bytes(bytes(obstore.get(bucket, segment).bytes()))
    found = [
        str(r.headers["WARC-Target-URI"]) for r in ArchiveIterator(str(copy)) if r.http_headers
    ]
    assert found == [capture(1).url, capture(2).url]
    left = [path.name for path in (tmp_path / "outbox").rglob("*") if path.is_file()]
    assert left == ["erasing.lock"]


def test_visible_after_the_roll_interval(bucket: Any, tmp_path: Path) -> None:
    """A segment that is old enough is sealed by the next append, without the run's end."""
    spool = opened(bucket, tmp_path, roll_seconds=0.3)
    reader = opened(bucket, tmp_path / "other")
    spool.append([capture(1)])
    assert everything(reader) == []
    time.sleep(0.4)
    spool.append([capture(2)])
    assert everything(reader) == [capture(1), capture(2)]
    spool.close()


def test_while_the_bucket_is_away_captures_wait(s3: S3, tmp_path: Path) -> None:
    """Collecting goes on; what was sealed is put there when the bucket is back, once."""
    quick = {"timeout": timedelta(seconds=2)}
    gone = spools.bucket(
        s3.url, client_options={"allow_http": True} | quick,
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
    )  # fmt: skip
    spool = opened(gone, tmp_path)
    s3.kill()
    spool.append([capture(1)])
    spool.close()
    spool.append([capture(2)])
    spool.close()
    assert len(list((tmp_path / "outbox").rglob("*.warc.gz"))) == 2

    s3.restart()  # the emulator holds nothing in its files: the bucket is made again
    import urllib.request

    made = urllib.request.Request(f"{s3.url}/{gone.config['bucket']}", method="PUT")  # noqa: S310  # ours
    urllib.request.urlopen(made, timeout=20).close()  # noqa: S310  # ours
    assert spool.recover() == 0
    assert everything(spool) == [capture(1), capture(2)]


def test_a_process_that_died_leaves_its_segment_to_the_next(bucket: Any, tmp_path: Path) -> None:
    """Killed while writing, or between putting the segment there and forgetting it here."""
    dead = opened(bucket, tmp_path)
    dead.append([capture(1)])
    for writer in dead.outbox._writers.values():
        writer.close()  # as a kill does: the lock is gone, the segment is not sealed
    alive = opened(bucket, tmp_path)
    assert alive.recover() == 1
    assert everything(alive) == [capture(1)]

    alive.append([capture(2)])
    alive.outbox.close()
    (path,) = (tmp_path / "outbox").rglob("*.warc.gz")
    alive.bucket.put(path)
    assert alive.erase(["c2"]) == 2  # here and there
    alive.close()
    assert everything(alive) == [capture(1)]  # what waited here did not bring it back


def test_a_lost_or_stale_index_costs_time_only(bucket: Any, tmp_path: Path) -> None:
    """Without its index, or with one that lies, a capture is found in the segment itself."""
    spool = opened(bucket, tmp_path)
    spool.append(capture(n) for n in range(3))
    spool.close()
    index, _ = names(bucket)
    told = bytes(obstore.get(bucket, index).bytes())
    obstore.delete(bucket, index)
    assert spool.fetch("c1") == capture(1)
    assert names(bucket)[0] == index
    obstore.put(bucket, index, told.replace(b"c1", b"c2"))
    assert spool.fetch("c2") == capture(2)


def test_looking_after_it(bucket: Any, tmp_path: Path) -> None:
    """Listed, verified, and pruned once processed."""
    spool = opened(bucket, tmp_path)
    for number in range(2):
        spool.append([capture(number)])
        spool.close()
    spool.append([capture(3)])
    listed = objects_upkeep.list_segments(spool)
    assert [(one.entries, one.open) for one in listed] == [(1, False), (1, False), (1, True)]
    assert [told.captures for told in objects_upkeep.verify(spool)] == [1, 1, 1]
    ways: dict[str, Any] = {
        "now": datetime.now(UTC) + timedelta(days=9), "keep_days": 5, "keep_bytes": None,
    }  # fmt: skip
    assert objects_upkeep.prune(spool, processed={}, **ways) == []
    done = {listed[0].partition: 1}
    assert objects_upkeep.prune(spool, processed=done, dry_run=True, **ways) == [listed[0]]
    assert len(names(bucket)) == 4
    assert objects_upkeep.prune(spool, processed=done, **ways) == [listed[0]]
    assert everything(spool) == [capture(1)]
    spool.close()


def test_settings_lead_there(s3: S3, tmp_path: Path) -> None:
    """`s3://BUCKET/PREFIX`, with the endpoint and keys of [objects]."""
    name = spools.bucket(s3.url).config["bucket"]
    settings = Settings(
        data_dir=tmp_path, spool=SpoolSettings(url=f"s3://{name}/some/where"),
        objects=ObjectsSettings(
            endpoint_url=s3.url, access_key_id="vigie", secret_access_key=s3.password
        ),
    )  # fmt: skip
    spool = spooling.open_spool(settings)
    spool.append([capture(1, at=AT)])
    spool.close()
    assert everything(spool) == [capture(1, at=AT)]
    plain = spooling.object_store(f"s3://{name}", settings.objects)
    assert all(path.startswith("some/where/site/") for path in names(plain))


def test_an_index_of_before_an_erasure_does_not_come_back(bucket: Any, tmp_path: Path) -> None:
    """A collector that was killed between putting a segment there and forgetting it here puts
    nothing over what others have erased meanwhile: the index names addresses."""
    collector = opened(bucket, tmp_path)
    collector.append([capture(1, url="https://site.example/u/jean.canari"), capture(2)])
    collector.outbox.close()
    (path,) = (tmp_path / "outbox").rglob("*.warc.gz")
    collector.bucket.put(path)
    assert opened(bucket, tmp_path / "other").erase(["c1"]) == 1

    opened(bucket, tmp_path).recover()

    assert not path.exists()
    index, _ = names(bucket)
    assert b"canari" not in bytes(obstore.get(bucket, index).bytes())
    assert everything(opened(bucket, tmp_path)) == [capture(2)]

    obstore.delete(bucket, index)  # nor where it is missing: it is made from what is there
    collector.append([capture(3)])
    collector.outbox.close()
    (path,) = (tmp_path / "outbox").rglob("*.warc.gz")
    collector.bucket.put(path)
    obstore.delete(bucket, next(name for name in names(bucket) if name.endswith(".cdxj")))
    opened(bucket, tmp_path).recover()
    assert not [name for name in names(bucket) if name.endswith(".cdxj")]
    collector.close()


def test_copies_of_indexes_go_with_their_segments(bucket: Any, tmp_path: Path) -> None:
    """They name addresses: whoever prunes forgets them at once, other machines at their next
    start; so do those that have the copy of before an erasure."""
    here, there = opened(bucket, tmp_path / "here"), opened(bucket, tmp_path / "there")
    for number in range(3):
        here.append([capture(number)])
        here.close()
    for spool in (here, there):
        listed = objects_upkeep.list_segments(spool)
    copies = list((tmp_path / "there").rglob("*.cdxj"))
    assert len(copies) == 3
    objects_upkeep.prune(
        here, now=datetime.now(UTC) + timedelta(days=9), keep_days=5, keep_bytes=None,
        processed={one.partition: 1 for one in listed[:1]},
    )  # fmt: skip
    here.erase(["c1"])
    assert len(list((tmp_path / "here").rglob("*.cdxj"))) == 2

    there.recover()
    assert len(list((tmp_path / "there").rglob("*.cdxj"))) == 3  # another reader may just make them
    for path in copies:
        os.utime(path, (0, 0))
    there.recover()
    (left,) = (tmp_path / "there").rglob("*.cdxj")
    assert listed[2].partition.rpartition("/")[2] in left.name


def test_erasing_renews_no_retention(bucket: Any, tmp_path: Path) -> None:
    """A segment's age is what its name and its captures say, not when the object was put there."""
    then = datetime(2026, 2, 1, tzinfo=UTC)
    spool = opened(bucket, tmp_path, now=lambda: then)
    spool.append([capture(1, at=then), capture(2, at=then + timedelta(minutes=1))])
    spool.close()
    spool.erase(["c1"])
    (told,) = objects_upkeep.list_segments(spool)
    assert told.modified_at == then + timedelta(minutes=1)


def test_a_bucket_that_is_not_there_is_one_line(s3: S3, tmp_path: Path) -> None:
    """Which one, what the service says, and what to look at; not fifty lines of its client."""
    from obstore.store import S3Store

    plain: Any = {"allow_http": True}
    store = S3Store("nobody-made-it", prefix="some/where", endpoint=s3.url, client_options=plain)
    spool = opened(store, tmp_path)
    with pytest.raises(SpoolError) as told:
        everything(spool)
    assert str(told.value) == (
        "s3://nobody-made-it/some/where does not do as asked (NoSuchBucket): check that the bucket "
        "exists, objects.endpoint_url and the keys"
    )
    spool.append([capture(1)])
    spool.close()  # waits, and says why
    assert len(list((tmp_path / "outbox").rglob("*.warc.gz"))) == 1
    with pytest.raises(SpoolError, match=r"s3://nobody-made-it/some/where .*NoSuchBucket.*keys$"):
        ObjectBeside(store).put("c1", b"x")


READ = """\
import os, signal, sys
from pathlib import Path
from obstore.store import S3Store
from vigie.spool.bucket import Bucket
name, endpoint, folder = sys.argv[1:]
plain = {"allow_http": True}
store = S3Store(name, prefix="captures", endpoint=endpoint, region="eu-west-3",
                client_options=plain, access_key_id="x", secret_access_key="y")
bucket = Bucket(store, Path(folder))
with bucket.here(bucket.segments()[0]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_copies_of_a_killed_reader_are_removed(s3: S3, tmp_path: Path) -> None:
    """Segments that it had brought here; not those of a reader that is alive."""
    bucket = spools.bucket(s3.url)
    spool = opened(bucket, tmp_path)
    spool.append([capture(1)])
    spool.close()
    name = bucket.config["bucket"]
    subprocess.run(
        [sys.executable, "-c", READ, name, s3.url, str(tmp_path / "cache")], check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, timeout=60,
    )  # fmt: skip
    assert len(list((tmp_path / "cache").glob("reading-*"))) == 1
    with spool.bucket.here(spool.bucket.segments()[0]) as mine:
        spool.recover()
        assert [path.name for path in (tmp_path / "cache").rglob("*.warc.gz")] == [mine.name]
        assert mine.exists()
    assert list((tmp_path / "cache").glob("reading-*")) == []
