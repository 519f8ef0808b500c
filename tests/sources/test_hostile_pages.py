"""Pages made to be slow to read: no pattern and no reader takes more than its share of time."""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import vigie.sources
from vigie.model.capture import Capture
from vigie.sources import avito_ma, marocannonces
from vigie.sources.answers import LOGIN
from vigie.sources.blanking import Blanking
from vigie.sources.files.rows import rows_of
from vigie.sources.jsonld import objects

Make = Callable[..., Capture]

LENGTH = 40_000
SUSPECT_SECONDS = 0.15
UNITS = (
    "<script ", "<script>", "<input type=", "<contact ", "<meta ", "<dd>", "<", ">", "type=", "a.",
    "a@", "0 ", "00", "+33 1", "1.", "&lt;", " ", "\n", "=[", "[1,", '"', "\\", "a", "é", "- ",
    '{"', 'class="',
)  # fmt: skip


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield every compiled pattern that stands in a module of the sources, by its name."""
    for module in pkgutil.walk_packages(vigie.sources.__path__, "vigie.sources."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name.removeprefix('vigie.sources.')}.{name}", value


PATTERNS = dict(patterns())
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in Path(vigie.sources.__path__[0]).rglob("*.py")
)


@cache
def is_anchored(name: str) -> bool:
    """Return whether a pattern is only ever tried at the start of a text."""
    uses = set(re.findall(rf"(?<!\w){name.rpartition('.')[2]}\.(\w+)\(", SOURCES))
    return bool(uses) and uses <= {"match", "fullmatch"}


def own_words(pattern: re.Pattern[Any]) -> list[str]:
    """Return what a pattern is written with: repeated, that is where it begins again and again."""
    told = pattern.pattern
    text = told.decode("latin-1") if isinstance(told, bytes) else told
    bare = re.sub(r"\\[bsdw][*+?]{0,2}|\\", "", text)
    return list(dict.fromkeys(re.findall(r"[\w<>\"=:/ \-@.&;{]{2,40}", bare)))[:20]


def seconds(name: str, unit: str, length: int) -> float:
    """Return how long all finds in repetitions of *unit* take, at the best of two."""
    pattern = PATTERNS[name]
    text: Any = unit * (length // len(unit)) + "!"
    if isinstance(pattern.pattern, bytes):
        text = text.encode()
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        if is_anchored(name):
            pattern.match(text)
        else:
            pattern.subn(text[:0], text)
        taken.append(time.perf_counter() - start)
        if taken[0] < SUSPECT_SECONDS:
            break
    return min(taken)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_time_as_the_page_is_long(name: str) -> None:
    """Twice the page takes less than three times as long, whatever is repeated in it."""
    words = own_words(PATTERNS[name])
    for unit in (*UNITS, *words, *(f"{word} " for word in words)):
        once = seconds(name, unit, LENGTH)
        if once > SUSPECT_SECONDS:
            assert seconds(name, unit, 2 * LENGTH) < 3 * once, unit


def test_the_patterns_are_found() -> None:
    """The test above is of all of them."""
    assert len(PATTERNS) > 100
    assert LOGIN in PATTERNS.values()


BLANKING = Blanking(revision="1", people=frozenset({"contact"}))


@pytest.mark.parametrize(
    ("read", "unit"),
    [
        (BLANKING.html, b"<script "),
        (BLANKING.html, b"<script>x=" + b"[1," * 400),
        (BLANKING.html, b'[{"a'),
        (BLANKING.xml, b"<contact "),
        (BLANKING.json, b'{"contact":{'),
        (BLANKING.json, b"a."),
        (avito_ma.SOURCE().scrub, b"<script "),
        (avito_ma.SOURCE().scrub, b'<script type="application/json">'),
        (avito_ma.SOURCE().scrub, b"</html>>"),
        (marocannonces.SOURCE().scrub, b'<a class="'),
        (marocannonces.SOURCE().scrub, b'class="infoannonce '),
        (marocannonces.SOURCE().scrub, b"Annonceur:<"),
        (lambda page: list(objects(page.body.decode(), "JobPosting")), b"<script type="),
    ],
)
def test_a_reader_takes_time_as_the_page_is_long(
    read: Callable[[Capture], Any], unit: bytes, page: Make
) -> None:
    """200 kB of what opens without end are read in seconds, not in minutes."""
    start = time.perf_counter()
    read(page(unit * (200_000 // len(unit)), url="https://a.example/"))

    assert time.perf_counter() - start < 10


def test_an_opening_without_end_is_blanked_by_shape(page: Make) -> None:
    """What of a script is too costly to tell is not left as it came."""
    body = (
        b"<script>x=" + b"[1," * 900 + b'"Camille, 06 39 98 12 34 ' + b"a" * 9000 + b'",</script>'
    )

    assert b"06 39 98 12 34" not in BLANKING.html(page(body)).body


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
def test_a_line_ends_at_its_line_feed_alone(mark: str, page: Make) -> None:
    """U+2028 and its like stand inside texts: one JSON a line stays one, and its people go."""
    line = f'{{"contact":"Camille Fictif","text":"ici{mark}là 06 39 98 12 34"}}\n'
    kept = BLANKING.json(page((line + line).encode())).body.decode()

    assert kept.count("\n") == 2
    assert "Camille" not in kept
    assert "06 39" not in kept
    assert kept.count(f"ici{mark}là") == 2 or mark in "\x0b\x1c"


def test_an_unclosed_script_is_a_cut_page(page: Make) -> None:
    """Data that ends with the page, not with its tag, cannot be told from markup: no text stays."""
    body = b'<html><script type="application/json">{"a":"06 39 98 12 34"}<p>Camille</p></html>'

    kept = avito_ma.SOURCE().scrub(page(body, url="https://www.avito.ma/x")).body

    assert b"06 39" not in kept
    assert b"Camille" not in kept


def test_a_description_with_an_angle_is_blanked(page: Make) -> None:
    """A ``>`` inside the quotes of a description does not end its tag."""
    data = b'<script type="application/json">{"seller":{"name":"Camille Fictif"}}</script>'
    meta = b'<meta name="description" content="de > Camille, rue des Lilas">'
    body = b"<html>" + meta + data + b"</html>"

    kept = avito_ma.SOURCE().scrub(page(body, url="https://www.avito.ma/x")).body

    assert b"Lilas" not in kept
    assert b"Camille" not in kept


def test_a_cell_holds_a_line_separator() -> None:
    """U+2028 in a CSV cell that has no quotes ends no row."""
    rows = rows_of("id,titre\n1,ici\u2028là\n2,b\n".encode(), {"format": "csv", "delimiter": ","})

    assert [list((row.cells or {}).values()) for row in rows] == [["1", "ici\u2028là"], ["2", "b"]]


def test_a_sellers_element_is_blanked_by_its_mark(page: Make) -> None:
    """Without any data, the element of the seller still says who it is."""
    body = b'<html><p data-testid="SellerName" class="x">Camille Fictif</p>ici</html>'

    kept = avito_ma.SOURCE().scrub(page(body, url="https://www.avito.ma/x")).body

    assert b"Camille" not in kept
    assert b"ici" in kept
