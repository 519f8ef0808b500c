"""Ways in which a site's pages change: each takes a page's body and returns it broken.

A way is a name and a function of the body. Ways for JSON change the decoded answer, or the JSON
that a page's scripts hold; ways for markup change tags, classes and attributes. None of them knows
the readers: they take the page's own names, so that every source is broken in the same ways.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

Break = Callable[[bytes], bytes]

_JSON_SCRIPT = re.compile(
    rb'(<script\b[^>]*type="application/(?:ld\+)?json"[^>]*>)(.*?)(</script>)', re.S
)
_ASSIGNED = re.compile(rb"(=\s*)(\{.*\})(;?\s*</script>)", re.S)
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title>"
    b'<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script></head>'
    b'<body><form id="challenge-form"></form></body></html>'
)
LOGIN = (
    b"<!DOCTYPE html><html><body><form action=/login method=post><input name=user>"
    b"<input type=password name=password></form></body></html>"
)


def ways(body: bytes) -> Iterator[tuple[str, Break]]:
    """Yield the ways to break pages made like *body*."""
    yield "challenge instead", lambda _: CHALLENGE
    yield "login instead", lambda _: LOGIN
    yield "nothing", lambda _: b""
    yield "cut in the middle", lambda body: body[: len(body) // 2]
    yield (
        "read in the wrong encoding",
        lambda body: (
            body.decode("utf-8", "replace").encode("utf-8").decode("latin-1").encode("utf-8")
        ),
    )
    if _trees(body):
        yield from _ways_of_json(body)
    if body.lstrip()[:1] == b"<":
        yield from _ways_of_markup(body)


def _trees(body: bytes) -> list[Any]:
    """Return the JSON that *body* is or holds."""
    found = []
    for text in _texts(body):
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found


def _texts(body: bytes) -> list[bytes]:
    if body.lstrip()[:1] in (b"{", b"["):
        return [body]
    return [part[1] for part in _JSON_SCRIPT.findall(body)] + [
        part[1] for part in _ASSIGNED.findall(body)
    ]


def _on_trees(change: Callable[[Any], Any]) -> Break:
    """Return a way that changes every JSON of a page."""

    def changed(text: bytes) -> bytes:
        try:
            return json.dumps(change(json.loads(text)), ensure_ascii=False).encode()
        except ValueError:
            return text

    def broken(body: bytes) -> bytes:
        if body.lstrip()[:1] in (b"{", b"["):
            return changed(body)
        body = _JSON_SCRIPT.sub(lambda m: m[1] + changed(m[2]) + m[3], body)
        return _ASSIGNED.sub(lambda m: m[1] + changed(m[2]) + m[3], body)

    return broken


untouched: Break = _on_trees(lambda tree: tree)
"""The page as a way would write it that changes nothing."""


def _walked(tree: Any, at: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(tree, list):
        return [_walked(one, at) for one in tree]
    if isinstance(tree, dict):
        return at({key: _walked(value, at) for key, value in tree.items()})
    return tree


def _keys(trees: list[Any]) -> list[str]:
    """Return the names that occur most often, at most 30."""
    count: Counter[str] = Counter()
    stack = list(trees)
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            count.update(here.keys())
            stack += here.values()
        elif isinstance(here, list):
            stack += here
    return [key for key, _ in count.most_common(40)]


def _ways_of_json(body: bytes) -> Iterator[tuple[str, Break]]:
    keys = _keys(_trees(body))
    for key in keys:
        yield f"{key} renamed", _on_trees(_renaming(key, f"{key}V2"))
        yield f"{key} null", _on_trees(_setting(key, lambda _: None))
        yield f"{key} wrapped", _on_trees(_setting(key, lambda value: {"value": value}))
        yield f"{key} constant", _on_trees(_constant(key))
    for left, right in zip(keys[::2], keys[1::2], strict=False):
        yield f"{left} and {right} swapped", _on_trees(_swapping(left, right))
    yield "numbers a hundredfold", _on_trees(_numbers(lambda n: n * 100))
    yield "numbers as words", _on_trees(_numbers(lambda _: "sur demande"))
    yield "texts empty", _on_trees(_leaves(lambda text: "" if " " in text else text))
    yield "texts upside down", _on_trees(_leaves(lambda text: text[::-1]))
    yield "all wrapped once more", _on_trees(lambda tree: {"payload": tree})
    yield "lists a tenth", _on_trees(_lists(lambda one: one[: max(1, len(one) // 10)]))
    yield "lists empty", _on_trees(_lists(lambda _: []))
    yield "first of each list repeated", _on_trees(_lists(lambda one: [one[0]] * len(one)))


def _renaming(old: str, new: str) -> Callable[[Any], Any]:
    return lambda tree: _walked(
        tree, lambda part: {(new if key == old else key): value for key, value in part.items()}
    )


def _setting(name: str, value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda tree: _walked(
        tree, lambda part: {k: value(v) if k == name else v for k, v in part.items()}
    )


def _constant(name: str) -> Callable[[Any], Any]:
    def change(tree: Any) -> Any:
        seen: list[Any] = []

        def at(part: dict[str, Any]) -> dict[str, Any]:
            if name in part and isinstance(part[name], str | int | float):
                seen.append(part[name])
                return part | {name: seen[0]}
            return part

        return _walked(tree, at)

    return change


def _swapping(left: str, right: str) -> Callable[[Any], Any]:
    def at(part: dict[str, Any]) -> dict[str, Any]:
        if left in part and right in part:
            return part | {left: part[right], right: part[left]}
        return part

    return lambda tree: _walked(tree, at)


def _numbers(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def of(value: Any) -> Any:
        whole = isinstance(value, int | float) and not isinstance(value, bool)
        return change(value) if whole and value > 99 else value

    return lambda tree: _walked(tree, lambda part: {k: of(v) for k, v in part.items()})


def _leaves(change: Callable[[str], str]) -> Callable[[Any], Any]:
    def of(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    return lambda tree: _walked(tree, lambda part: {k: of(v) for k, v in part.items()})


def _lists(change: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    def whole(tree: Any) -> Any:
        if isinstance(tree, list) and len(tree) > 2 and isinstance(tree[0], dict):
            return change(tree)
        return tree

    def at(part: dict[str, Any]) -> dict[str, Any]:
        return {key: whole(value) for key, value in part.items()}

    return lambda tree: _walked(whole(tree), at)


def _ways_of_markup(body: bytes) -> Iterator[tuple[str, Break]]:
    classes = Counter(
        name for found in re.findall(rb'class="([^"]+)"', body) for name in found.split()
    )
    for name, _ in classes.most_common(15):
        told = name.decode("ascii", "replace")
        yield (
            f"class {told} renamed",
            _sub(rb'(class="[^"]*)\b' + re.escape(name) + rb"\b", rb"\1x"),
        )
        yield (
            f"elements of class {told} gone",
            _sub(
                rb'<(\w+)[^>]*class="[^"]*\b' + re.escape(name) + rb'\b[^"]*"[^>]*>[^<]*</\1>', b""
            ),
        )
        yield (
            f"texts of class {told} gone",
            _sub(
                rb'(<(\w+)[^>]*class="[^"]*\b' + re.escape(name) + rb'\b[^"]*"[^>]*>)[^<]+', rb"\1"
            ),
        )
    for name, _ in Counter(re.findall(rb"\s(data-[\w-]+)=", body)).most_common(6):
        yield f"{name.decode()} renamed", _sub(rb"\s" + name + rb"=", b" data-other=")
    for name, _ in Counter(re.findall(rb"<([a-z]\w*)[ >]", body)).most_common(14):
        told = name.decode()
        yield f"<{told}> is a <section>", _sub(rb"(</?)" + name + rb"(?=[ >])", rb"\1section")
        yield f"text of <{told}> gone", _sub(rb"(<" + name + rb"(?: [^>]*)?>)[^<]+", rb"\1")
        yield f"<{told}> gone", _sub(rb"<" + name + rb"(?: [^>]*)?>[^<]*</" + name + rb">", b"")
    yield "no links", _sub(rb'\shref="[^"]*"', b"")
    yield "links by script", _sub(rb'\shref="([^"]*)"', rb' onclick="go(\1)"')
    yield "digits gone", _sub(rb"(?<=>)([^<]*?)\d[\d ]*(?=[^<]*<)", rb"\1")
    yield "prices a hundredfold", _sub(rb"(\d[\d \xc2\xa0]*)( ?(?:DH|\xe2\x82\xac))", rb"\g<1>00\2")
    yield "all classes hashed", _sub(rb'class="[^"]*"', b'class="css-1x2y3z"')
    yield "items a tenth", _fewer
    for name, _ in Counter(re.findall(rb"<([a-z]\w*:?\w*)>", body)).most_common(20):
        told = name.decode()
        yield f"<{told}> renamed", _sub(rb"(</?)" + name + rb">", rb"\1other>")


def _sub(pattern: bytes, by: bytes) -> Break:
    compiled = re.compile(pattern)
    return lambda body: compiled.sub(by, body)


def _fewer(body: bytes) -> bytes:
    items = list(re.finditer(rb"<(li|item|entry|position|article)\b.*?</\1>", body, re.S))
    if len(items) < 10:
        return body
    keep = len(items) // 10
    return body[: items[keep].start()] + body[items[-1].end() :]
