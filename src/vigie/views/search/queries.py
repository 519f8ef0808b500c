"""An `Ask` as tantivy queries, built piece by piece; tantivy's own query language is never used.

Each condition is kept apart by the facet it narrows, so that a facet can be counted without its
own filter.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec
import tantivy
from tantivy import FieldType, Occur, Query

from vigie.errors import UsageError
from vigie.model.ask import Ask
from vigie.model.fields import Kind
from vigie.views.search import plan
from vigie.views.search.question import Part, clean, parts

Clause = tuple[Occur, Query]

CENTS: Final = 100
WIDEST: Final = 2**62
"""Amounts beyond this, in hundredths, are the same as no bound."""


class Plea(msgspec.Struct, frozen=True):
    """An `Ask`, checked and turned into clauses."""

    kind: Kind
    worded: bool
    """Whether relevance has words to go by."""
    fixed: list[Clause]
    own: dict[str, Clause]
    """Facet → the clause of its own filter."""
    rising: list[Clause]
    """What changes relevance only."""

    def query(self, *, without: str | None = None) -> Query:
        """Return what is asked for, or all of it but one facet's own filter; not for scores."""
        clauses = self.fixed + [clause for name, clause in self.own.items() if name != without]
        return Query.boolean_query(clauses)

    def scoring(self) -> Query:
        """Return what is asked for, scored by relevance."""
        return Query.boolean_query([*self.fixed, *self.own.values(), *self.rising])


def plea(schema: tantivy.Schema, ask: Ask) -> Plea:
    """Check *ask* and return its clauses.

    Raises:
        UsageError: it names a kind, facet, sort or price that does not exist.
    """
    kind = plan.kind_named(ask.kind)
    check_facets(kind, (*ask.filters, *ask.not_, *ask.facets))
    found = parts(ask.text)
    fixed = [_must(_term(schema, "lane", plan.lane(kind.name, ask.grain, ask.status)))]
    for part in found:
        query = _part(schema, part)
        fixed.append((Occur.MustNot if part.excluded else Occur.Must, query))
    for name, values in ask.not_.items():
        if values:
            fixed.append((Occur.MustNot, _any(schema, plan.facet(name), values)))
    fixed.extend(_dated(schema, ask.since, ask.until))
    fixed.extend(_priced(schema, kind, ask))
    for what, wanted in (("price", ask.has_price), ("image", ask.has_image)):
        if wanted is None:
            continue
        if what not in plan.having(kind):
            raise UsageError(f"{kind.plural} have no {what} to ask for")
        query = _silent(_term(schema, "has", what))
        fixed.append((Occur.Must if wanted else Occur.MustNot, query))
    own = {
        name: _must(_any(schema, plan.facet(name), values))
        for name, values in ask.filters.items()
        if values
    }
    kept = [part for part in found if not part.excluded]
    rising = [clause for part in kept for clause in _rising(schema, part)]
    return Plea(kind=kind, worded=bool(kept), fixed=fixed, own=own, rising=rising)


def check_facets(kind: Kind, names: Iterable[str]) -> None:
    """Refuse a name that is no facet of the kind."""
    known = {field.name for field in plan.facets(kind)}
    for name in names:
        if name not in known:
            raise UsageError(
                f"{name!r} is no facet of {kind.plural}: there are {', '.join(sorted(known))}"
            )


def _silent(query: Query) -> Query:
    """Return the query as a condition that says nothing about relevance."""
    return Query.const_score_query(query, 0.0)


def _must(query: Query) -> Clause:
    return (Occur.Must, _silent(query))


def _term(schema: tantivy.Schema, name: str, value: str) -> Query:
    return Query.term_query(schema, name, value, index_option="basic")


def _any(schema: tantivy.Schema, name: str, values: Sequence[str]) -> Query:
    distinct = sorted(set(map(clean, values)))
    if len(distinct) == 1:
        return _term(schema, name, distinct[0])
    return Query.term_set_query(schema, name, distinct)


def _part(schema: tantivy.Schema, part: Part) -> Query:
    """Return what finds the part, in any searched field."""
    found = _words(schema, plan.EVERY, part.stems)
    if not part.start:
        return Query.boost_query(found, plan.WEIGHTS[-1])
    beginnings = [
        Query.phrase_prefix_query(schema, name, [part.start]) for name in ("near", plan.EVERY)
    ]
    return Query.boolean_query([(Occur.Should, query) for query in (found, *beginnings)])


def _rising(schema: tantivy.Schema, part: Part) -> Iterable[Clause]:
    """Yield what makes a find in a heavier field count more."""
    for name, rise in plan.rises():
        yield (Occur.Should, Query.boost_query(_words(schema, name, part.stems), rise))


def _words(schema: tantivy.Schema, name: str, stems: Sequence[str]) -> Query:
    if len(stems) == 1:
        return Query.term_query(schema, name, stems[0], index_option="freq")
    return Query.phrase_query(schema, name, list(stems))


def _dated(
    schema: tantivy.Schema, since: datetime | None, until: datetime | None
) -> Iterable[Clause]:
    if since is None and until is None:
        return
    yield _must(
        Query.range_query(
            schema,
            "dated",
            FieldType.Integer,
            lower_bound=None if since is None else _milliseconds(since),
            upper_bound=None if until is None else _milliseconds(until),
            include_upper=until is None,  # [since, until), like every span of time here
        )
    )


def _milliseconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise UsageError(f"{instant} has no time zone: write it with one, or with a final Z")
    return round(instant.timestamp() * 1000)


def _priced(schema: tantivy.Schema, kind: Kind, ask: Ask) -> Iterable[Clause]:
    """Yield the price's bounds: what is asked and what is offered must overlap."""
    for name, amount, low in (("most", ask.price_min, True), ("least", ask.price_max, False)):
        if amount is None:
            continue
        if plan.amounts(kind) is None:
            raise UsageError(f"{kind.plural} have no price to compare")
        if math.isnan(amount):
            raise UsageError("a price must be a number")
        cents = round(max(-WIDEST / CENTS, min(WIDEST / CENTS, amount)) * CENTS)
        bounds = (cents, None) if low else (None, cents)
        yield _must(Query.range_query(schema, name, FieldType.Integer, *bounds))
