"""Files that somebody already has, brought into the spool as captures without a status."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from vigie.collect.file_told import FileTold, Imported, joined, page_told, unreadable
from vigie.contracts import AnySource, Spool
from vigie.errors import Missing, UsageError
from vigie.model.capture import Capture, Failure, RunEnd, Scan, capture_id, merge_notes
from vigie.model.watch import IMPORTS

SUFFIXES: Final = (
    ".html", ".htm", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xml", ".parquet", ".xls",
    ".xlsx", ".warc",
)  # fmt: skip
"""What is taken from a folder; a file that is named itself is always taken."""

PAGE_LIMIT_BYTES: Final = 64 * 1024 * 1024
"""Largest page of a source that does not split files; above, memory would not be bounded."""

_CANONICAL: Final = re.compile(
    rb"<link\b[^>]{0,300}?\brel=[\"']?canonical[\"']?[^>]{0,300}?\bhref=[\"']([^\"'>]{1,2000})"
    rb"|<link\b[^>]{0,300}?\bhref=[\"']([^\"'>]{1,2000})[\"'][^>]{0,300}?\brel=[\"']?canonical",
    re.IGNORECASE,
)
_HEAD_BYTES: Final = 400_000


def import_files(
    paths: Sequence[Path],
    source: AnySource,
    spool: Spool,
    *,
    name: str,
    run: str,
    now: datetime,
    captured_at: datetime | None = None,
    complete: bool = False,
    misses: int = 2,
    query: str = "",
    known_at: Callable[[str], datetime | None] = lambda _id: None,
    on_capture: Callable[[Path, int], None] | None = None,
) -> Imported:
    """Wrap files as captures of source *name* and append them, with the end of the run.

    A file that cannot be read is told and noted as a failure; the others are kept all the same.

    Args:
        captured_at: When the site said this. None: relative dates cannot be read and stay null.
        complete: The files together are all that the site listed: absence means something.
        known_at: Capture id → when it was first brought in. An undated page that is known keeps
            that time: bringing it again is not news.
        on_capture: Called with the file and the bytes of each capture.

    Raises:
        UsageError: a path does not exist.
        SpoolError: the spool cannot be written; what was appended before stays.
    """
    files, skipped = _files(paths)
    at, captures, failures = captured_at or now, 0, 0
    new = Capture(
        id="", at=at, source=name, url="", body=b"", run=run, watch=IMPORTS, query=query,
        dated=captured_at is not None,
    )  # fmt: skip
    brought: set[str] = set()
    told: list[FileTold] = []
    for path in files:
        parts: list[FileTold] = []
        for page, size in _pages(path, source, new):
            if isinstance(page, Exception):
                parts.append(unreadable(path, page))
                spool.append([Failure(
                    at=at, source=name, url=_name(path), run=run, why="unreadable_file",
                    watch=IMPORTS, query=query, detail=parts[-1].why,
                )])  # fmt: skip
                failures += 1
                continue
            parts.append(page_told(source, page))
            identity = capture_id(source=name, url=page.url, body=page.body, at=captured_at)
            first = known_at(identity) if captured_at is None else None
            if identity in brought:
                continue  # the same bytes under the same address: one capture
            brought.add(identity)
            spool.append([msgspec.structs.replace(page, id=identity, at=first or at)])
            captures += 1
            if on_capture is not None:
                on_capture(path, size)
        told.append(joined(path, parts))
    bad = sum(not file.whole for file in told)
    spool.append([RunEnd(
        at=at, source=name, run=run, watch=IMPORTS, query=query, started_at=at, pages=captures,
        failures=failures, misses=misses,
        # What an unreadable file lists, nobody knows: absence from the others means nothing.
        scan=Scan.COMPLETE if complete and not bad else Scan.CUT if bad else Scan.NEWEST,
        reason=f"{bad} of {len(told)} files could not be read whole" if bad else "",
    )])  # fmt: skip
    return Imported(run=run, files=tuple(told), captures=captures, skipped=tuple(skipped))


def is_known(path: Path) -> bool:
    """Whether a folder's file has an ending that is taken."""
    return "".join(path.suffixes).lower().removesuffix(".gz").endswith(SUFFIXES)


def _files(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    files: list[Path] = []
    skipped: list[str] = []
    for path in paths:
        if path.is_dir():
            for found in sorted(path.rglob("*")):
                if found.is_file() and is_known(found):
                    files.append(found)
                elif found.is_file():
                    skipped.append(found.name)
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"there is no file or folder at {path}")
    if not files:
        where = ", ".join(str(path) for path in paths)
        raise UsageError(f"nothing to import in {where}: known endings are {', '.join(SUFFIXES)}")
    return files, skipped


def _pages(
    path: Path, source: AnySource, new: Capture
) -> Iterator[tuple[Capture | Exception, int]]:
    """Yield the file's pages, less what is personal, with their size in bytes as they came; last,
    what stopped them before the end, if anything did.

    Raises:
        Missing: an optional part is needed to read it.
    """
    try:
        for body, note in _bodies(path, source):
            page = msgspec.structs.replace(
                new, url=_address(path, body), body=body,
                note=merge_notes({"file": path.name}, note),
            )  # fmt: skip
            yield source.scrub(page), len(body)
    except Missing:
        raise
    except Exception as error:  # whatever a reader stumbles on is said of its file
        yield error, 0


def _bodies(path: Path, source: AnySource) -> Iterator[tuple[bytes, dict[str, str]]]:
    if not path.stat().st_size:
        raise UsageError("it has no bytes")
    if hasattr(source, "split"):
        with path.open("rb") as file:
            for chunk in source.split(file, path.name):
                yield chunk.body, chunk.note
        return
    if path.stat().st_size > PAGE_LIMIT_BYTES:
        raise UsageError(
            f"it is larger than a page can be ({PAGE_LIMIT_BYTES >> 20} MiB). A file of many "
            f"rows is imported with --map, in pieces."
        )
    yield b"".join(_whole(path)), {}


def _whole(path: Path) -> Iterable[bytes]:
    if path.suffix.lower() != ".gz":
        yield path.read_bytes()
        return
    try:
        with gzip.open(path) as file:
            body = file.read(PAGE_LIMIT_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"it cannot be unpacked: {error}") from None
    if len(body) > PAGE_LIMIT_BYTES:
        raise UsageError(f"it unpacks to more than {PAGE_LIMIT_BYTES >> 20} MiB")
    yield body


def _address(path: Path, body: bytes) -> str:
    """Return the page's canonical address, or the file's name: never the path on this machine."""
    found = _CANONICAL.search(body, 0, _HEAD_BYTES) if body.lstrip()[:1] == b"<" else None
    if found:
        return (found[1] or found[2]).decode("utf-8", "replace").replace("&amp;", "&")
    return _name(path)


def _name(path: Path) -> str:
    return f"file:{quote(path.name, errors='replace')}"
