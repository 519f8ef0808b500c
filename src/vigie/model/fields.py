"""A field, declared once: name, type, meaning and the roles it plays everywhere.

SQL columns, Arrow and search schemas, the API model and the data dictionary are derived from
these declarations; nothing else lists the names again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Type(StrEnum):
    """What a field's values are, in words that every store and file format can keep."""

    TEXT = "text"
    """Unicode text without NUL and lone surrogates."""
    TEXTS = "texts"
    """A list of texts; canonical JSON in SQL, a list in Arrow."""
    ENUM = "enum"
    """One of `Field.values`."""
    MONEY = "money"
    """Exact amount with two decimals; the currency stands in a field of its own."""
    INSTANT = "instant"
    """UTC, to the millisecond."""
    INTEGER = "integer"
    NUMBER = "number"
    COORDINATE = "coordinate"
    """WGS 84 degrees, to 1e-6."""
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a kind of listing.

    A *shown* field holds what the site shows and is given by a source. The others are read from
    shown fields by steps (`of` names them) or kept by the store (`kept_by_store`).
    """

    name: str
    type: Type
    meaning: str
    """What it says, its unit and what null means."""
    shown: bool = False
    of: tuple[str, ...] = ()
    """The shown fields this one is read from: it is replaced whenever one of them is carried."""
    stored: bool = True
    """False: only steps see it; its reading is stored instead."""
    volatile: bool = False
    """True: sites move it without changing the listing (counters, bumped dates)."""
    first_told: bool = False
    """True: who told it first is believed, what later pages say of it moves nothing."""
    values: tuple[str, ...] = ()
    searchable: float = 0.0
    """Weight in full-text search; 0: not searched."""
    facet: bool = False
    sortable: bool = False
    private: bool = False
    """True: never exported or shown, except to the instance's owner."""
    kept_by_store: bool = False

    @property
    def content(self) -> bool:
        """Whether another value of it means that the site changed the listing."""
        return self.stored and not self.volatile and not self.kept_by_store


def text(name: str, meaning: str, **roles: object) -> Field:
    """Declare a text that the site shows."""
    return Field(name=name, type=Type.TEXT, meaning=meaning, shown=True, **roles)  # type: ignore[arg-type]  # roles are Field's own


def read(name: str, kind: Type, of: str | tuple[str, ...], meaning: str, **roles: object) -> Field:
    """Declare a field that steps read from the shown fields *of*."""
    sources = (of,) if isinstance(of, str) else of
    return Field(name=name, type=kind, meaning=meaning, of=sources, **roles)  # type: ignore[arg-type]  # roles are Field's own


@dataclass(frozen=True)
class Kind:
    """A kind of listing: its name and its fields in the order in which they are shown."""

    name: str
    plural: str
    fields: tuple[Field, ...]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """What a source may give, in declaration order: bit *i* of ``carried`` is ``shown[i]``."""
        return tuple(field for field in self.fields if field.shown)

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.stored)

    @cached_property
    def values(self) -> tuple[Field, ...]:
        """The stored fields that come from the site, read or shown (not the store's own)."""
        return tuple(field for field in self.stored if not field.kept_by_store)

    @cached_property
    def content(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.content)

    @cached_property
    def masks(self) -> dict[str, int]:
        """For each field of `values`: the bits of ``carried`` that bring it along."""
        bit = {field.name: 1 << place for place, field in enumerate(self.shown)}
        return {
            field.name: sum(bit[name] for name in ((field.name,) if field.shown else field.of))
            for field in self.values
        }

    @cached_property
    def facets(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.facet)

    @cached_property
    def searchable(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.searchable)

    @cached_property
    def sortable(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.sortable)
