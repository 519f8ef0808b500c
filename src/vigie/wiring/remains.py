"""Looking for people in a page that a source has blanked: what its `scrub` has forgotten.

Shapes of phones and mail addresses in every text, and texts beside a name that says "a person":
a key of JSON (``"contact"``), a label of a page ("Annonceur : …"). It would rather tell too much:
what is harmless is said to be. It cannot tell a name without a label.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from vigie.model.capture import Capture
from vigie.model.politeness import without_keys
from vigie.sources.blanking import MAIL, MARK, PHONE

MOST: Final = 20
"""So many are told: whoever reads them mends `scrub` and records again."""


@dataclass(frozen=True, kw_only=True)
class Remain:
    """One place of a page that looks like a person."""

    what: str
    """``phone``, ``mail``, ``person``; ``key``: of whoever asked."""
    where: str
    """A path in JSON (``items[3].contact``), a line and what stands before it elsewhere."""
    text: str
    """What stands there, cut."""


_PEOPLE: Final = re.compile(
    r"(?:\w*contact(?:_?point|s)?|managers?|seller|vendeur|annonceur|advertiser|offered_?by|recruiter"
    r"|recruteur|hiring_?manager|author|auteur|creator|review(?:s|ed_?by)?|poster|owner|person"
    r"|user|account|agent)s?"
    r"(?:_?(?:first|last|full|display|user|screen)?_?(?:name|nom|person|info|handle))?"
    r"|(?:first|last|full|user|screen|nick|given|family)_?name|prenom|nomContact"
    r"|acct|handle|username|coordonnees\d?|courriel|e?_?mail(?:_?address)?",
    re.I,
)
"""Keys of JSON whose texts are people."""
_KINDS: Final = frozenset({"type", "@type", "__typename", "lang", "language", "role", "status"})
"""Keys below a person's that say what it is, not who."""
_DIALLED: Final = re.compile(
    r"(?:tele)?phone(?:_?number|_?no)?|tel|telephone\w*|mobile|gsm|fax|whats_?app", re.I
)
"""Keys of JSON whose texts and numbers are phones, whatever their shape."""
_LABEL: Final = re.compile(
    r"\b(?:Annonceu(?:r|se)|Vendeu(?:r|se)|Contact(?:er|ez)?|(?:Publiée?|Postée?|Déposée?) par"
    r"|Posted by|Recruteu(?:r|se)|Recruiter|Seller|Advertiser|Interlocut(?:eur|rice)"
    r"|Propriétaire|Owner)\b",
    re.I,
)
"""Labels of pages after which somebody is named."""
_TITLE: Final = r"(?:M|Mme|Mlle|Mr|Mrs|Ms|Dr|Me|Monsieur|Madame)\.?[ ]+"
_WORD: Final = r"[A-ZÀ-Ý](?:[\w'’\-]{1,40}\.?|\.)"
_MORE: Final = rf"(?:[ ]+(?:(?:de|du|des|d['’])[ ]?)?{_WORD})"
_NAMED: Final = re.compile(
    # After a colon: a title and a name, two or three capitalised words, or one that ends there.
    rf"\s*:\s*(?P<told>(?:{_TITLE}){_WORD}{_MORE}{{0,2}}|{_WORD}{_MORE}{{1,2}}"
    rf"|{_WORD}(?=[ ]*(?:\n|\Z|[,;.!)])))"
    # On a line of its own, or right after the label: a title and a name, or two or three words.
    rf"|\s+(?P<near>(?:{_TITLE}){_WORD}{_MORE}{{0,2}}|{_WORD}{_MORE}{{1,2}})"
    r"(?=[ ]*(?:\n|\Z|[,;.!)]|le\b|au\b|pour\b|à\b|on\b|at\b|for\b))"
)
_KIND_OF_SELLER: Final = re.compile(
    r"(?:particulier|professionnel|pro|entreprise|agence|agency|boutique|private|professional"
    r"|business|company|dealer|individual)\Z",
    re.I,
)
"""What stands beside such a label and says what somebody is, not who."""
_NEAR: Final = 300
"""A name stands so near its label, tags between them included."""
_JSON_PAIR: Final = re.compile(r'\\?"([A-Za-z_]\w{1,40})\\?"\s*:\s*(\\?"(?:[^"\\]|\\[^"])*\\?")')
_TAG: Final = re.compile(r"<[^<>]*>")
_SPOKEN: Final = re.compile(r'\b(?:alt|title|content|value|aria-label|href)="([^"]*)"')
_ADDRESS: Final = re.compile(r"(?:https?:)?//[^\s\"'<>\\]+")
_UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.I)
_PERSON_TAG: Final = re.compile(
    r"<(?:\w+:)?(author|creator|contact\w*|owner|recruiter|email|managingEditor|webMaster)\b[^<>]*>"
    r"\s*(?:<!\[CDATA\[|<(?:\w+:)?name>)?\s*([^<>\]]*[^\s<>\]])",
    re.I,
)
"""Tags of XML that hold people."""
_SCRIPT: Final = re.compile(r"<script\b[^>]*>(.*?)</script", re.S | re.I)
_MOST_FAILURES: Final = 500
_JSON_START: Final = re.compile(r"(?:\A|[=(,;:])\s*(?=[\[{])")


