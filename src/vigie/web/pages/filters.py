"""What can be narrowed on a list: facets with counts, chips to take away, ways to sort and page."""

import math
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from vigie.model.ask import Answer, Bucket
from vigie.model.fields import Kind
from vigie.web.labels import Labels
from vigie.web.pages.draw import RENAME
from vigie.web.question import Question

FACETS: Final = {
    "job": ("contract", "remote", "experience_level", "place_dep", "place_city", "company",
            "hours", "source", "lang"),
    "ad": ("category", "subcategory", "place_city", "offer", "seller_type", "source"),
    "figure": ("table", "year", "round", "area_level", "measure", "subject", "source"),
}  # fmt: skip
"""The facets that a list shows, most used first. The address may ask for the others."""

SORTS: Final = {
    "job": ("relevance", "-posted_at", "-pay_year_min", "-changed_at"),
    "ad": ("relevance", "-posted_at", "price", "-price", "-changed_at"),
    "figure": ("-first_seen_at", "-changed_at"),
}
SHORT: Final = 6
"""Values of a facet shown before "more"."""
_PLAIN: Final = ("since", "until", "price_min", "price_max", "has_image", "has_price", "status")


class Value(msgspec.Struct, frozen=True):
    """One value of a facet."""

    value: str
    label: str
    count: int | None
    state: Literal["in", "out", ""]
    toggle: str
    """Address with this value taken or given back."""
    exclude: str
    """Address with this value excluded."""


class Facet(msgspec.Struct, frozen=True):
    name: str
    parameter: str
    label: str
    first: tuple[Value, ...]
    rest: tuple[Value, ...]


class Chip(msgspec.Struct, frozen=True):
    """One thing the list is narrowed by, and the list without it."""

    label: str
    text: str
    excluded: bool
    drop: str
    without: Question


class Leaf(msgspec.Struct, frozen=True):
    """One link of the pager; without an address it is the page shown, without a number a gap."""

    number: int | None
    href: str | None = None


def facets(kind: Kind, question: Question, answer: Answer, labels: Labels) -> list[Facet]:
    """Return the facets of a list; one that has nothing to choose from is left out."""
    path = f"/{kind.plural}"
    found = []
    for name in FACETS[kind.name]:
        counted = answer.facets.get(name, ())
        spoken = (*question.filters.get(name, ()), *question.not_.get(name, ()))
        known = {bucket.value for bucket in counted}
        absent = tuple(Bucket(value, 0) for value in spoken if value not in known)
        values = []
        for bucket in (*counted, *absent):
            state = question.states(name, bucket.value)
            plain = question.without(name, bucket.value)
            wanted = question.with_(name, bucket.value)
            excluded = question.with_(name, bucket.value, exclude=True)
            # An excluded value is not among the results: how many it would give is not asked.
            count = None if state == "out" else bucket.count
            values.append(
                Value(bucket.value, labels.value(name, bucket.value), count, state,
                      (plain if state == "in" else wanted).href(path, RENAME),
                      (plain if state == "out" else excluded).href(path, RENAME))
            )  # fmt: skip
        values.sort(key=lambda value: value.state == "")
        shown = max(SHORT, sum(value.state != "" for value in values))
        if len(values) > 1 or spoken:
            found.append(
                Facet(name, RENAME.get(name, name), labels.field(name),
                      tuple(values[:shown]), tuple(values[shown:]))
            )  # fmt: skip
    return found


def chips(kind: Kind, question: Question, labels: Labels) -> list[Chip]:
    """Return a chip for everything the list is narrowed by, words included."""
    path = f"/{kind.plural}"
    found = []

    def add(name: str, text: str, value: str | None = None, *, excluded: bool = False) -> None:
        left = question.without(name, value)
        found.append(Chip(labels.field(name), text, excluded, left.href(path, RENAME), left))

    if question.q:
        add("q", question.q)
    for field in kind.facets:
        for value in question.filters.get(field.name, ()):
            add(field.name, labels.value(field.name, value), value)
        for value in question.not_.get(field.name, ()):
            add(field.name, labels.value(field.name, value), value, excluded=True)
    for name in _PLAIN:
        value = getattr(question, name)
        if value != getattr(Question(kind=kind.name), name):
            text = str(value).lower() if isinstance(value, bool) else value
            add(name, labels.value(name, text))
    return found


def pager(question: Question, path: str, total: int, size: int) -> list[Leaf]:
    """Return first, last and the pages around the one shown; nothing when there is one page."""
    last = max(1, math.ceil(total / size))
    if last == 1 and question.page == 1:
        return []
    near = range(max(1, question.page - 1), min(last, question.page + 1) + 1)
    numbers = sorted({1, last, *near})
    leaves: list[Leaf] = []
    for number in numbers:
        if leaves and number - (leaves[-1].number or 0) > 1:
            leaves.append(Leaf(None))
        here = number == question.page
        leaves.append(Leaf(number, None if here else question.href(path, RENAME, page=number)))
    return leaves


def offered_sorts(kind: Kind, question: Question) -> Sequence[str]:
    """Return the orders to choose from; relevance only when there are words to be relevant to."""
    usual = [s for s in SORTS[kind.name] if s != "relevance" or question.q]
    return usual if question.order in usual else [*usual, question.order]
