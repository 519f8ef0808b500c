"""Why a page or run is in its state, in the visitor's language."""

import ast
import re
from pathlib import Path

import pytest

import vigie
from vigie.errors import Blocked, PageChanged
from vigie.web.labels import VALUES, Labels
from vigie.web.language import Language
from vigie.web.reasons import FAILURES

FR = Labels(Language("fr"), {})
EN = Labels(Language("en"), {})
PACKAGE = Path(vigie.__file__).parent
URL = "https://site.example/liste"
SAID = (
    "http 503", "interrupted", "limit of 500 reached, more was there",
    "1200 were announced and 800 listed", "5 pages in a row listed nothing new",
    "more than 1000 pages", "ignores what it is asked: the sentinel found 3",
    "2 of 9 files could not be read whole", "last visited 30 h ago, usually every 6 h",
    "no source is called avito", "the reader failed: KeyError: 'x'", "held:vanished",
    f"s: {URL} answered with status 502; it is asked again",
    str(Blocked("s", URL, "a challenge")), str(Blocked("s", URL, "a login")),
    str(Blocked("s", URL, "a refusal (status 403)")), str(Blocked("s", URL, "a timeline")),
    str(PageChanged("s", URL, '"posts" list')), "dns", "down: it did not answer before",
)  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_a_reason_is_told_in_french(text: str) -> None:
    """Nothing of it is English that is not marked so, and figures stay."""
    told = str(FR.why(text))
    bare = re.sub(r'<bdi lang="en">.*?</bdi>', "", told)

    assert not re.search(r"\b(?:the|not|was|is|of|status|page asked|listed)\b", bare), told
    assert bare.strip(" ()")
    for figure in re.findall(r"\b\d{1,3}\b", text):
        assert figure in told
    assert str(EN.why(text))


def test_what_nobody_translated_is_marked_as_english() -> None:
    """Its markup is text."""
    assert str(FR.why("<b>odd</b>")) == '<bdi lang="en">&lt;b&gt;odd&lt;/b&gt;</bdi>'


def test_every_failure_has_its_words() -> None:
    """Whatever reason the collector gives, pages can say it."""
    said = {
        call.args[0].value
        for path in (PACKAGE / "collect").glob("*.py")
        if path.name != "check.py"  # it spools nothing
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant)
        and isinstance(call.func, ast.Name | ast.Attribute)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) in ("Unanswered", "shut")
    }  # fmt: skip

    assert len(said) > 10
    assert said <= FAILURES.keys()


def test_every_reason_to_set_apart_has_its_words() -> None:
    """Whatever a source or the engine gives as a reason stands in the catalogue."""
    given = re.compile(r'(?:RecordError\(|reason=|_marked\(|Row\(None, )\s*"([a-z_]+)"')
    said: set[str] = {"step_error"}
    for room in ("sources", "steps", "engines"):
        for path in (PACKAGE / room).rglob("*.py"):
            said |= set(given.findall(path.read_text(encoding="utf-8")))

    assert said <= VALUES["reason"].keys()