def remains(page: Capture, harmless: Sequence[str] = (), *, most: int = MOST) -> tuple[Remain, ...]:
    """Return what of a blanked page looks like a person, at most *most*, in order, each once.

    Args:
        harmless: Texts that are no person: what they hold is not told.
    """
    found: dict[tuple[str, str], Remain] = {}
    for one in _all(page):
        if any(one.text in text or text in one.text for text in harmless if text):
            continue
        found.setdefault((one.what, one.text), one)
        if len(found) == most:
            break
    return tuple(found.values())


def _all(page: Capture) -> Iterator[Remain]:
    yield from _shapes("address", page.url)
    if page.url.startswith("http") and without_keys(page.url) != page.url.partition("#")[0]:
        yield Remain(what="key", where="address", text=page.url[:200])
    for name, value in page.note.items():
        yield from _shapes(f"note {name}", value)
    trees = _trees(page.body)
    if trees:
        for start, tree in trees:
            yield from _in_tree(tree, start)
    else:
        yield from _in_markup(page.body.decode("utf-8", "replace"))


def _trees(body: bytes) -> list[tuple[str, Any]]:
    """Return the page's JSON, or that of each of its lines, with where it starts; none if it is
    made of anything else."""
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    lines = [body] if body else []
    for attempt in (lines, body.splitlines()):
        trees = []
        for number, line in enumerate(attempt, 1):
            try:
                tree = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                break
            if not isinstance(tree, dict | list):
                break
            trees.append((f"line {number}: " if len(attempt) > 1 else "", tree))
        else:
            return trees
    return []


def _in_tree(tree: Any, start: str) -> Iterator[Remain]:
    stack: list[tuple[str, str, Any, bool]] = [(start, "", tree, False)]
    while stack:
        where, key, here, person = stack.pop()
        if isinstance(here, dict):
            stack += reversed(list(_members(where, here, person)))
        elif isinstance(here, list):
            stack += [(f"{where}[{i}]", key, here[i], person) for i in reversed(range(len(here)))]
        elif _DIALLED.fullmatch(key) and _is_number(here):
            yield Remain(what="phone", where=where, text=str(here)[:100])
        elif isinstance(here, str):
            shapes = list(_shapes(where, here))
            yield from shapes
            for _, name in _labelled(here):
                yield Remain(what="person", where=where, text=name)
            if person and not shapes and _is_told(here):
                yield Remain(what="person", where=where, text=here[:100])


def _members(
    where: str, here: dict[str, Any], person: bool
) -> Iterator[tuple[str, str, Any, bool]]:
    """Yield path, key and value of an object's members, and whether each is a person's."""
    label = here.get("name") or here.get("label")  # {"name": "Recruiter", "value": …}
    labelled = isinstance(label, str) and _PEOPLE.fullmatch(label.replace(" ", "_")) is not None
    dot = "." if where and not where.endswith(" ") else ""
    for key, value in here.items():
        named = (person or (labelled and key == "value")) and key not in _KINDS
        yield f"{where}{dot}{key}", key, value, named or _PEOPLE.fullmatch(key) is not None


