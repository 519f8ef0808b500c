"""How a price moved: a step line, since a price holds until the day it changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from vigie.web.amounts import amount
from vigie.web.language import Language

WIDTH: Final = 320
HEIGHT: Final = 72
_MARGIN: Final = 6


class PriceLine(msgspec.Struct, frozen=True):
    """What the template draws, in the units of the SVG's view box."""

    path: str
    dots: tuple[tuple[float, float], ...]
    first: Decimal
    last: Decimal
    low: Decimal
    high: Decimal
    since: datetime
    sentence: str

    @property
    def share(self) -> float:
        """The move from first to last, as a share of the first."""
        return float((self.last - self.first) / self.first) if self.first else 0.0


def price_line(
    row: Mapping[str, Any], changes: Sequence[Mapping[str, Any]], field: str,
    currency: str | None, language: Language,
) -> PriceLine | None:  # fmt: skip
    """Return the line of *field*'s changes by the site; None when it never changed.

    Rereadings are left out: there our reading moved, not the price.
    """
    points: list[tuple[datetime, Decimal]] = []
    for change in changes:
        if change["field"] != field or change["cause"] != "site":
            continue
        old, new = amount(change["old"]), amount(change["new"])
        if not points and old is not None:
            points.append((row["first_seen_at"], old))
        if new is not None:
            points.append((change["at"], new))
    if len(points) < 2:
        return None
    start, end = points[0][0], max(points[-1][0], row["last_seen_at"] or points[-1][0])
    low, high = min(p for _, p in points), max(p for _, p in points)
    seconds = (end - start).total_seconds() or 1.0
    height = float(high - low) or 1.0

    def x(when: datetime) -> float:
        share = (when - start).total_seconds() / seconds
        return round(_MARGIN + share * (WIDTH - 2 * _MARGIN), 1)

    def y(price: Decimal) -> float:
        return round(_MARGIN + float(high - price) / height * (HEIGHT - 2 * _MARGIN), 1)

    path = f"M{x(start)} {y(points[0][1])}"
    for when, price in points[1:]:
        path += f"H{x(when)}V{y(price)}"
    path += f"H{x(end)}"
    told = {
        "old": language.money_text(points[0][1], currency),
        "new": language.money_text(points[-1][1], currency),
        "when": language.exact_text(start, "day"),
    }
    return PriceLine(
        path=path,
        dots=tuple((x(when), y(price)) for when, price in points),
        first=points[0][1],
        last=points[-1][1],
        low=low,
        high=high,
        since=start,
        sentence=language.gettext("From %(old)s to %(new)s since %(when)s") % told,
    )
