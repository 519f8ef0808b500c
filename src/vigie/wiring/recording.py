"""Recording pages of a site as the cases of its source.

A page is blanked as it is before it is spooled, then looked at once more with other eyes: what
still looks like a person keeps it from being written (`remains`). A look is no proof: whoever
records reads the page too.
"""

import inspect
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from vigie.errors import RecordError, SourceError, SourceRefused, UsageError
from vigie.model.capture import Capture, Query, Request
from vigie.wiring.remains import Remain, remains

if TYPE_CHECKING:
    from vigie.collect.fetch import Answer, Fetcher
    from vigie.contracts import AnySource
    from vigie.wiring.instance import Instance
    from vigie.wiring.stage import StandIn

_HEADERS: Final = frozenset({"content-type", "content-range", "link"})
"""Headers of an answer that readers look at: the others may tell of whoever asked."""
_LONG: Final = 300
"""Longer texts are not repeated in a case: the page holds them."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What became of a page."""

    folder: Path
    """The case."""
    remains: tuple[Remain, ...]
    """What looks like a person in the blanked page: nothing was written because of it."""
    listings: int
    unreadable: int
    error: str | None
    """What condemns the whole page."""
    size_bytes: int


def record(
    here: "Instance", name: str, *, case: str, url: str | None = None, query: str | None = None,
    file: Path | None = None, at: datetime, into: Path | None = None, force: bool = False,
    harmless: Sequence[str] = (), stand_in: "StandIn | None" = None,
) -> Recorded:  # fmt: skip
    """Write one page of source *name* as its case *case*; nothing of it is spooled.

    The page is *file*, said to be from *url*; else it is asked for: *url*, or the first page for
    the words *query*, or of the source's example. It is asked as politely as in a collection.

    Args:
        at: When a saved page was received.
        into: The source's folder. None: where its code stands.
        force: Replace a case of that name.
        harmless: Texts that look like a person and are none: they are not told.

    Raises:
        UsageError: *url* is no address, there is such a case, or the source is none whose pages
            can be recorded.
        SourceRefused: the site is not to be asked, or did not answer.
    """
    from vigie import sources

    # As the tests make it: without the secret of this instance, which no case may depend on.
    source = sources.make(name, here.settings.sources.get(name, {}), here.settings.maps_folder)
    if getattr(source, "files_only", False):
        raise UsageError(f"{name} reads files: cut one to a few rows by hand, see its cases")
    if not re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*", case):
        raise UsageError(f"{case!r} cannot be a case's name: lower-case letters, digits and _")
    if url is not None:
        _check(url)
    home = into or Path(inspect.getfile(type(source))).parent
    folder = home / "cases" / case
    if folder.exists() and not force:
        raise UsageError(f"{folder} exists; give --case another name, or --force to replace it")
    if file is not None:
        if url is None:
            raise UsageError("say where the saved page is from: --url ADDRESS")
        request = Request(url=url)
        page = _page(name, request, url=url, body=file.read_bytes(), at=at, status=200)
    else:
        request = _request(source, url, query)
        answer = _asked(here, name, request, stand_in)
        kept = tuple(pair for pair in answer.headers if pair[0].lower() in _HEADERS)
        page = _page(name, request, url=answer.url, body=answer.body, at=answer.at,
                     status=answer.status, headers=kept)  # fmt: skip
    clean = source.scrub(page)
    page = msgspec.structs.replace(page, url=clean.url, body=_laid_out(clean.body))
    return _written(source, page, folder, remains(page, harmless))


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or not url.isprintable() or " " in url:
        raise UsageError(f"--url {url!r} is no address of a page: write https://HOST/PATH")


def _request(source: "AnySource", url: str | None, query: str | None) -> Request:
    if url is not None:
        return Request(url=url)
    asked = source.example if query is None else Query(name=query, words=query)
    request = next(iter(source.first(asked)), None)
    if request is None:
        raise UsageError("the source's settings name nothing to ask for: give --url")
    return request


def _page(name: str, request: Request, **parts: Any) -> Capture:
    return Capture(id="", source=name, run="recorded", method=request.method,
                   request_body=request.body, note=dict(request.note), **parts)  # fmt: skip


def _asked(here: "Instance", name: str, request: Request, stand_in: "StandIn | None") -> "Answer":
    from vigie.collect.door import Door
    from vigie.collect.errand import run_errand
    from vigie.collect.unanswered import Unanswered
    from vigie.wiring.clock import now

    job = here.job(name, ())

    async def errand(fetcher: "Fetcher") -> "Answer | Unanswered":
        door = Door(job, fetcher)
        try:
            return await door.ask(request)
        except Unanswered as error:
            return error
        finally:
            await door.settle()

    clock = now if stand_in is None else stand_in.clock
    told = run_errand(errand, here.agenda, here._options(stand_in), now=clock)
    if isinstance(told, Unanswered):
        raise SourceRefused(name, f"{request.url} was not answered ({told})")
    return told


def _laid_out(body: bytes) -> bytes:
    """Return JSON over several lines, to be cut by hand; any other page as it is."""
    try:
        return msgspec.json.format(body, indent=2) + b"\n"
    except (msgspec.DecodeError, RecursionError):
        return body


def _written(source: "AnySource", page: Capture, folder: Path, found: Sequence[Remain]) -> Recorded:
    """Write page and expectation, unless somebody remains in it; tell what it holds."""
    expected = _expected(source, page)
    listings: list[dict[str, Any]] = expected.get("listings", [])
    if not found:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("page.*"):
            old.unlink()
        (folder / f"page.{_extension(page.body)}").write_bytes(page.body)
        text = json.dumps(expected, indent=2, ensure_ascii=False)
        (folder / "case.json").write_text(f"{text}\n", encoding="utf-8")
    unreadable = sum("error" in one for one in listings)
    return Recorded(
        folder=folder, remains=tuple(found), listings=len(listings) - unreadable,
        unreadable=unreadable, error=expected.get("error"), size_bytes=len(page.body),
    )  # fmt: skip


def _expected(source: "AnySource", page: Capture) -> dict[str, Any]:
    """Return what the reader gives of *page* now, in a case's shape."""
    told: dict[str, Any] = {
        "url": page.url, "status": page.status, "headers": [list(pair) for pair in page.headers],
        "at": page.at.isoformat(), "note": page.note, "canaries": [],
    }  # fmt: skip
    if page.request_body is not None:
        told["request_body"] = page.request_body.decode("utf-8", "replace")
    if page.method != "GET":
        told["method"] = page.method
    kept = source.scrub(page)
    told["follow"] = [request.url for request in source.follow(kept)]
    told["total"] = None
    try:
        items = source.items(kept)
        told["total"] = source.total(kept)
    except SourceError as error:
        return told | {"error": type(error).__name__}
    return told | {"listings": [_listing(source, item, kept) for item in items]}


def _listing(source: "AnySource", item: Any, page: Capture) -> dict[str, Any]:
    try:
        read = source.read(item, page)
    except RecordError as error:
        return {"error": error.reason}
    shown = {
        name: value for name, value in read.values.items()
        if value is not None and len(str(value)) <= _LONG
    }  # fmt: skip
    own = {"native_id": read.native_id, "reading": read.reading, "layer": read.layer}
    return own | shown


def _extension(body: bytes) -> str:
    """Return what a page's file ends in, by what the page is made of."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:400].lower()
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith((b"<?xml", b"<rss", b"<feed")):
        return "xml"
    return "html" if start.startswith(b"<") else "txt"