def _is_number(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return value > 99_999
    return isinstance(value, str) and len(re.sub(r"\D", "", value)) > 5


def _is_told(text: str) -> bool:
    """Return whether a text beside a person's key may name somebody: no id, address or date."""
    bare = text.replace(MARK, "").strip()
    return bool(re.search(r"[^\W\d_]{2}", bare)) and not re.match(
        r"(?:https?:)?//|[a-z]+:|\d{4}-\d\d|[0-9a-f-]{12,}\Z|(?:true|false|null|none)\Z", bare
    )


def _in_markup(text: str) -> Iterator[Remain]:
    """Look through markup, and the JSON in its scripts, for what can be told without reading it."""
    for at, name in _labelled(text):
        yield Remain(what="person", where=_place(text, at), text=name)
    for found in _PERSON_TAG.finditer(text):
        if _is_told(found[2]):
            where = f"{_place(text, found.start())} ({found[1]})"
            yield Remain(what="person", where=where, text=found[2][:100])
    for script in _SCRIPT.finditer(text):
        for one in _in_script(script[1]):
            where = f"{_place(text, script.start())}, script: {one.where}"
            yield Remain(what=one.what, where=where, text=one.text)
    for found in _JSON_PAIR.finditer(text):
        key, value = found[1], _unquoted(found[2])
        dialled = _DIALLED.fullmatch(key) and _is_number(value)
        if dialled or (_PEOPLE.fullmatch(key) and _is_told(value)):
            where = f"{_place(text, found.start())} ({key})"
            yield Remain(what="phone" if dialled else "person", where=where, text=value[:100])
    at = 0
    for tag in [*_TAG.finditer(text), None]:  # words, and what tags say aloud
        end = len(text) if tag is None else tag.start()
        said = [text[at:end], *(spoken[1] for spoken in _SPOKEN.finditer(tag[0] if tag else ""))]
        for words in said:
            for one in _shapes("", html.unescape(words)):  # a place is counted only when needed
                yield Remain(what=one.what, where=_place(text, end), text=one.text)
        at = end if tag is None else tag.end()


def _labelled(text: str) -> Iterator[tuple[int, str]]:
    """Yield the names that stand beside a label in a text or in markup, and where."""
    for label in _LABEL.finditer(text):
        after = html.unescape(_TAG.sub("\n", text[label.end() : label.end() + _NEAR]))
        if (found := _NAMED.match(after)) is None:
            continue
        name = found["told"] or found["near"]
        if not _KIND_OF_SELLER.match(name):
            yield label.end(), name


def _in_script(code: str) -> Iterator[Remain]:
    """Look through every JSON value that a script is, assigns or passes."""
    scan, end, failed = json.JSONDecoder(strict=False).raw_decode, 0, 0
    for found in _JSON_START.finditer(code):
        if found.end() < end:
            continue
        try:
            tree, end = scan(code, found.end())
        except (ValueError, RecursionError):
            failed += 1
            if failed == _MOST_FAILURES:
                break  # code, not data; keys in it are looked at one by one
            continue
        yield from _in_tree(tree, "")


def _shapes(where: str, text: str) -> Iterator[Remain]:
    """Yield phones and mail addresses by their shape; not what looks so inside an address or id."""
    bare = _UUID.sub(" ", _ADDRESS.sub(" ", text))
    for found in MAIL.finditer(bare if "@" in bare else ""):
        yield Remain(what="mail", where=where, text=found[0])
    for found in PHONE.finditer(bare):
        yield Remain(what="phone", where=where, text=found[0])


def _unquoted(literal: str) -> str:
    bare = literal.replace('\\"', '"')
    try:
        value = json.loads(bare)
    except ValueError:
        return bare.strip('"')
    return value if isinstance(value, str) else ""


def _place(text: str, at: int) -> str:
    before = " ".join(_TAG.sub(" ", text[max(0, at - 120) : at]).split())[-30:]
    return f"line {text.count(chr(10), 0, at) + 1}" + (f", after “{before}”" if before else "")
