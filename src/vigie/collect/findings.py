"""What pages of a live site say to each check: counts, ids and fields, compared."""

from collections.abc import Sequence
from typing import Any

from vigie.collect.tally import LEAST_SHARE
from vigie.errors import RecordError, SourceError
from vigie.model.capture import Capture
from vigie.model.checks import Finding
from vigie.model.listing import Listing

Named = dict[str, Listing]


def listings_of(source: Any, page: Capture) -> Named:
    """Return the listings that can be read, by native id."""
    named: Named = {}
    try:
        items = source.items(page)
    except SourceError:
        return named
    for item in items:
        try:
            listing = source.read(item, page)
        except RecordError:
            continue
        named.setdefault(listing.native_id, listing)
    return named


def finding(check: str, passed: bool | None, said: str) -> Finding:
    """Return what one check says."""
    return Finding(check=check, passed=passed, said=said)


def total_of(announced: int | None, seen: int, *, whole: bool) -> Finding:
    """Return whether as many are seen as announced; *whole*: all were asked for."""
    if announced is None:
        return finding("total", None, "the site announces none")
    said = f"{seen} of {announced} announced"
    if not whole:  # more than announced would be wrong all the same
        return finding("total", seen <= announced, f"{said}, not all were asked for")
    near = LEAST_SHARE * announced <= seen <= announced / LEAST_SHARE
    return finding("total", near, said)


def paging_of(asked: Sequence[set[str]]) -> Finding:
    """Return whether the second page lists others than the first."""
    if len(asked) < 2:
        return finding("paging", None, "there is one page")
    new = len(asked[1] - asked[0])
    return finding("paging", new > 0, f"page 2 brings {new} that page 1 has not")


def required_of(kind: str, listings: Sequence[Listing]) -> Finding:
    """Return whether every listing has what its kind cannot be without."""
    names = {"post": ("text_raw",), "figure": ()}.get(kind, ("title", "url"))
    if not names:
        return finding("required fields", None, "a figure has none")
    missing = {
        name: count for name in names
        if (count := sum(not listing.values.get(name) for listing in listings))
    }  # fmt: skip
    said = ", ".join(f"{count} without {name}" for name, count in missing.items())
    return finding(
        "required fields", not missing, said or f"{' and '.join(names)} on every listing"
    )
