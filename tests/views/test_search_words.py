"""Texts and questions become the same words."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.listings import Shown
from vigie.views.search.index import SearchIndex
from vigie.views.search.question import parts
from vigie.views.search.words import fold, plain, stems

Find = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("developpeur", "Développeur Python"),
        ("DÉVELOPPEURS", "developpeur"),
        ("développeur", "Développeuse"),
        ("developer", "Senior developers wanted"),
        ("engineers", "Data Engineer H/F"),
        ("rédacteur", "Rédactrice web"),
        ("infirmier", "Infirmière de nuit"),
        ("commercial", "Agents commerciaux"),
        ("C++", "Ingénieur C/C++ embarqué"),
        ("c#", "Développeur C#, SQL"),
        (".net", "Architecte .NET"),
        (".NET", "Développeur ASP.NET"),
        ("R", "Statisticien (R, SAS)"),
        ("e-commerce", "Chef de projet e-commerce"),
        ("ingenieur", "Poste d’ingénieur"),
        ("l'ingénieur", "Ingénieur confirmé"),
        ("node.js", "Node.js developer"),
        ("شقة", "الشقّة للبيع"),
        ("احمد", "أحمد"),
        ("مدرسه", "مدرسة"),
        ("مكتب", "مكتـــب"),
        ("2024", "سنة ٢٠٢٤"),
        ("😀", "Bonjour 😀!"),
        ("oeuvre", "Chef d'œuvre"),
        ("ingénieur", "Inge\u0301nieur"),
        ("chargé d'affaires", "Charge affaires"),
    ],
)
def test_what_is_typed_finds_what_is_written(
    shown: Shown, index: SearchIndex, find: Find, typed: str, title: str
) -> None:
    """Accents, case, plural, gender and the spellings of Arabic do not matter."""
    shown.follow(index, shown.put("this", title=title), shown.put("other", title="Boulanger"))

    assert find(typed) == ["this"]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("C++", "Langage C"),
        ("c#", "Langage C"),
        ("c", "C++ C#"),
        (".net", "Salaire net, écrire à jobs@example.network"),
        ("r", "Ruby"),
        ("java", "JavaScript"),
        ('"data engineer"', "Engineer of data"),
        ('"data engineer"', "Data Analyst. Engineer"),
        ("data -senior", "Data engineer senior"),
        ('data -"machine learning"', "Data, machine learning"),
        ("data engineer", "Data analyst"),
    ],
)
def test_what_is_typed_does_not_find_something_else(
    shown: Shown, index: SearchIndex, find: Find, typed: str, title: str
) -> None:
    """Every word is needed, signs of languages count, a phrase is in order, -word excludes."""
    shown.follow(index, shown.put("this", title=title))

    assert find(typed) == []


def test_words_may_stand_in_different_fields(shown: Shown, index: SearchIndex, find: Find) -> None:
    """A job, a company and a place are found by one line."""
    shown.follow(
        index,
        shown.put("a", title="Data engineer", company="Acme", place_raw="Lyon (69)"),
        shown.put("b", title="Data engineer", company="Acme", place_raw="Paris"),
    )

    assert find("engineer acme lyon") == ["a"]


def test_the_title_weighs_more_than_the_company_and_the_text(
    shown: Shown, index: SearchIndex, find: Find
) -> None:
    """Relevance follows the weights that the model declares."""
    rest = {"title": "Une offre", "company": "Chez nous", "text": "Rien à dire"}
    shown.follow(
        index,
        shown.put("text", **rest | {"text": "Rien python"}),
        shown.put("company", **rest | {"company": "Chez Python"}),
        shown.put("title", **rest | {"title": "Une Python"}),
    )

    assert find("python") == ["title", "company", "text"]


def test_the_beginning_of_a_word_finds_it_as_one_types(
    shown: Shown, index: SearchIndex, find: Find
) -> None:
    """A star after a word stands for the rest of it, at every letter."""
    shown.follow(index, shown.put("a", title="Développement commercial"), shown.put("b", title="X"))

    assert all(find("développement"[:size] + "*") == ["a"] for size in range(1, 14))
    assert find("commercia*") == ["a"]
    assert find("ommercial*") == []


@pytest.mark.parametrize(
    "odd",
    [
        *("(", ")", "AND", "OR", "NOT", '"', '"unclosed phrase', "*", "-", "--", "a:b", "title:x"),
        *("/x/", "[a TO b]", "^2", "~", "\\", "+", "C++", "😀😀", "\x00", "\ud800", "{", "&&", "«"),
        *("-*", '""', "mot " * 2500, "x" * 10_000, "\u202eabc", "a" + "\u0301" * 50, "-" * 300),
    ],
)
def test_no_question_is_an_error(shown: Shown, index: SearchIndex, find: Find, odd: str) -> None:
    """People type anything; the answer may be empty, never a failure."""
    shown.follow(index, shown.put("a", title="Data engineer"))

    assert find(odd) in (["a"], [])


def test_a_question_without_a_word_asks_for_everything(
    shown: Shown, index: SearchIndex, find: Find
) -> None:
    """Signs alone narrow nothing."""
    shown.follow(index, shown.put("a", title="Data engineer"))

    assert find("(") == find("*") == find("") == ["a"]


def test_exclusion_alone_is_a_question(shown: Shown, index: SearchIndex, find: Find) -> None:
    """-word alone asks for everything else."""
    shown.follow(index, shown.put("a", title="Senior"), shown.put("b", title="Junior"))

    assert find("-senior") == ["b"]


def test_private_fields_cannot_be_found(shown: Shown, index: SearchIndex, find: Find) -> None:
    """What is private is not in the index at all."""
    shown.follow(index, shown.put("a", kind="post", title="x", author_key="canary"))

    assert find("canary", kind="post") == []


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_analysis_is_stable(text: str) -> None:
    """Folding twice is folding once, and no text is beyond analysis."""
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)).split() == plain(text).split()
    assert len(stems(text).split()) <= len(plain(text).split())
    parts(text)
