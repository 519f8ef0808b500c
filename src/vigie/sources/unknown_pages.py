"""A page that its reader does not know, reduced to its shape.

Fields are blanked by their names; of a page nobody knows (a profile where posts were expected)
nobody knows which fields hold a person. Nothing of it can be read either. What is left shows a
developer what came: the keys of its JSON, what an error says of itself, or the tags of its markup.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from vigie.errors import PageChanged, RecordError, SourceError
from vigie.model.capture import Capture, merge_notes
from vigie.sources.answers import decoded
from vigie.sources.blanking import MARK
from vigie.sources.skeleton import NOTE, skeleton

_ERROR: Final = frozenset({"error", "error_description", "message", "title", "detail", "type"})
"""Keys at the top of an answer in which an API says what is wrong."""
_LONGEST_ERROR: Final = 300
_WHY: Final = "no page that the reader knows"


def reduced_unless_known(
    page: Capture,
    items: Callable[[Capture], Sequence[Any]],
    read: Callable[[Any, Capture], object],
) -> Capture:
    """Return *page* as it is when its reader knows it, else without its texts; twice is as once.

    It is known when it lists nothing, or something of which one item at least can be read.

    What a status of 400 and above condemns is an error that says so, and stays.
    """
    if page.status is not None and page.status >= 400:
        return page
    try:
        found = items(page)
    except PageChanged:
        found = (None,)
    except SourceError:
        return page
    if not found or any(_reads(read, item, page) for item in found if item is not None):
        return page
    body, count = _reduced(page.body)
    if not count:
        return page
    before = int(page.note.get("scrubbed", "0"))
    note = merge_notes(page.note, {"scrubbed": str(before + count), NOTE: _WHY})
    return msgspec.structs.replace(page, body=body, note=note)


def _reads(read: Callable[[Any, Capture], object], item: Any, page: Capture) -> bool:
    try:
        read(item, page)
    except RecordError:
        return False
    return True


def _reduced(body: bytes) -> tuple[bytes, int]:
    tree = decoded(body)
    if isinstance(tree, dict | list):
        kept, count = _shape(tree, top=True)
        return (msgspec.json.encode(kept), count) if count else (body, 0)
    if body.lstrip()[:1] == b"<":
        text, count = skeleton(body.decode("utf-8", "replace"), MARK)
        return (text.encode(), count) if count else (body, 0)
    return b"", int(bool(body))


def _shape(tree: Any, *, top: bool = False) -> tuple[Any, int]:
    """Return JSON of the same shape without texts and numbers, and how many went."""
    count = 0

    def kept(key: object, value: Any, *, top: bool) -> Any:
        nonlocal count
        if isinstance(value, dict | list):
            return value
        if value is None or isinstance(value, bool) or value == "":
            return value
        if top and key in _ERROR and isinstance(value, str) and len(value) <= _LONGEST_ERROR:
            return value
        count += 1
        return "" if isinstance(value, str) else None

    root: list[Any] = [tree]
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:  # not by recursion: a page may be as deep as it likes
        here, at_top = stack.pop()
        for key, value in list(here.items() if isinstance(here, dict) else enumerate(here)):
            bare = kept(key, value, top=at_top)
            here[key] = _copy(bare)
            if isinstance(here[key], dict | list):
                stack.append((here[key], top and here is root))
    return root[0], count


def _copy(value: Any) -> Any:
    """Return a container that can be written to: what is decoded is shared."""
    if isinstance(value, dict):
        return dict(value)
    return list(value) if isinstance(value, list) else value
