"""What a query string of the API may say; anything else is refused by name."""

import difflib
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from vigie.model.fields import Field, Kind
from vigie.web.address import facet_names, read
from vigie.web.api.problems import wrong_parameters, wrong_value
from vigie.web.envelope import list_fields, visible
from vigie.web.question import Question

LIMIT: Final = 200
USUAL_LIMIT: Final = 25


def parameters(
    kind: Kind, request: Request, extras: frozenset[str]
) -> tuple[Question, dict[str, str]]:
    """Return the question, and what else is said by the parameters named in *extras*.

    Raises:
        Problem: a parameter is unknown or wrong (422); every fault is named.
    """
    asked = read(kind, request.query_params.multi_items(), extras=extras)
    if asked.wrong:
        raise wrong_parameters(asked.wrong)
    if "page" in request.query_params:
        raise wrong_value("page", "the API pages by cursor: follow `next_cursor`.")
    return asked.question, asked.extras


def nothing_asked(request: Request) -> None:
    """Refuse any parameter: the address takes none."""
    for name in request.query_params:
        raise wrong_value(name, f"there is no parameter {name!r}: this address takes none.")


def limit(extras: Mapping[str, str]) -> int:
    """Return how many listings a page holds at most."""
    text = extras.get("limit", str(USUAL_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LIMIT):
        raise wrong_value("limit", f"limit cannot be {text[:20]!r}: it is a number, 1 to {LIMIT}.")
    return int(text)


def facet_list(kind: Kind, text: str | None, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Return the facets to count, from their names separated by commas."""
    if not text:
        return usual
    known, found = facet_names(kind), tuple(dict.fromkeys(text.split(",")))
    for name in found:
        if name not in known:
            raise wrong_value("facets", f"{name[:40]!r} is no facet. Known: {', '.join(known)}.")
    return found


def fields(kind: Kind, text: str | None, *, owner: bool) -> tuple[Field, ...]:
    """Return the fields to show, `id` among them, from their names separated by commas."""
    if not text:
        return list_fields(kind, owner=owner)
    known = {field.name: field for field in visible(kind, owner=owner)}
    names = dict.fromkeys(["id", *text.split(",")])
    for name in names:
        if name not in known:
            near = _near(name, known)
            raise wrong_value("fields", f"{kind.name} has no field {name[:40]!r}.{near}")
    return tuple(known[name] for name in names)


def _near(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
