"""Readings of long texts take time as the text is long, whatever is repeated in it."""

import re
import time
from collections.abc import Callable

import pytest

from vigie.steps.clean import description, experience, pay_text

LENGTH = 20_000
TIMES = 4
MOST_RATIO = 10.0
"""Linear is 4, quadratic 16; between them there is room for a busy machine."""
TOO_SHORT_SECONDS = 0.0005
"""What is over sooner, is no measure; quadratic, it would take a thousandth of a second at most."""


def seconds(read: Callable[[str], object], text: str) -> float:
    """Return the least of five."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        read(text)
        taken.append(time.perf_counter() - start)
    return min(taken)


def ratio(read: Callable[[str], object], unit: str) -> float:
    """Return how many times as long a text takes that is four times as long."""
    once = seconds(read, unit * (LENGTH // len(unit)))
    more = seconds(read, unit * (TIMES * LENGTH // len(unit)))
    return more / max(once, TOO_SHORT_SECONDS)


def everywhere(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return lambda text: pattern.subn("", text)


@pytest.mark.parametrize("unit", ["<pre>", "<pre>\n", "<pre> <", "</pre><pre>", "<pre>a\n</pre>"])
def test_lines_of_preformatted_text(unit: str) -> None:
    """Openings without an end are not followed to the end each."""
    assert ratio(description._with_own_lines, unit) < MOST_RATIO


@pytest.mark.parametrize("unit", ["animat", "animateur", "animat ", "pour ", "pour a", "des"])
def test_people_one_works_for(unit: str) -> None:
    """A word without an end is not read from each of its letters on."""
    assert ratio(everywhere(experience.FOR_SENIORS), unit) < MOST_RATIO


@pytest.mark.parametrize("unit", ["k", "k ", "€ ", " ", "an ", "10 € a ", "eur brut/an ", "a"])
def test_what_joins_two_amounts(unit: str) -> None:
    """Between two amounts as in a whole text."""
    assert ratio(everywhere(pay_text.JOIN), unit) < MOST_RATIO
    assert ratio(pay_text.JOIN.fullmatch, unit) < MOST_RATIO
    assert ratio(pay_text.read_pay_text.__wrapped__, unit) < MOST_RATIO


def test_preformatted_lines_are_the_author_s() -> None:
    """Inside they end a line, outside they are a space; an opening without an end is no opening."""
    kept = description._with_own_lines("a\nb<pre>c\nd</pre>e\nf<pre>g\n<i>h</i></pre><pre>i\nj")

    assert kept == "a\nb<pre>c<br>d</pre>e\nf<pre>g<br><i>h</i></pre><pre>i\nj"


@pytest.mark.parametrize(
    "said",
    ["animatrice seniors", "animateur residence seniors", "aide aux seniors", "pour nos seniors"],
)
def test_whom_one_works_for_is_no_level(said: str) -> None:
    """The words that the limits are for."""
    assert experience.FOR_SENIORS.search(said)
