"""What is erased leaves the watches' files too.

Files of a whole watch are written anew from the store. Files of one run are not written again, so
the lines of what is gone are taken out of them.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vigie.wiring.clock import now
from vigie.wiring.exports import COVERAGE, write_exports
from vigie.wiring.whole_files import write_bytes

if TYPE_CHECKING:
    from vigie.wiring.instance import Instance


def erase_exports(here: "Instance", ids: Collection[str]) -> None:
    """Take the listings *ids*, which the store holds no more, out of every file of every watch.

    Raises:
        ConfigError: a recipe is wrong. ViewError: a file cannot be written.
    """
    folder = here.settings.data_dir / "exports"
    if not folder.is_dir() or not ids:
        return
    gone = [one.encode("ascii") for one in ids]
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".jsonl", ".ndjson") and path.is_file():
            _strike(path, gone)
    theirs = {_watch_of(path) for path in folder.rglob(f"*{COVERAGE}")}
    for name, watch in here.watches().items():
        if name in theirs:
            write_exports(here, watch, at=now(), every=True)


def _strike(path: Path, gone: Collection[bytes]) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not any(one in line for one in gone)]
    if len(kept) == len(lines):
        return
    content = b"".join(kept)
    write_bytes(path, content)
    beside = path.with_name(path.name + COVERAGE)
    if beside.exists():
        told = msgspec.json.decode(beside.read_bytes())
        told |= {"rows": len(kept), "sha256": hashlib.sha256(content).hexdigest()}
        write_bytes(beside, msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")


def _watch_of(sidecar: Path) -> str | None:
    try:
        return str(msgspec.json.decode(sidecar.read_bytes())["watch"])
    except (OSError, msgspec.DecodeError, KeyError, TypeError):
        return None
