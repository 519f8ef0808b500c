"""The shape of a page apart from what it says: how like one page is to another of its kind.

A page is turned into the set of its paths: keys inside keys of a JSON document, tags inside tags of
HTML with the lasting part of their classes. Of that set a MinHash is kept: 32 numbers of which two
pages share about as many as their sets share. A page with other listings has the same paths; one
whose list has moved, lost a block or become a challenge has others.

Nothing of a page's texts is kept: values, attributes and ids leave no trace.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

LOOKED_AT_BYTES: Final = 2_000_000
DEEPEST: Final = 12
"""Levels of a JSON document that are told apart; HTML's paths are of two elements."""
HASHES: Final = 32
MOST_PATHS: Final = 20_000
MOST_KEYS: Final = 200
"""Of one JSON object whose keys are data (ids, dates): more are one path."""

_PRIME: Final = (1 << 61) - 1
_SEEDS: Final = tuple(
    (
        int.from_bytes(hashlib.blake2b(b"a%d" % number, digest_size=7).digest(), "big") | 1,
        int.from_bytes(hashlib.blake2b(b"b%d" % number, digest_size=7).digest(), "big"),
    )
    for number in range(HASHES)
)
_BUILD_HASH: Final = re.compile(
    r"__.*$"  # block__element--hash, CSS modules
    r"|[-_](?=[A-Za-z0-9]*\d)[A-Za-z0-9]{5,}$"  # sc-bdVaJa1x, css-1q2w3e
    r"|\d+$"
)
_NUMBERS: Final = re.compile(r"\d+")
_CLASS: Final = re.compile(r"[\w-]{1,60}")
_TAG: Final = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})([^<>]{0,4000})>")
_CLASSES: Final = re.compile(r"(?i)\sclass\s?=\s?[\"']([^\"']{0,400})")
_VOID: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
})  # fmt: skip
_INLINE: Final = frozenset({
    "b", "i", "em", "strong", "u", "s", "br", "wbr", "small", "sub", "sup", "font", "mark", "p",
    "ul", "ol", "li",
})  # fmt: skip
"""What people write inside descriptions: it comes and goes with the listings."""


def sketch(body: bytes, content_type: str = "") -> str:
    """Return the shape of a page as at most 180 ASCII characters; empty when it has none.

    Any bytes are taken; only the first 2 MB are looked at.
    """
    text = body[:LOOKED_AT_BYTES]
    start = text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    paths: set[str] = set()
    if "json" in content_type.lower() or start in (b"{", b"["):
        paths = _json_paths(text)
    if not paths:
        paths = _markup_paths(text.decode("utf-8", "replace"))
    return _minhash(paths) if paths else ""


def likeness(left: str, right: str) -> float:
    """Return the share of paths that two pages have in common, 0 to 1, as their sketches tell.

    A sketch that is empty or none of ours is like nothing.
    """
    a, b = _numbers(left), _numbers(right)
    if a is None or b is None:
        return 0.0
    return sum(x == y for x, y in zip(a, b, strict=True)) / HASHES


def _minhash(paths: set[str]) -> str:
    hashes = [
        int.from_bytes(hashlib.blake2b(path.encode("utf-8", "replace"), digest_size=7).digest())
        for path in paths
    ]
    least = (min((a * one + b) % _PRIME for one in hashes) & 0xFFFFFFFF for a, b in _SEEDS)
    return base64.b64encode(b"".join(value.to_bytes(4, "big") for value in least)).decode("ascii")


def _numbers(text: str) -> tuple[int, ...] | None:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    if len(raw) != 4 * HASHES:
        return None
    return tuple(int.from_bytes(raw[at : at + 4], "big") for at in range(0, len(raw), 4))


def _json_paths(text: bytes) -> set[str]:
    """Return the key paths of a document; of one that is cut or broken, its keys alone."""
    try:
        value: Any = msgspec.json.decode(text.lstrip(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        keys = re.findall(rb'"([^"\\]{1,60})"\s{0,8}:', text)
        return {f"?{key.decode('utf-8', 'replace')}" for key in keys[:MOST_PATHS]}
    paths = {"$" + _type(value)}
    stack: list[tuple[str, Any, int]] = [("$", value, 0)]
    while stack and len(paths) < MOST_PATHS:
        path, here, depth = stack.pop()
        if depth >= DEEPEST:
            continue
        for name, inner in _parts(here):
            below = f"{path}{name}"
            paths.add(below)
            if isinstance(inner, (dict, list)):
                paths.add(below + _type(inner))
                stack.append((below, inner, depth + 1))
    return paths


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        numbered = len(value) > MOST_KEYS
        for key, inner in value.items():
            yield f".{'*' if numbered else _NUMBERS.sub('#', key[:80])}", inner
    elif isinstance(value, list):
        for inner in value:
            yield "[]", inner


def _type(value: Any) -> str:
    return "{" if isinstance(value, dict) else "[" if isinstance(value, list) else "="


def _markup_paths(text: str) -> set[str]:
    """Return parent > child of a page, each with the lasting part of its classes, and the paths of
    the JSON inside its scripts.

    Tags are found by one pass of our own: parsers that mend a page take the square of its length
    when it is made to be nested without end.
    """
    paths: set[str] = set()
    opened: list[tuple[str, str]] = []  # tag, and how it is named; bare inline tags as their parent
    at, endless = 0, set[str]()
    while len(paths) < MOST_PATHS and (found := _TAG.search(text, at)) is not None:
        at = found.end()
        closing, tag, attributes = found[1], (found[2] or "").lower(), found[3] or ""
        if found[0] == "<!--":
            at = _after(text, "-->", at, endless)
        elif closing:
            _close(opened, tag)
        else:
            told = _CLASSES.search(attributes)
            above = opened[-1][1] if opened else ""
            name = above if tag in _INLINE and not told else _named(tag, told[1] if told else "")
            if name is not above:
                paths.add(f"{above}>{name}")
            if tag in ("script", "style"):
                began, at = at, _after(text, f"</{tag}", at, endless)
                if "json" in attributes.lower():
                    inside = text[began:at].rpartition("</")[0]
                    paths |= {f"{name}{path}" for path in _json_paths(inside.encode())}
            elif tag not in _VOID and not attributes.endswith("/") and len(opened) < 500:
                opened.append((tag, name))
    return paths


def _after(text: str, mark: str, at: int, endless: set[str]) -> int:
    """Return the place behind *mark*; a mark that is missing once is not looked for again."""
    if mark in endless or (place := text.find(mark, at)) < 0:
        endless.add(mark)
        return at
    return place + len(mark)


def _close(opened: list[tuple[str, str]], tag: str) -> None:
    # The last few only: a page that closes what it never opened must not cost its square.
    for back in range(1, min(len(opened), 16) + 1):
        if opened[-back][0] == tag:
            del opened[-back:]
            return


def _named(tag: str, classes: str) -> str:
    names = {_lasting(name) for name in _CLASS.findall(classes)}
    return ".".join([tag, *sorted(names - {""})[:8]])


def _lasting(name: str) -> str:
    """Return the part of a class that outlives a build; numbers are data."""
    return _BUILD_HASH.sub("", name).rstrip("-_")
