"""Values of decoded JSON as a site shows them: what is absent, blank or of another type is None.

For the readers of all sources. Nothing here interprets: numbers become text as they are written,
texts keep their white space.
"""

from collections.abc import Iterable, Mapping
from typing import Any


def part(tree: Any, *names: str) -> dict[str, Any]:
    """Return the object under *names*, one below the other; an empty one when it is not there."""
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def parts(tree: Any, *names: str) -> list[dict[str, Any]]:
    """Return the objects of the list under *names*; what is no object is left out."""
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return [one for one in tree if isinstance(one, dict)] if isinstance(tree, list) else []


def text(tree: Any, *names: str) -> str | None:
    """Return the text or number under *names* as text; None when it is absent or blank."""
    *above, last = names
    value = part(tree, *above).get(last)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)


def texts(tree: Any, *names: str) -> list[str] | None:
    """Return the texts of the list under *names*, each once, in order; None when there is none."""
    *above, last = names
    values = part(tree, *above).get(last)
    if not isinstance(values, list):
        return None
    found = [value for value in values if isinstance(value, str) and value.strip()]
    return list(dict.fromkeys(found)) or None


def whole(tree: Any, *names: str) -> int | None:
    """Return the whole number under *names*; text that writes one counts."""
    *above, last = names
    value = part(tree, *above).get(last)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value) if len(value) < 16 else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(tree: Any, *names: str) -> bool | None:
    """Return the truth value under *names*."""
    *above, last = names
    value = part(tree, *above).get(last)
    return value if isinstance(value, bool) else None


def joined(texts: Iterable[str | None], by: str = "; ") -> str | None:
    """Return the texts that are there in one, each once; None when there is none."""
    return by.join(dict.fromkeys(one for one in texts if one)) or None


def without_scrub(note: Mapping[str, str]) -> dict[str, str]:
    """Return what of a capture's note travels to the pages it leads to."""
    return {key: value for key, value in note.items() if not key.startswith("scrub")}
