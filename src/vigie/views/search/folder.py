"""Where an index lies: a folder of generations of files, and one small file that names the valid.

    view.json            {"version": 1, "format": 7, "schema": "…", "index": "index-k3f7…"}
    index-k3f7…/         tantivy's files

A rebuilt index is written beside the old one and becomes valid when `view.json` is replaced, in
one rename; a kill before leaves the old one valid. Other processes see the replacement when they
next look (`Folder.mark`).
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import msgspec
import tantivy

from vigie.errors import FromTheFuture, ViewError
from vigie.views.search import plan

NAME: Final = "view.json"
PREFIX: Final = "index-"

Mark = tuple[int, ...]
"""Changes whenever the valid index does."""


class Label(msgspec.Struct, frozen=True):
    """What `view.json` says."""

    version: int
    format: int
    schema: str
    index: str


class Folder:
    """The folder of one search index on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def label(self) -> Label | None:
        """Return what the folder holds; None: nothing. A damaged label fits no Vigie.

        Raises:
            FromTheFuture: a newer Vigie or tantivy wrote it.
            ViewError: the file cannot be read at all.
        """
        try:
            text = (self.path / NAME).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ViewError(f"the search index at {self.path} cannot be read: {error}") from error
        try:
            label = msgspec.json.decode(text, type=Label)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Label(0, 0, "", "")
        for found, known in ((label.version, plan.VERSION), (label.format, plan.FORMAT)):
            if found > known:
                raise FromTheFuture("search index", str(self.path), str(found), str(known))
        return label

    def fits(self, label: Label) -> bool:
        """Return whether this Vigie can follow on the index that *label* names."""
        ours = (plan.VERSION, plan.FORMAT, plan.fingerprint())
        return (label.version, label.format, label.schema) == ours

    def open(self, name: str) -> tantivy.Index:
        """Open the index called *name*.

        Raises:
            ViewError: its files are missing or damaged.
        """
        try:
            return plan.ready(tantivy.Index.open(str(self.path / name)))
        except (ValueError, OSError) as error:
            raise ViewError(f"the search index at {self.path} is damaged: {error}") from error

    def create(self) -> str:
        """Make an empty index beside the valid one; return its name.

        Raises:
            ViewError: the folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            place = tempfile.mkdtemp(prefix=PREFIX, dir=self.path)
            tantivy.Index(plan.build(), path=place)
            return Path(place).name
        except (ValueError, OSError) as error:
            raise ViewError(f"no search index can be made at {self.path}: {error}") from error

    def swap(self, index: str) -> None:
        """Make the index called *index* the valid one, and remove the others."""
        label = Label(plan.VERSION, plan.FORMAT, plan.fingerprint(), index)
        beside = self.path / f"{NAME}.{index}"
        try:
            with beside.open("wb") as file:
                file.write(msgspec.json.encode(label))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path / NAME)
            self._sync()
        except OSError as error:
            raise ViewError(f"the search index at {self.path} was not swapped: {error}") from error
        for other in self.path.glob(f"{PREFIX}*"):
            if other.name != index:  # what is left of it goes at the next swap
                shutil.rmtree(other, ignore_errors=True)

    def _sync(self) -> None:
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def mark(self, index: str) -> Mark:
        """Return what tells whether another process committed to, or replaced, the index."""
        marks: list[int] = []
        for file in (self.path / NAME, self.path / index / "meta.json"):
            try:
                stat = file.stat()
            except OSError:
                marks += (0, 0)
            else:
                marks += (stat.st_ino, stat.st_mtime_ns)
        return tuple(marks)
