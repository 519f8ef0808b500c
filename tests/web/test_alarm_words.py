"""Alarms are told in the visitor's words, with the store's own figures."""

import pytest

from vigie.store.health.measure import SHAPES, FieldMeasure, PageMeasure
from vigie.store.health.profile import Baseline, FieldProfile, Profile, Usual
from vigie.store.health.runs import drift
from vigie.store.health.verdict import Alarm, renamed, verdict
from vigie.web.alarm_words import FORMS, sentence
from vigie.web.labels import VALUES, Labels
from vigie.web.language import Language

FR, EN = Language("fr"), Language("en")


def usual(**values: float) -> Usual:
    shapes = [1.0 if shape == "number" else 0.0 for shape in SHAPES]
    told = {"least": 0.97, "most": 1.0, "repeat": 0.05, "lowest": 2.0, "highest": 3.0,
            "compared": 400, "lost": 0.0, "altered": 0.01}  # fmt: skip
    return Usual(**{"shapes": shapes, **told, **values})  # type: ignore[arg-type]  # numbers and shapes


def raised() -> list[Alarm]:
    """What the store itself says of pages and runs on which everything is wrong."""
    known = Baseline(runs=9, rows=900, nulls=3, doubles=0.0, mangled=0.0, fresh=0.1,
                     fields={"price": usual(), "title": usual(), "text": usual()})  # fmt: skip
    dates = tuple(40 if shape == "date" else 0 for shape in SHAPES)
    none = (0,) * len(SHAPES)
    page = PageMeasure(
        capture_id="c", reading="card", rows=40, nulls=9, doubles=30, looked=40, fresh=40,
        mangled=30, texts=40,
        fields={
            "price": FieldMeasure(0, none, 0, None, compared=40, lost=40),
            "title": FieldMeasure(40, dates, 1, 6.5, compared=40, altered=40),
        },
    )  # fmt: skip
    thin = PageMeasure(capture_id="c", reading="full", rows=1, nulls=9, doubles=0, looked=1,
                       fresh=0, mangled=0,
                       texts=1, fields={})  # fmt: skip
    run = Profile(rows=400, fields={"text": FieldProfile(filled=160)})
    return [*verdict(page, known), *verdict(thin, known), *drift(run, known), *renamed(page, 39)]


OF_RUNS = (
    # As `vigie.store.health.runs` writes those that need a history of runs.
    Alarm("volume", "", "about 1200", "3"),
    Alarm("announced", "", "1200 announced", "40 distinct"),
    Alarm("identities", "", "4% new", "98% of 12340 new"),
    Alarm("layer", "", "json-ld, state", "3 pages read from html"),
)
ALARMS = [*raised(), *OF_RUNS]


def told(alarm: Alarm, language: Language) -> str:
    row = {"alarm": alarm.name, "field": alarm.field, "expected": alarm.expected,
           "seen": alarm.seen}  # fmt: skip
    text = sentence(row, [alarm.field], Labels(language, {}), language).striptags()
    return text.translate(dict.fromkeys(map(ord, "\u202f\u00a0"), " "))


def test_every_alarm_has_a_name_and_a_sentence() -> None:
    """What the store can raise, pages can tell."""
    assert {alarm.name for alarm in ALARMS} == {form[0] for form in FORMS} == set(VALUES["alarm"])
    assert set(SHAPES) <= set(VALUES["shape"])


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_an_alarm_is_told_and_not_repeated_in_english(alarm: Alarm) -> None:
    """The figures are found in the store's words: a French page says them in French."""
    assert f"{alarm.seen}, d’habitude {alarm.expected}" not in told(alarm, FR)
    assert "usually" not in told(alarm, FR)
    assert "%(" not in told(alarm, FR) + told(alarm, EN)


@pytest.mark.parametrize(
    ("alarm", "french", "english"),
    [
        (Alarm("vanished", "price", "97% to 100%", "filled in 0 of 35"),
         "Prix : rempli dans 0 sur 35, d’habitude de 97 % à 100 %",
         "Price: filled in 0 of 35, usually 97% to 100%"),
        (Alarm("vanished", "price", "100% to 100%", "filled in 0 of 35"),
         "Prix : rempli dans 0 sur 35, d’habitude 100 %",
         "Price: filled in 0 of 35, usually 100%"),
        (Alarm("amounts", "price", "a page's median from 1,000 to 2,000", "a median of 150,000"),
         "Prix : la médiane de la page est de 150 000, d’habitude de 1 000 à 2 000",
         "Price: the page's median is 150,000, usually 1,000 to 2,000"),
        (Alarm("announced", "", "1200 announced", "40 distinct"),
         "Le site en annonce 1 200 et en montre 40",
         "The site announces 1,200 and shows 40"),
        (Alarm("shapes", "title", "line, text", "date"),
         "Titre : ressemble à : une date ; d’habitude : une ligne, un texte",
         "Title: looks like: a date; usually: a line, a text"),
    ],
    ids=lambda value: value.name if isinstance(value, Alarm) else "",
)  # fmt: skip
def test_figures_are_written_as_people_write_them(alarm: Alarm, french: str, english: str) -> None:
    """Numbers and per cents in the visitor's format, fields under their names."""
    assert told(alarm, FR) == french
    assert told(alarm, EN) == english


@pytest.mark.parametrize("name", ["vanished", "an alarm of tomorrow"])
def test_an_unknown_form_is_shown_as_it_is(name: str) -> None:
    """Nothing is guessed, and what the store says stays text."""
    alarm = Alarm(name, "price", "<b>more</b>", "less")
    assert told(alarm, EN) == "Price: less, usually <b>more</b>"
    row = {"alarm": name, "field": "price", "expected": "<b>more</b>", "seen": "less"}
    assert "<b>" not in sentence(row, ["price"], Labels(EN, {}), EN)
