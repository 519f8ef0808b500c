"""What an address asks of one kind of listing, and the address of what is asked."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, cast
from urllib.parse import urlencode

import msgspec

from vigie.model.ask import Ask, Grain
from vigie.model.kinds import KINDS

CLUSTERED: Final = frozenset({"job", "ad"})
"""Kinds whose lists show one listing per cluster unless `grain=listing` is asked."""
AS_IS: Final[Mapping[str, str]] = MappingProxyType({})
"""No parameter has another name than its field's."""
_SPAN = re.compile(r"([1-9]\d{0,3})([hd])\Z")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What an address asks of one kind of listing, as written."""

    kind: str
    q: str = ""
    filters: dict[str, tuple[str, ...]] = {}
    not_: dict[str, tuple[str, ...]] = {}
    status: str = "open"
    since: str = ""
    until: str = ""
    price_min: str = ""
    price_max: str = ""
    has_price: bool | None = None
    has_image: bool | None = None
    sort: str = ""
    grain: str = ""
    page: int = 1

    @property
    def order(self) -> str:
        """How it is sorted: as asked, else by relevance to words, else newest first."""
        if self.sort:
            return self.sort
        if self.q:
            return "relevance"
        return "-posted_at" if "posted_at" in KINDS[self.kind].by_name else "-first_seen_at"

    @property
    def one_per(self) -> Grain:
        """Whether lists show clusters or listings: as asked, else by kind."""
        if self.grain:
            return cast("Grain", self.grain)
        return "cluster" if self.kind in CLUSTERED else "listing"

    def ask(
        self, now: datetime, *, limit: int = 0, offset: int = 0, facets: tuple[str, ...] = ()
    ) -> Ask:
        """Return the question to the search. *now* gives "24h" its meaning."""
        return Ask(
            kind=self.kind,
            text=self.q,
            filters=self.filters,
            not_=self.not_,
            status=cast("Any", self.status),
            since=instant(self.since, now),
            until=instant(self.until, now),
            price_min=float(self.price_min) if self.price_min else None,
            price_max=float(self.price_max) if self.price_max else None,
            has_price=self.has_price,
            has_image=self.has_image,
            sort=self.order,
            grain=self.one_per,
            limit=limit,
            offset=offset,
            facets=facets,
        )

    def pairs(self, rename: Mapping[str, str] = AS_IS) -> list[tuple[str, str]]:  # never changed
        """Return the parameters, always in the same order; what is as usual is left out."""
        found = [("q", self.q)] if self.q else []
        for field in KINDS[self.kind].facets:
            name = rename.get(field.name, field.name)
            found += [(name, _written(value)) for value in self.filters.get(field.name, ())]
            found += [(name, f"!{value}") for value in self.not_.get(field.name, ())]
        usual = Question(kind=self.kind)
        for name in ("status", "since", "until", "price_min", "price_max", "has_price",
                     "has_image", "sort", "grain", "page"):  # fmt: skip
            value = getattr(self, name)
            if value != getattr(usual, name):
                found.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
        return found

    def href(
        self, path: str, rename: Mapping[str, str] = AS_IS, **changes: Any
    ) -> str:  # never changed
        """Return the address of the same question with *changes*, from its first page."""
        other = msgspec.structs.replace(self, **{"page": 1, **changes})
        query = urlencode(other.pairs(rename), safe="!:")
        return f"{path}?{query}" if query else path

    def without(self, field: str, value: str | None = None) -> "Question":
        """Return the question less one value of *field*, or less the whole parameter."""
        if field in USUAL:
            return msgspec.structs.replace(self, page=1, **{field: USUAL[field]})
        left = {
            side: {
                name: kept
                for name, values in getattr(self, side).items()
                if (kept := values if name != field else tuple(
                    v for v in values if value is not None and v != value))
            }
            for side in ("filters", "not_")
        }  # fmt: skip
        return msgspec.structs.replace(self, page=1, **left)

    def with_(self, field: str, value: str, *, exclude: bool = False) -> "Question":
        """Return the question with one more value of *field*, wanted or excluded."""
        plain = self.without(field, value) if self.states(field, value) else self
        side = "not_" if exclude else "filters"
        values = getattr(plain, side)
        more = {**values, field: (*values.get(field, ()), value)}
        return msgspec.structs.replace(plain, page=1, **{side: more})

    def states(self, field: str, value: str) -> Literal["in", "out", ""]:
        """Return whether *value* of *field* is wanted, excluded or not spoken of."""
        if value in self.filters.get(field, ()):
            return "in"
        return "out" if value in self.not_.get(field, ()) else ""


USUAL: Final[dict[str, Any]] = {
    name: getattr(Question(kind="job"), name)
    for name in Question.__struct_fields__
    if name not in {"kind", "filters", "not_"}
}
"""Parameters that are given once, with what stands when they are not."""


def instant(text: str, now: datetime) -> datetime | None:
    """Return the instant that ``24h``, ``7d``, a date (00:00 UTC) or an ISO instant says.

    None for the empty text.

    Raises:
        ValueError: it says none of these.
    """
    if not text:
        return None
    if span := _SPAN.match(text):
        unit = "hours" if span[2] == "h" else "days"
        return now - timedelta(**{unit: int(span[1])})
    # In a query string an unescaped + is a space: 2026-11-01T00:00:00+01:00 is still meant.
    found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _written(value: str) -> str:
    return f"\\{value}" if value.startswith(("!", "\\")) else value
