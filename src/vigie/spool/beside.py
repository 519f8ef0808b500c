"""Bodies too large for a message, kept beside the topic by the id of their capture.

In a folder, or in a bucket when those who read are on other machines than those who collect. A
body is durable before the message that refers to it is written.
"""

import os
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from vigie.errors import SpoolError
from vigie.spool.bucket_errors import name_of, told
from vigie.spool.disk import make_folder, sync_folder

if TYPE_CHECKING:
    from obstore.store import ObjectStore


Named = Callable[[set[str]], set[str]]
"""Ids of captures → those of them that a message names."""

_ID: Final = re.compile(r"[a-z2-7]{16}")
_HALF: Final = re.compile(r"[a-z2-7]{16}\.\d+\.new")
_HALF_SECONDS: Final = 3600.0


class Beside(Protocol):
    """Where large bodies are."""

    def put(self, capture_id: str, body: bytes) -> None:
        """Keep a body; durable on return, the same twice is once.

        Raises:
            SpoolError: it is not kept.
        """

    def get(self, capture_id: str) -> bytes | None:
        """Return a body; None when it is not there (any more)."""

    def delete(self, capture_id: str) -> None:
        """Remove a body; no effect when it is not there."""

    def place(self, capture_id: str) -> str:
        """Return where a body is looked for, for messages."""

    def sweep(self, before: datetime, named: Named) -> int:
        """Remove bodies that were put before that time and that *named* does not give back of them,
        and what a process that died left half written; return how many bodies.

        Files and objects with other names than a capture's id are left alone.

        Raises:
            SpoolError: the rest stays.
        """


class FolderBeside:
    """Bodies as files of a folder: ``<folder>/<two letters>/<capture id>``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, capture_id: str, body: bytes) -> None:
        path = self._path(capture_id)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            make_folder(path.parent)
            with fresh.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise SpoolError(f"cannot write {path}: {error.strerror or error}") from error

    def get(self, capture_id: str) -> bytes | None:
        try:
            return self._path(capture_id).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, capture_id: str) -> None:
        self._path(capture_id).unlink(missing_ok=True)

    def place(self, capture_id: str) -> str:
        return str(self._path(capture_id))

    def sweep(self, before: datetime, named: Named) -> int:
        limit, old = before.timestamp(), set()
        for path in self._folder.glob("??/*"):
            if _ID.fullmatch(path.name) and path == self._path(path.name):
                old |= {path.name} if _is_older(path, limit) else set()
            elif _HALF.fullmatch(path.name) and _is_older(path, time.time() - _HALF_SECONDS):
                path.unlink(missing_ok=True)
        # Looked at once more: one that was put again meanwhile will have its message.
        gone = [one for one in old - named(old) if _is_older(self._path(one), limit)] if old else []
        for one in gone:
            self.delete(one)
        return len(gone)

    def _path(self, capture_id: str) -> Path:
        return self._folder / capture_id[:2] / capture_id


class ObjectBeside:
    """Bodies as objects of a bucket: ``<prefix>/<capture id>``."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    def put(self, capture_id: str, body: bytes) -> None:
        import obstore
        from obstore.exceptions import BaseError

        try:
            obstore.put(self._store, capture_id, body)
        except (BaseError, FileNotFoundError) as error:
            raise SpoolError(f"a body cannot be put: {told(self._store, error)}") from error

    def get(self, capture_id: str) -> bytes | None:
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            return bytes(obstore.get(self._store, capture_id).bytes())
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise SpoolError(f"a body cannot be read: {told(self._store, error)}") from error

    def delete(self, capture_id: str) -> None:
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            obstore.delete(self._store, capture_id)
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise SpoolError(f"a body stays: {told(self._store, error)}") from error

    def place(self, capture_id: str) -> str:
        return f"the object {capture_id} of {name_of(self._store)}"

    def sweep(self, before: datetime, named: Named) -> int:
        if not (old := self._older(before)):
            return 0
        # Looked at once more: one that was put again meanwhile will have its message.
        gone = (old - named(old)) & self._older(before)
        for one in gone:
            self.delete(one)
        return len(gone)

    def _older(self, before: datetime) -> set[str]:
        import obstore
        from obstore.exceptions import BaseError

        try:
            metas = [meta for batch in obstore.list(self._store) for meta in batch]
        except (BaseError, FileNotFoundError) as error:
            raise SpoolError(f"bodies cannot be listed: {told(self._store, error)}") from error
        return {
            str(meta["path"])
            for meta in metas
            if meta["last_modified"] < before and _ID.fullmatch(str(meta["path"]))
        }


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except FileNotFoundError:
        return False
