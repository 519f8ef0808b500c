"""The address is the state: what a query string asks, and the query string of what is asked.

Pages, API and feeds share these names, which are the model's. A value is repeated to mean "any of
these", and begins with ``!`` to be excluded; a value that itself begins with ``!`` is written
``\\!``. The empty text of a facet stands for "the listing does not say".
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from vigie.model.fields import Kind, Type
from vigie.web.question import AS_IS, USUAL, Question, instant

TEXT_LIMIT: Final = 500
"""Letters of `q` or of one value. A longer question is refused, never cut."""
PAGE_LIMIT: Final = 10_000

Why = Literal["unknown", "invalid", "too_long", "repeated"]
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?\Z")
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


class Wrong(msgspec.Struct, frozen=True):
    """A parameter that cannot be followed, and what was probably meant."""

    name: str
    value: str
    why: Why
    near: str | None = None
    allowed: tuple[str, ...] = ()


class Read(msgspec.Struct, frozen=True):
    """A query string, read: what it asks, what else it says, and what it gets wrong."""

    question: Question
    extras: dict[str, str]
    wrong: tuple[Wrong, ...]


def facet_names(kind: Kind) -> tuple[str, ...]:
    """Return the facets that can be asked for; `status` is a parameter of its own."""
    return tuple(field.name for field in kind.facets if field.name != "status")


def sorts(kind: Kind) -> tuple[str, ...]:
    """Return every order a list of *kind* can have."""
    return ("relevance", *(s for f in kind.sortable for s in (f"-{f.name}", f.name)))


def choices(kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the parameters that take one of a few values, with those values."""
    return {
        "status": ("open", "closed", "all"),
        "has_price": ("true", "false"),
        "has_image": ("true", "false"),
        "grain": ("cluster", "listing"),
        "sort": sorts(kind),
    }


def read(
    kind: Kind,
    pairs: Iterable[tuple[str, str]],
    *,
    extras: frozenset[str] = frozenset(),
    rename: Mapping[str, str] = AS_IS,  # never changed
) -> Read:
    """Read a query string.

    Args:
        extras: Other parameters that the page or the API knows; handed back as they are.
        rename: Field → the name it has in this address.
    """
    by_name = {rename.get(name, name): name for name in facet_names(kind)}
    known = [*USUAL, *by_name, *sorted(extras)]
    wanted: dict[str, list[str]] = {}
    unwanted: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    other: dict[str, str] = {}
    wrong: list[Wrong] = []
    for name, value in pairs:
        if len(value) > TEXT_LIMIT and name not in extras:
            wrong.append(Wrong(name, f"{value[:40]}…", "too_long"))
        elif name in by_name:
            field = by_name[name]
            plain, bad = _read_facet(kind, field, name, value)
            values_of = (unwanted if value.startswith("!") else wanted).setdefault(field, [])
            if bad:
                wrong.append(bad)
            elif plain not in values_of:
                values_of.append(plain)
        elif name in USUAL:
            if name in values:
                wrong.append(Wrong(name, value, "repeated"))
            elif value.strip():
                read_value, bad = _read_single(kind, name, value.strip())
                wrong += [bad] if bad else []
                values |= {} if bad else {name: read_value}
        elif name in extras:
            wrong += [Wrong(name, value, "repeated")] if name in other else []
            other.setdefault(name, value)
        else:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            wrong.append(Wrong(name, value, "unknown", near[0] if near else None))
    question = Question(
        kind=kind.name,
        filters={name: tuple(found) for name, found in wanted.items() if found},
        not_={name: tuple(found) for name, found in unwanted.items() if found},
        **values,
    )
    return Read(question, other, tuple(wrong))


def _read_facet(kind: Kind, field: str, name: str, value: str) -> tuple[str, Wrong | None]:
    """Return the value without its marks, or why it is none of the field's."""
    plain = value[1:] if value.startswith(("!", "\\")) else value
    allowed = kind[field].values
    if kind[field].type is Type.ENUM and plain and plain not in allowed:
        return plain, _invalid(name, value, allowed)
    return plain, None


def _read_single(kind: Kind, name: str, value: str) -> tuple[Any, Wrong | None]:
    allowed = choices(kind).get(name, ())
    if name.startswith("has_") and value in _TRUTH:
        return _TRUTH[value], None
    if allowed:
        return value, None if value in allowed else _invalid(name, value, allowed)
    if name == "page":
        sound = value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= PAGE_LIMIT
        return (int(value), None) if sound else (None, _invalid(name, value))
    if name in {"since", "until"} and not _is_instant(value):
        return None, _invalid(name, value, ("24h", "7d", "2026-11-01"))
    if name in {"price_min", "price_max"} and not _AMOUNT.match(value):
        return None, _invalid(name, value, ("45000", "1200.50"))
    return value, None


def _invalid(name: str, value: str, allowed: tuple[str, ...] = ()) -> Wrong:
    near = difflib.get_close_matches(value.lstrip("!"), allowed, n=1, cutoff=0.5)
    return Wrong(name, value, "invalid", near[0] if near else None, allowed)


def _is_instant(text: str) -> bool:
    try:
        instant(text, datetime.now(UTC))
    except (ValueError, OverflowError):
        return False
    return True
