"""A question to the search and its answer, in the names of the model.

The same words are used by addresses, API, command line and feeds: `Ask.filters` maps a facet's
field to the values wanted, `not_` to those unwanted.
"""

from datetime import datetime
from typing import Literal

import msgspec

Grain = Literal["cluster", "listing"]


class Ask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to look for among one kind of listing."""

    kind: str
    text: str = ""
    """Words; accents and case do not matter, "quotes" hold a phrase, -word excludes."""
    filters: dict[str, tuple[str, ...]] = {}
    """Facet field → any of these values. The empty text stands for "not said"."""
    not_: dict[str, tuple[str, ...]] = {}
    status: Literal["open", "closed", "all"] = "open"
    since: datetime | None = None
    """Published (else first seen) at or after this instant."""
    until: datetime | None = None
    price_min: float | None = None
    """Ads: price. Jobs: pay per year."""
    price_max: float | None = None
    has_price: bool | None = None
    has_image: bool | None = None
    sort: str = "relevance"
    """relevance, or a sortable field with - before it for descending: -posted_at, price."""
    grain: Grain = "listing"
    limit: int = 25
    offset: int = 0
    facets: tuple[str, ...] = ()
    """Facet fields to count. A field's own filter does not narrow its own counts."""
    facet_size: int = 30


class Bucket(msgspec.Struct, frozen=True):
    """One value of a facet and how many results choosing it alone would give."""

    value: str
    count: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Hits, total and facets of one generation of the index: they agree with each other."""

    ids: tuple[str, ...]
    total: int
    facets: dict[str, tuple[Bucket, ...]]
    seq: int
    """The feed's position that the index stood at."""
    snippets: dict[str, str] = {}
    """Listing id → a passage of its text, matches between the marks ⟦ and ⟧."""
