"""What makes files of the spool durable, and one process wait for another."""

import os
from pathlib import Path
from typing import BinaryIO

from vigie.errors import SpoolError

try:
    import fcntl
except ImportError:  # Windows has no flock: a dead writer's segment is read as it stands there
    fcntl = None  # type: ignore[assignment]  # Windows has none


def lock(file: BinaryIO, *, wait: bool = False) -> bool:
    """Take the file's lock; False when somebody alive has it. True where locks do not exist.

    Args:
        wait: Until it is free.

    Raises:
        SpoolError: the folder knows no locks, and we were to wait for one.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if wait:
            raise SpoolError(f"cannot lock {file.name}: {error.strerror or error}") from error
        return False
    return True


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; durable on return, as are the names of new ones."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new file in *folder* durable."""
    if os.name == "nt":  # a folder cannot be opened there; NTFS journals names by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
