"""Recorded pages of every source: each reads as it did, and every promise of `Source` holds on it.

A case is a folder `sources/<name>/cases/<case>/` with a page and what is expected of it. It needs
no code: a source's folder, copied, brings its own tests.
"""

import json
import os
import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.errors import ConfigError, RecordError, SourceError
from vigie.model.capture import Capture, capture_id
from vigie.model.fields import Type
from vigie.model.frames import shown_schema
from vigie.model.kinds import KINDS
from vigie.model.listing import Listing

FOLDER = Path(sources.__file__).parent
FOLDERS = sorted(path.parent for path in FOLDER.glob("*/__init__.py"))
MUTATIONS = int(os.environ.get("VIGIE_TEST_MUTATIONS", "12"))
"""Ways in which each recorded page is broken. The gate asks for more."""


@dataclass(frozen=True)
class Case:
    """One recorded page and what is expected of it."""

    path: Path
    source: str
    page: Capture
    expected: dict[str, Any]

    @property
    def site(self) -> AnySource:
        return sources.make(self.source)


def load(path: Path) -> Case:
    expected = json.loads((path / "case.json").read_text(encoding="utf-8"))
    (file,) = path.glob("page.*")
    source = expected.get("source", path.parents[1].name)
    body, at = file.read_bytes(), datetime.fromisoformat(expected["at"])
    request_body = expected.get("request_body")
    asked = {
        "url": expected["url"],
        "method": expected.get("method", "GET"),
        "status": expected["status"],
        "request_body": None if request_body is None else request_body.encode(),
    }
    page = Capture(
        id=capture_id(source=source, body=body, at=at, **asked),
        at=at,
        source=source,
        body=body,
        run="recorded",
        headers=tuple((name, value) for name, value in expected["headers"]),
        note=expected["note"],
        **asked,
    )
    return Case(path, source, page, expected)


CASES = [load(path.parent) for path in sorted(FOLDER.glob("*/cases/*/case.json"))]


def case_name(case: Case) -> str:
    return f"{case.path.parents[1].name}/{case.path.name}"


each_case = pytest.mark.parametrize("case", CASES, ids=case_name)
each_list = pytest.mark.parametrize(
    "case", [case for case in CASES if "listings" in case.expected], ids=case_name
)


def read_all(site: AnySource, page: Capture) -> list[Listing | RecordError]:
    found: list[Listing | RecordError] = []
    for item in site.items(page):
        try:
            found.append(site.read(item, page))
        except RecordError as error:
            found.append(error)
    return found


def told(listing: Listing | RecordError, names: dict[str, Any]) -> dict[str, Any]:
    """Return of a listing what *names* names: its own parts and its values."""
    if isinstance(listing, RecordError):
        return {"error": listing.reason}
    own = {"native_id": listing.native_id, "reading": listing.reading, "layer": listing.layer}
    return {name: (own | listing.values).get(name, "absent") for name in names}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_source_has_recorded_pages(folder: Path) -> None:
    """A source without recorded pages, good and bad, does not ship."""
    cases = [case for case in CASES if case.path.parents[1] == folder]

    assert len(cases) >= 2
    assert any("error" in case.expected for case in cases), "a blocked, changed or empty page"
    assert any("listings" in case.expected for case in cases), "a page with listings"


def test_every_source_is_recorded_under_its_name() -> None:
    """Each map of the file source has recorded pages of its own."""
    assert set(sources.find_all()) <= {case.source for case in CASES}


@each_case
def test_a_recorded_page_still_reads_as_it_did(case: Case) -> None:
    """A page, blanked as it is before it is kept, gives the listings, total and next pages."""
    page = case.site.scrub(case.page)
    if "error" in case.expected:
        with pytest.raises(SourceError) as caught:
            case.site.items(page)
        assert type(caught.value).__name__ == case.expected["error"]
        assert getattr(caught.value, "source", case.source) == case.source
    else:
        wanted = case.expected["listings"]
        found = read_all(case.site, page)
        assert len(found) == len(wanted)
        for listing, want in zip(found, wanted, strict=True):
            assert told(listing, want) == want
        assert case.site.total(page) == case.expected["total"]

    assert [request.url for request in case.site.follow(page)] == case.expected["follow"]


