"""Segments in a bucket: listed, brought here, put there, each with its index beside.

<prefix>/<source>/<time>-<writer>.warc.gz      as in a folder (`files`), sealed
<prefix>/<source>/<time>-<writer>.cdxj         its index; put first, so that it is never missing
"""

import contextlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore

from vigie.errors import SpoolError
from vigie.spool.bucket_errors import told
from vigie.spool.disk import lock
from vigie.spool.index import FRESH_SUFFIX, Index, Line, read_index, told_by, write_index
from vigie.spool.segment import SEALED_SUFFIX

INDEX_SUFFIX: Final = ".cdxj"
_INDEXES: Final = "index"
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

    def index(self, segment: Sealed) -> Index:
        """Return how many entries the segment has, and where its captures lie."""
        if segment.index_etag is None:
            with self.here(segment) as path:
                self._put_index(path, segment.path)
                return read_index(path)
        copy = self._copy_of(segment.partition, segment.index_etag)
        if not copy.exists():
            self._forget(segment.partition)
            copy.parent.mkdir(parents=True, exist_ok=True)
            name = _index_name(segment.path)
            text = self._asked(lambda: bytes(obstore.get(self._store, name).bytes()))
            fresh = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}{FRESH_SUFFIX}")
            fresh.write_bytes(text)
            fresh.replace(copy)
            return told_by(text.decode())
        return told_by(copy.read_text("utf-8"))

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

    def tidy(self) -> None:
        """Remove copies of indexes that are no more: of segments that others have pruned, and of
        before something was erased.

        Raises:
            BucketAway: they stay for now.
        """
        if not (copies := list((self._folder / _INDEXES).glob("*/*"))):
            return
        current = {
            self._copy_of(one.partition, one.index_etag)
            for one in self.segments()
            if one.index_etag is not None
        }
        for path in copies:
            if path not in current and not _is_young(path):
                path.unlink(missing_ok=True)

    def put(self, path: Path) -> None:
        """Put a sealed segment there; no effect when it is there already.

        Raises:
            BucketAway: it is not there.
        """
        name = f"{path.parent.name}/{path.name}"
        # Put before, then killed: captures may be erased in it since, and our index names them.
        if self._is_there(name):
            return
        self._put_index(path, name)
        segment = path.read_bytes()
        try:
            self._asked(lambda: obstore.put(self._store, name, segment, mode="create"))
        except AlreadyExistsError:  # by another process, this moment; the index is made anew
            self._asked(lambda: obstore.delete(self._store, [_index_name(name)]))

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
        """Remove a segment with its index, the copy of this machine too."""
        names = [segment.path, _index_name(segment.path)]
        self._asked(lambda: obstore.delete(self._store, names))
        self._forget(segment.partition)

    def _is_there(self, name: str) -> bool:
        try:
            self._asked(lambda: obstore.head(self._store, name))
        except BucketAway as away:
            if isinstance(away.__cause__, FileNotFoundError):  # or there is no bucket: `put` tells
                return False
            raise
        return True

    def _put_index(self, path: Path, name: str) -> None:
        if not _index_of(path).exists():
            write_index(path)
        self._asked(lambda: obstore.put(self._store, _index_name(name), _index_of(path)))

    def _copy_of(self, partition: str, etag: str) -> Path:
        """Return where this machine keeps its copy of an index."""
        version = "".join(letter for letter in etag if letter.isalnum())
        return self._folder / _INDEXES / f"{partition}.{version}{INDEX_SUFFIX}"

    def _forget(self, partition: str) -> None:
        source, _, name = partition.partition("/")
        for old in (self._folder / _INDEXES / source).glob(f"{name}.*{INDEX_SUFFIX}"):
            old.unlink(missing_ok=True)

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except AlreadyExistsError:
            raise
        except (BaseError, FileNotFoundError) as error:
            raise BucketAway(told(self._store, error)) from error


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


def _is_young(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime < _YOUNG_SECONDS
    return True


def _index_of(path: Path) -> Path:
    return path.with_name(_index_name(path.name))


def _index_name(name: str) -> str:
    return name.removesuffix(SEALED_SUFFIX) + INDEX_SUFFIX
