"""Words, numbers and times in the visitor's language, complete in each."""

import re
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from vigie.model.fates import State
from vigie.model.fields import Type
from vigie.model.kinds import KINDS
from vigie.web.facts import WORDS
from vigie.web.labels import FIELDS, VALUES, Labels
from vigie.web.language import CODES, FOLDER, Language, choose
from vigie.web.pages.filters import FACETS, SORTS

WEB = FOLDER.parent
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
FR, EN = Language("fr", UTC), Language("en", UTC)
Message = str | tuple[str, ...]


def messages() -> set[Message]:
    """Every text that templates and modules say."""
    found: set[Message] = set()
    keywords = {"N_": None, "gettext": None}
    for path in sorted(WEB.rglob("*.py")):
        found |= _extracted("python", path, keywords)
    for path in sorted((WEB / "templates").glob("*.html")):
        found |= _extracted("jinja2.ext:babel_extract", path, {"_": None, "ngettext": (1, 2)})
    return found


def _extracted(method: str, path: Path, keywords: Mapping[str, object]) -> set[Message]:
    return {
        text if isinstance(text, str) else tuple(text)
        for _, text, _, _ in extract_from_file(method, path, keywords=keywords)  # type: ignore[arg-type]  # babel's own type is narrower
    }


@pytest.mark.parametrize("code", CODES)
def test_every_text_is_translated(code: str) -> None:
    """Each catalogue has every message of the pages, translated, and none that nobody says."""
    path = FOLDER / code / "LC_MESSAGES" / "vigie.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    given = {message.id: message.string for message in catalogue if message.id}
    assert set(given) == messages()
    untranslated = [
        text for text, said in given.items() if not (all(said) if isinstance(said, tuple) else said)
    ]
    assert untranslated == []
    assert not [message.id for message in catalogue if message.fuzzy]


@pytest.mark.parametrize("code", CODES)
def test_translations_keep_their_placeholders(code: str) -> None:
    """A translation names the same values as the text it stands for."""
    path = FOLDER / code / "LC_MESSAGES" / "vigie.po"
    with path.open("rb") as file:
        for message in read_po(file, locale=code):
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = set(re.findall(r"%\((\w+)\)s", str(message.id)))
            for form in forms if message.id else ():
                assert set(re.findall(r"%\((\w+)\)s", str(form))) == wanted, message.id


def test_every_field_and_value_has_a_name() -> None:
    """Nothing that a page can show is shown under the name of a column."""
    for kind in KINDS.values():
        for field in kind.stored:
            if not field.private:
                assert field.name in FIELDS, field.name
            shown_as_words = field.facet and field.type is Type.ENUM and field.name != "lang"
            if shown_as_words:
                assert set(field.values) <= set(VALUES[field.name]), field.name
    assert set(State) == set(VALUES["state"]) == set(WORDS)
    for sorts in SORTS.values():
        assert set(sorts) <= set(VALUES["sort"])


def test_facets_of_pages_are_facets_of_the_model() -> None:
    """A list offers only facets that can be asked for."""
    for name, fields in FACETS.items():
        assert set(fields) <= {field.name for field in KINDS[name].facets}


def test_a_place_is_named_not_coded() -> None:
    """Codes of départements, regions and countries are read as names."""
    labels = Labels(FR, {})
    assert labels.value("place_dep", "2A") == "Corse-du-Sud (2A)"
    assert labels.value("place_region", "84") == "Auvergne-Rhône-Alpes"
    assert labels.value("place_country", "MA") == "Maroc"
    assert Labels(EN, {}).value("content_lang", "ar") == "Arabic"
    assert labels.value("company", "") == "Non précisé"


@pytest.mark.parametrize(
    ("asked", "cookie", "accepts", "expected"),
    [
        ("en", "fr", "fr", "en"),
        ("xx", "en", "fr", "en"),
        (None, None, "de, en-GB;q=0.8, fr;q=0.5", "en"),
        (None, None, "fr;q=0.2, en;q=0.9", "en"),
        (None, None, "fr-CA", "fr"),
        (None, None, "de", "fr"),
        (None, None, "en;q=0", "fr"),
        (None, None, "; ;q=x,,", "fr"),
        (None, "<script>", None, "fr"),
    ],
)
def test_the_language_is_as_asked_else_as_the_browser_says(
    asked: str | None, cookie: str | None, accepts: str | None, expected: str
) -> None:
    """`?lang=`, then the cookie, then Accept-Language by weight, then the setting."""
    assert choose(asked, cookie, accepts, "fr") == expected


@pytest.mark.parametrize(
    ("language", "low", "high", "currency", "expected"),
    [
        (FR, 45000, 55000, "EUR", "45 000 – 55 000 €"),
        (EN, 45000, 55000, "EUR", "€45,000 – €55,000"),
        (FR, 45000, None, "EUR", "à partir de 45 000 €"),
        (EN, None, 900, "USD", "up to $900"),
        (FR, Decimal("12.5"), Decimal("12.5"), "EUR", "12,50 €"),
        (EN, 240000, 240000, "MAD", "240,000 DH"),
        (FR, 3500, 3500, None, "3 500"),
        (FR, None, None, "EUR", "–"),
    ],
)
def test_money_is_written_as_people_write_it(
    language: Language, low: int | None, high: int | None, currency: str | None, expected: str
) -> None:
    """Whole amounts without cents, one currency sign where one is enough, never a zero for null."""
    made = language.span(
        None if low is None else Decimal(low), None if high is None else Decimal(high), currency
    )
    plain = made.striptags().translate(dict.fromkeys(map(ord, "\u202f\u00a0"), " "))
    assert plain == expected


@pytest.mark.parametrize(
    ("hours", "precision", "expected"),
    [
        (0.2, "minute", "il y a 12 min"),
        (5, "minute", "il y a 5 h"),
        (0.001, "second", "à l’instant"),
        (18, "day", "aujourd’hui"),
        (42, "day", "hier"),
        (90, "day", "il y a 3 j"),
        (2000, "minute", "29 août 2026"),
        (2000, "month", "août 2026"),
        (2000, "year", "2026"),
    ],
)
def test_an_age_is_no_more_exact_than_what_was_seen(
    hours: float, precision: str, expected: str
) -> None:
    """A date without an hour is "today" or "yesterday", never "5 hours ago"."""
    made = FR.ago(NOW - timedelta(hours=hours), NOW, precision).striptags()
    assert made.translate(dict.fromkeys(map(ord, "\u202f\u00a0"), " ")) == expected


@pytest.mark.parametrize("offset_hours", [-11, -5, 0, 1, 2, 9, 11])
def test_a_day_stays_the_day_that_the_site_wrote(offset_hours: int) -> None:
    """Midnight in the site's zone is shown as that day, whatever zone it was."""
    midnight = datetime(2026, 11, 3, tzinfo=UTC) - timedelta(hours=offset_hours)
    assert EN.exact_text(midnight, "day") == "November 3, 2026"


def test_numbers_keep_their_order_in_right_to_left_text() -> None:
    """Every number and amount stands in an element of its own."""
    assert str(FR.number(100000)) == '<data value="100000">100\u202f000</data>'
    assert "<bdi>" in FR.money(Decimal(100), "EUR")
    assert "<bdi>" in FR.percent(-0.08, signed=True)


def test_english_message_ids_are_plain_text() -> None:
    """A message id holds no markup, so that a translation cannot break a page."""
    for message in messages():
        for text in (message,) if isinstance(message, str) else message:
            assert not set(text) & set("<>{}"), text
            assert set(text) - set(string.whitespace), "an empty message"