@each_case
def test_what_must_never_be_kept_is_gone(case: Case) -> None:
    """No byte of a planted name or number is in the blanked page, and blanking twice is as once."""
    canaries = case.expected.get("canaries", [])
    assert not canaries or any(canary in case.page.body.decode() for canary in canaries)

    scrubbed = case.site.scrub(case.page)

    assert [canary for canary in canaries if canary in scrubbed.body.decode()] == []
    assert case.site.scrub(scrubbed) == scrubbed
    assert (int(scrubbed.note["scrubbed"]) > 0) == (scrubbed.body != case.page.body)
    assert int(scrubbed.note["scrubbed"]) > 0 or not canaries
    assert scrubbed.note["scrub_revision"]


@each_list
def test_blanking_loses_no_listing(case: Case) -> None:
    """The blanked page lists the same identities, in the same order."""
    before = read_all(case.site, case.page)
    after = read_all(case.site, case.site.scrub(case.page))

    assert [told(one, {"native_id": ""}) for one in after] == [
        told(one, {"native_id": ""}) for one in before
    ]


@each_list
def test_values_are_shown_fields_of_the_kind(case: Case) -> None:
    """A source gives shown fields of its kind only, each of its type, under an id."""
    kind = KINDS[case.site.kind]
    types = {Type.TEXT: str, Type.TEXTS: list, Type.INTEGER: int, Type.BOOLEAN: bool}
    for listing in read_all(case.site, case.page):
        if isinstance(listing, RecordError):
            assert listing.reason.isidentifier()
            continue
        assert listing.kind == kind.name
        assert listing.native_id.strip()
        for name, value in listing.values.items():
            assert kind[name].shown
            assert name in shown_schema(kind)
            assert value is None or isinstance(value, types.get(kind[name].type, float))
            assert value != ""
            assert value != []


@pytest.mark.parametrize("name", sorted(sources.find_all()))
def test_a_source_asks_by_https_only(name: str) -> None:
    """The first requests of a source are https; one that only reads files says so."""
    site = sources.make(name)
    if getattr(site, "files_only", False):
        with pytest.raises(ConfigError, match="vigie import"):
            list(site.first(site.example))
        return

    requests = list(site.first(site.example))

    assert requests
    assert all(request.url.startswith("https://") for request in requests)
    assert all(request.url.isascii() for request in requests)


@each_case
def test_a_broken_page_breaks_nothing_else(case: Case) -> None:
    """Whatever happens to a page on its way, only a SourceError or RecordError comes of it."""
    dice = random.Random(case_name(case))
    for _ in range(MUTATIONS):
        page = case.site.scrub(mutated(case.page, dice))
        assert case.site.scrub(page) == page
        list(case.site.follow(page))
        try:
            read_all(case.site, page)
            case.site.total(page)
        except SourceError:
            continue


def mutated(page: Capture, dice: random.Random) -> Capture:
    """Return *page* with its body cut, or a few bytes or pieces of it replaced."""
    body = bytearray(page.body)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(body) + 1)
        end = min(len(body), at + dice.choice((1, 1, 2, 8, 80, 400)))
        match dice.randrange(6):
            case 0:
                del body[at:]
            case 1:
                del body[at:end]
            case 2:
                body[at:end] = dice.choice((b"null", b"[]", b"{}", b'"x"', b"1e999", b"true"))
            case 3:
                body[at:end] = dice.randbytes(end - at)
            case 4:
                body[at:at] = body[at:end] * 2
            case _:
                body[at:at] = dice.choice((b'"', b"<", b"}", b"]", b"\n", b"\\", b"\xed\xa0\x80"))
    status = dice.choice((page.status, page.status, None, 200, 500))
    return Capture(
        id=page.id,
        at=page.at,
        source=page.source,
        url=page.url,
        body=bytes(body),
        run=page.run,
        status=status,
        note=page.note,
        request_body=page.request_body,
    )
