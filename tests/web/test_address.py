"""The address is the state: it reads back as it was written, and what is wrong in it is named."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.model.kinds import AD, JOB
from vigie.web.address import facet_names, read
from vigie.web.question import Question, instant

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
_FREE = [name for name in facet_names(JOB) if not JOB[name].values]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    values = st.lists(_WORDS, min_size=1, max_size=3, unique=True).map(tuple)
    names = st.sampled_from(_FREE)
    return Question(
        kind="job",
        q=draw(_WORDS).strip(),
        filters=draw(st.dictionaries(names, values, max_size=3)),
        not_=draw(st.dictionaries(names, values, max_size=2)),
        status=draw(st.sampled_from(["open", "closed", "all"])),
        since=draw(st.sampled_from(["", "24h", "7d", "2026-11-01"])),
        price_min=draw(st.sampled_from(["", "0", "45000", "1200.50"])),
        has_price=draw(st.sampled_from([None, True, False])),
        sort=draw(st.sampled_from(["", "-posted_at", "pay_year_min"])),
        grain=draw(st.sampled_from(["", "listing", "cluster"])),
        page=draw(st.integers(1, 400)),
    )


@given(questions())
def test_an_address_reads_back_as_the_question_it_was_made_from(question: Question) -> None:
    """Whatever is asked, its address says it again: a pasted link shows the same list."""
    href = question.href("/jobs", page=question.page)

    pairs = parse_qsl(urlsplit(href).query, keep_blank_values=True, strict_parsing="?" in href)

    assert read(JOB, pairs).wrong == ()
    assert read(JOB, pairs).question == question


@given(st.lists(st.tuples(_WORDS, _WORDS), max_size=6))
def test_any_query_string_is_answered(pairs: list[tuple[str, str]]) -> None:
    """No query string raises; what is not understood is named."""
    known = {"q", "since", "until", "page", "sort", *facet_names(AD)}
    asked = read(AD, pairs)
    named = {wrong.name for wrong in asked.wrong}
    assert {name for name, _ in pairs} - known <= named


@pytest.mark.parametrize(
    ("name", "value", "why", "near"),
    [
        ("contrat", "permanent", "unknown", "contract"),
        ("contract", "permanant", "invalid", "permanent"),
        ("sort", "-posted", "invalid", "-posted_at"),
        ("since", "yesterday", "invalid", None),
        ("price_min", "-5", "invalid", None),
        ("price_min", "nan", "invalid", None),
        ("page", "0", "invalid", None),
        ("q", "x" * 501, "too_long", None),
    ],
)
def test_a_wrong_parameter_is_named_with_what_was_meant(
    name: str, value: str, why: str, near: str | None
) -> None:
    """A misspelt filter never silently returns everything."""
    (wrong,) = read(JOB, [(name, value)]).wrong
    assert (wrong.name, wrong.why, wrong.near) == (name, why, near)


def test_a_parameter_given_twice_is_said() -> None:
    """Only facets repeat; of the others the second is refused by name."""
    asked = read(JOB, [("q", "data"), ("q", "web")])
    assert asked.question.q == "data"
    assert [wrong.why for wrong in asked.wrong] == ["repeated"]


def test_a_value_is_wanted_excluded_or_not_said() -> None:
    """`!` excludes, the empty text stands for "not said", a backslash keeps a leading `!`."""
    asked = read(JOB, [("source", "!a"), ("remote", ""), ("company", "\\!Oyez")]).question
    assert asked.not_ == {"source": ("a",)}
    assert asked.filters == {"remote": ("",), "company": ("!Oyez",)}


def test_a_wanted_value_can_turn_excluded_and_back() -> None:
    """A value is never wanted and excluded at once."""
    wanted = Question(kind="job").with_("source", "a")
    excluded = wanted.with_("source", "a", exclude=True)
    assert excluded.states("source", "a") == "out"
    assert excluded.filters == {}
    assert excluded.with_("source", "a") == wanted
    assert excluded.without("source", "a") == Question(kind="job")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:00:00+01:00", datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ("2026-11-01T10:00:00 01:00", datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ("", None),
    ],
)
def test_since_reads_spans_and_dates(text: str, expected: datetime | None) -> None:
    """Spans count from now; dates and instants are UTC unless they say otherwise."""
    assert instant(text, NOW) == expected
