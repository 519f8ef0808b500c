"""A listing as JSON: the model's fields, nested by prefix, nothing renamed.

``place_city`` stands at ``place.city``; every field of the kind is there, null when it was not
observed. What a kind keeps from the public, `model.owners` says.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import polars as pl

from vigie.model.fields import Field, Kind
from vigie.model.owners import OWNERS

NESTED: Final = ("place", "pay", "experience", "occupation", "area")
"""Prefixes that become objects."""

LONG: Final = frozenset({"text", "html", "company_text", "text_plain"})
"""Left out of lists unless `fields` names them: a page of 200 would weigh megabytes."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: Any) -> bytes:
    """Return *value* as JSON: instants end in Z, money is an exact number."""
    return _ENCODER.encode(value)


def visible(kind: Kind, *, owner: bool) -> tuple[Field, ...]:
    """Return the fields that a caller may see; private ones are nobody's."""
    hidden = frozenset() if owner else OWNERS.get(kind.name, frozenset())
    return tuple(f for f in kind.stored if not f.private and f.name not in hidden)


def path_of(name: str) -> tuple[str, ...]:
    """Return where the field *name* stands in the JSON: ``place_city`` → place, city."""
    prefix, _, rest = name.partition("_")
    return (prefix, rest) if rest and prefix in NESTED else (name,)


class Shape:
    """How rows of one kind become objects, for one choice of fields."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self.columns = [field.name for field in fields]
        self._paths = [path_of(name) for name in self.columns]

    def items(self, rows: pl.DataFrame) -> list[dict[str, Any]]:
        """Return one object a row, in the rows' order."""
        return [self._item(values) for values in rows.select(self.columns).iter_rows()]

    def _item(self, values: Sequence[Any]) -> dict[str, Any]:
        item: dict[str, Any] = {}
        for path, value in zip(self._paths, values, strict=True):
            if len(path) == 1:
                item[path[0]] = value
            else:
                item.setdefault(path[0], {})[path[1]] = value
        return item


def list_fields(kind: Kind, *, owner: bool) -> tuple[Field, ...]:
    """Return the fields of a list's items when `fields` is not given."""
    return tuple(field for field in visible(kind, owner=owner) if field.name not in LONG)
