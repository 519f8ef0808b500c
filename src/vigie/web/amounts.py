"""Amounts as the history keeps them."""

from decimal import Decimal

import msgspec


def amount(text: str | None) -> Decimal | None:
    """Return the amount that a change's JSON text holds; None when it holds none."""
    if text is None:
        return None
    value = msgspec.json.decode(text, type=object)
    if value is None or isinstance(value, bool | list | dict):
        return None
    return Decimal(str(value))


def whole(sum_: Decimal | None) -> Decimal | None:
    """Return the amount without cents: what was worked out is not exact to them."""
    return None if sum_ is None else sum_.quantize(Decimal(1))
