"""Writing a sealed segment anew without some of its captures, one process at a time."""

import contextlib
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from vigie.model.capture import Capture
from vigie.spool.disk import lock, make_folder, sync_folder
from vigie.spool.index import FRESH_SUFFIX, write_index
from vigie.spool.record import Erased
from vigie.spool.segment import Writer, members, pack

LOCK_FILE: Final = "erasing.lock"
_REWRITE: Final = ".rewrite"
_OLD_SECONDS: Final = 3600.0


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else writes segments of *folder* anew, moves or removes them; nobody does
    while the block lasts. Not to be nested.

    A segment that is removed while somebody writes it anew would be back afterwards; of two that
    write it anew, the second would bring back what the first had erased.
    """
    make_folder(folder)
    with (folder / LOCK_FILE).open("ab") as file:
        lock(file, wait=True)
        yield


def rewrite_without(path: Path, wanted: set[str]) -> int:
    """Write the segment again with stubs for *wanted*; the new file replaces the old at once.

    Called with the folder's lock (`alone`). Return how many captures are gone.
    """
    gone = 0
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_REWRITE}")
    try:
        writer = Writer(fresh, path.parent.name, datetime.now(UTC))
        try:
            for member in members(path):
                entry = member.entry
                if isinstance(entry, Capture) and entry.id in wanted:
                    entry = Erased(entry.id, entry.source)
                    gone += 1
                # A damaged member keeps its ordinal: it becomes a stub too.
                writer.append([pack(entry or Erased("", path.parent.name))])
        finally:
            writer.close()
        fresh.rename(path)
    except BaseException:  # an interruption too leaves no half-written segment
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    write_index(path)
    return gone


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that died while they wrote segments or indexes anew have left."""
    for path in folder.glob(f"*/*.cdxj.*{FRESH_SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _OLD_SECONDS:
                path.unlink()
    left = list(folder.glob(f"*/*{_REWRITE}"))
    if not left:
        return
    with (folder / LOCK_FILE).open("ab") as file:
        if lock(file):  # else its process is alive
            for path in left:
                path.unlink(missing_ok=True)
