"""One item as a site shows it: what a source's `read` returns."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Shown = str | int | float | bool | Sequence[str] | None
"""A value as the site shows it. Numbers the site writes in text stay text."""

Reading = Literal["card", "full"]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What one item of a page shows, before any step.

    `values` holds shown fields of the kind only (`vigie.model.kinds`); another name is an error
    of the source and stops its tests. A name that is present with None says "the page shows
    none"; an absent name says "this page does not tell". On a card the two mean the same.
    """

    kind: str
    native_id: str
    reading: Reading
    layer: str
    """Which layer of the page it was read from: api, json-ld, next-data, html…"""
    values: dict[str, Shown]
