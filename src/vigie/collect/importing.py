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

from vigie.contracts import AnySource, Spool
from vigie.errors import UsageError
from vigie.model.capture import Capture, RunEnd, Scan, capture_id, merge_notes

SUFFIXES: Final = (
    ".html", ".htm", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xml", ".parquet", ".warc",
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


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import brought to the spool."""

    run: str
    files: int
    captures: int
    skipped: tuple[str, ...]
    """Files of a folder that are of no known kind."""


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

    Args:
        captured_at: When the site said this. None: relative dates cannot be read and stay null.
        complete: The files together are all that the site listed: absence means something.
        known_at: Capture id → when it was first brought in. An undated page that is known keeps
            that time: bringing it again is not news.
        on_capture: Called with the file and the bytes of each capture.

    Raises:
        UsageError: a path does not exist, or a file is too large to be one page.
        SpoolError: the spool cannot be written; what was appended before stays.
    """
    files, skipped = _files(paths)
    started, captures = now, 0
    brought: set[str] = set()
    for path in files:
        for body, note in _bodies(path, source):
            at = captured_at or now
            url = _address(path, body)
            page = Capture(
                id="", at=at, source=name, url=url, body=body, run=run, watch="import",
                query=query, dated=captured_at is not None,
                note=merge_notes({"file": path.name}, note),
            )  # fmt: skip
            kept = source.scrub(page)
            identity = capture_id(source=name, url=kept.url, body=kept.body, at=captured_at)
            first = known_at(identity) if captured_at is None else None
            if identity in brought:
                continue  # the same bytes under the same address: one capture
            brought.add(identity)
            spool.append([msgspec.structs.replace(kept, id=identity, at=first or at)])
            captures += 1
            if on_capture is not None:
                on_capture(path, len(body))
    end = RunEnd(
        at=captured_at or now, source=name, run=run, watch="import", query=query,
        scan=Scan.COMPLETE if complete else Scan.NEWEST, started_at=captured_at or started,
        pages=captures, misses=misses,
    )  # fmt: skip
    spool.append([end])
    return Imported(run=run, files=len(files), captures=captures, skipped=tuple(skipped))


def _files(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    files: list[Path] = []
    skipped: list[str] = []
    for path in paths:
        if path.is_dir():
            for found in sorted(path.rglob("*")):
                if found.is_file():
                    known = "".join(found.suffixes).lower().removesuffix(".gz").endswith(SUFFIXES)
                    (files if known else skipped).append(found if known else found.name)  # type: ignore[arg-type]  # each list takes its own
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"there is no file or folder at {path}")
    if not files:
        where = ", ".join(str(path) for path in paths)
        raise UsageError(f"nothing to import in {where}: known endings are {', '.join(SUFFIXES)}")
    return files, skipped


def _bodies(path: Path, source: AnySource) -> Iterator[tuple[bytes, dict[str, str]]]:
    if hasattr(source, "split"):
        with path.open("rb") as file:
            for chunk in source.split(file, path.name):
                yield chunk.body, chunk.note
        return
    if path.stat().st_size > PAGE_LIMIT_BYTES:
        raise UsageError(
            f"{path} is larger than a page can be ({PAGE_LIMIT_BYTES >> 20} MiB). A file of many "
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
        raise UsageError(f"{path} cannot be unpacked: {error}") from None
    if len(body) > PAGE_LIMIT_BYTES:
        raise UsageError(f"{path} unpacks to more than {PAGE_LIMIT_BYTES >> 20} MiB")
    yield body


def _address(path: Path, body: bytes) -> str:
    """Return the page's canonical address, or the file's name: never the path on this machine."""
    found = _CANONICAL.search(body, 0, _HEAD_BYTES) if body.lstrip()[:1] == b"<" else None
    if found:
        return (found[1] or found[2]).decode("utf-8", "replace").replace("&amp;", "&")
    return f"file:{quote(path.name, errors='replace')}"
