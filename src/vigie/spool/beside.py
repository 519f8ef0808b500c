"""Bodies too large for a message, kept beside the topic by the id of their capture.

In a folder, or in a bucket when those who read are on other machines than those who collect. A
body is durable before the message that refers to it is written.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vigie.errors import SpoolError
from vigie.spool.segment import sync_folder

if TYPE_CHECKING:
    from obstore.store import ObjectStore


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


class FolderBeside:
    """Bodies as files of a folder: ``<folder>/<two letters>/<capture id>``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, capture_id: str, body: bytes) -> None:
        path = self._path(capture_id)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
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
        except BaseError as error:
            raise SpoolError(f"a body cannot be put into the bucket: {_first(error)}") from error

    def get(self, capture_id: str) -> bytes | None:
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            return bytes(obstore.get(self._store, capture_id).bytes())
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise SpoolError(f"the bucket does not give a body: {_first(error)}") from error

    def delete(self, capture_id: str) -> None:
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            obstore.delete(self._store, capture_id)
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise SpoolError(f"the bucket does not remove a body: {_first(error)}") from error

    def place(self, capture_id: str) -> str:
        return f"the object {capture_id} of the bucket"


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
