"""Segments in a bucket: listed, brought here, put there, each with its index beside.

<prefix>/<source>/<time>-<writer>.warc.gz      as in a folder (`files`), sealed
<prefix>/<source>/<time>-<writer>.cdxj         its index; put first, so that it is never missing
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import ObjectStore

from vigie.errors import SpoolError
from vigie.spool.index import Line, read_lines, write_index
from vigie.spool.segment import SEALED_SUFFIX, lock

INDEX_SUFFIX: Final = ".cdxj"
_COPY: Final = "reading-"
_LOCK: Final = "lock"
_YOUNG_SECONDS: Final = 60.0
T = TypeVar("T")


class BucketAway(SpoolError):
    """The bucket cannot be reached or refuses; what was sealed waits on this machine's disk."""


class Sealed(msgspec.Struct, frozen=True):
    """One segment in the bucket."""

    path: str
    size_bytes: int
    modified_at: datetime
    etag: str
    index_etag: str | None

    @property
    def partition(self) -> str:
        return self.path.removesuffix(SEALED_SUFFIX)

    @property
    def source(self) -> str:
        return self.path.partition("/")[0]


class Bucket:
    """The segments of one spool."""

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        """Know the bucket.

        Args:
            store: The bucket, below the spool's prefix.
            folder: Of this machine: copies of indexes, and segments while they are read.
        """
        self._store, self._folder = store, folder

    def segments(self) -> list[Sealed]:
        """Return every segment, oldest first.

        Raises:
            BucketAway.
        """
        metas = {
            str(meta["path"]): meta
            for batch in self._asked(lambda: list(obstore.list(self._store)))
            for meta in batch
        }
        found = []
        for path, meta in metas.items():
            if path.endswith(SEALED_SUFFIX) and path.count("/") == 1:
                index = metas.get(path.removesuffix(SEALED_SUFFIX) + INDEX_SUFFIX)
                found.append(Sealed(
                    path, int(meta["size"]), meta["last_modified"], str(meta["e_tag"]),
                    None if index is None else str(index["e_tag"]),
                ))  # fmt: skip
        return sorted(found, key=lambda one: (one.path.rpartition("/")[2], one.source))

    def index(self, segment: Sealed) -> tuple[int, tuple[Line, ...]]:
        """Return how many entries the segment has, and where its captures lie."""
        if segment.index_etag is None:
            with self.here(segment) as path:
                self._put_index(path, segment.path)
                return read_lines(_index_of(path).read_text("utf-8"))
        version = "".join(c for c in segment.index_etag if c.isalnum())
        copy = self._folder / "index" / f"{segment.partition}.{version}{INDEX_SUFFIX}"
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            for old in copy.parent.glob(f"{copy.name.partition('.')[0]}.*{INDEX_SUFFIX}"):
                old.unlink()
            name = segment.path.removesuffix(SEALED_SUFFIX) + INDEX_SUFFIX
            told = self._asked(lambda: bytes(obstore.get(self._store, name).bytes()))
            fresh = copy.with_name(copy.name + ".new")
            fresh.write_bytes(told)
            fresh.replace(copy)
        return read_lines(copy.read_text("utf-8"))

    def parts(self, segment: Sealed, lines: Sequence[Line]) -> list[bytes]:
        """Return the packed members at *lines*."""
        if not lines:
            return []
        starts, lengths = [one.offset for one in lines], [one.length for one in lines]
        got = self._asked(
            lambda: obstore.get_ranges(self._store, segment.path, starts=starts, lengths=lengths)
        )
        return [bytes(part) for part in got]

    @contextlib.contextmanager
    def here(self, segment: Sealed) -> Iterator[Path]:
        """Give a copy of the segment on this machine, alone below a folder of its own."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=self._folder, prefix=_COPY) as work,
            (Path(work) / _LOCK).open("wb") as alive,
        ):
            lock(alive)
            path = Path(work) / segment.path
            path.parent.mkdir()
            with path.open("wb") as file:
                for part in self._asked(lambda: obstore.get(self._store, segment.path).stream()):
                    file.write(part)
            yield path

    def recover(self) -> int:
        """Remove the copies of readers that died; return how many they were."""
        return sum(_cleared(work) for work in self._folder.glob(f"{_COPY}*"))

    def put(self, path: Path) -> None:
        """Put a sealed segment there; no effect when it is there already.

        Raises:
            BucketAway: it is not there.
        """
        name = f"{path.parent.name}/{path.name}"
        self._put_index(path, name)
        try:
            obstore.put(self._store, name, path.read_bytes(), mode="create")
        except AlreadyExistsError:  # put before, then killed; captures may be erased in it since
            return
        except BaseError as error:
            raise _away(error) from error

    def replace(self, segment: Sealed, path: Path) -> None:
        """Put *path* in the place of *segment*.

        Raises:
            BucketAway: somebody else has changed it meanwhile, or it could not be put.
        """
        version = {"e_tag": segment.etag}
        self._asked(
            lambda: obstore.put(self._store, segment.path, path.read_bytes(), mode=version)  # type: ignore[arg-type]  # as documented
        )
        self._put_index(path, segment.path)

    def remove(self, segment: Sealed) -> None:
        """Remove a segment with its index."""
        names = [segment.path, segment.path.removesuffix(SEALED_SUFFIX) + INDEX_SUFFIX]
        self._asked(lambda: obstore.delete(self._store, names))

    def _put_index(self, path: Path, name: str) -> None:
        if not _index_of(path).exists():
            write_index(path)
        told = _index_of(path).read_bytes()
        target = name.removesuffix(SEALED_SUFFIX) + INDEX_SUFFIX
        self._asked(lambda: obstore.put(self._store, target, told))

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (NotFoundError, FileNotFoundError) as error:
            raise BucketAway(f"the bucket or an object in it is not there: {error}") from error
        except BaseError as error:
            raise _away(error) from error


def _cleared(work: Path) -> bool:
    """Remove a folder of copies unless its reader is alive; return whether it is removed."""
    try:
        with (work / _LOCK).open("rb") as file:
            if not lock(file):
                return False
    except FileNotFoundError:  # being made this moment, or its reader died so early
        with contextlib.suppress(FileNotFoundError):
            if time.time() - work.stat().st_mtime < _YOUNG_SECONDS:
                return False
    shutil.rmtree(work, ignore_errors=True)
    return True


def _index_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(SEALED_SUFFIX) + INDEX_SUFFIX)


def _away(error: Exception) -> BucketAway:
    first = str(error).strip().partition("\n")[0][:300]
    return BucketAway(f"the bucket does not do as asked: {first}")
