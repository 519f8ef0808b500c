"""What is erased leaves the watches' files too.

Files of a whole watch are written anew from the store. Files of one run are not written again, so
the lines of what is gone are taken out of them.
"""

import csv
import hashlib
from collections.abc import Collection
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from vigie.errors import ConfigError
from vigie.wiring.clock import now
from vigie.wiring.exports import COVERAGE, write_exports
from vigie.wiring.whole_files import write_bytes

if TYPE_CHECKING:
    from vigie.wiring.instance import Instance

log = structlog.get_logger(__name__)


def erase_exports(here: "Instance", ids: Collection[str]) -> None:
    """Take the listings *ids*, which the store holds no more, out of every file of every watch.

    Raises:
        ViewError: a file cannot be written.
    """
    folder = here.settings.data_dir / "exports"
    if not folder.is_dir() or not ids:
        return
    strikers = {".jsonl": _lines, ".ndjson": _lines, ".csv": _records, ".parquet": _rows}
    for path in sorted(folder.rglob("*")):
        strike = strikers.get(path.suffix)
        if strike is not None and path.is_file():
            left = strike(path, ids)
            if left is not None:
                _rewritten(path, *left)
    theirs = {_watch_of(path) for path in folder.rglob(f"*{COVERAGE}")}
    for name in here.watch_files():
        if name not in theirs:
            continue
        try:
            watch = here.watch(name)
        except ConfigError as error:  # the lines are out of its files; only their order is older
            log.warning("files of a watch not written anew", watch=name, why=str(error))
            continue
        write_exports(here, watch, at=now(), every=True)


Left = tuple[bytes, int] | None
"""A file's content without what is gone, and its rows; None: it held nothing of it."""


def _lines(path: Path, ids: Collection[str]) -> Left:
    gone = [one.encode("ascii") for one in ids]
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not any(one in line for one in gone)]
    return None if len(kept) == len(lines) else (b"".join(kept), len(kept))


def _records(path: Path, ids: Collection[str]) -> Left:
    """Take records out of a CSV, whose dialects `csv_rows` writes; the others stay to the byte."""
    text = path.read_bytes().decode("utf-8")
    if not any(one in text for one in ids):
        return None
    excel = text.startswith("\ufeff")
    delimiter, end = (";", "\r\n") if excel else (",", "\n")
    records = list(
        csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    )
    kept = [row for row in records if not any(one in cell for one in ids for cell in row)]
    written = StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerows(kept)
    content = ("\ufeff" if excel else "") + written.getvalue()
    return content.encode(), max(0, len(kept) - 1)


def _rows(path: Path, ids: Collection[str]) -> Left:
    import polars as pl
    import polars.selectors as cs

    frame = pl.read_parquet(path)
    gone = pl.any_horizontal(
        cs.string().str.contains_any(list(ids)).fill_null(value=False),
        cs.by_dtype(pl.List(pl.String)).list.eval(pl.element().is_in(list(ids))).list.any()
        .fill_null(value=False),
    )  # fmt: skip
    kept = frame.filter(~gone)
    if kept.height == frame.height:
        return None
    written = BytesIO()
    kept.write_parquet(written, compression="zstd")
    return written.getvalue(), kept.height


def _rewritten(path: Path, content: bytes, rows: int) -> None:
    write_bytes(path, content)
    beside = path.with_name(path.name + COVERAGE)
    if beside.exists():
        told = msgspec.json.decode(beside.read_bytes())
        told |= {"rows": rows, "sha256": hashlib.sha256(content).hexdigest()}
        write_bytes(beside, msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")


def _watch_of(sidecar: Path) -> str | None:
    try:
        return str(msgspec.json.decode(sidecar.read_bytes())["watch"])
    except (OSError, msgspec.DecodeError, KeyError, TypeError):
        return None
