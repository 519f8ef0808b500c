"""Which fields the index has, derived from the model: nothing here lists a kind's fields again.

One index holds every kind, so that content and feed position are one commit, and a field that
kinds share (source, place) is one column. A document answers to *lanes*: one term says kind,
grain and status at once (``job.cluster.open``), which makes the usual question a single posting
list. What the model does not declare as a role is named here, once: the instant a listing is
dated by, the amounts that `Ask.price_min` compares, and what counts as having a price or a picture.
"""

import hashlib
from itertools import pairwise
from typing import Final, Literal

import msgspec
import tantivy

from vigie.errors import UsageError
from vigie.model.ask import Grain
from vigie.model.fields import Field, Kind, Type
from vigie.model.kinds import KINDS
from vigie.views.search import words

VERSION: Final = 2
"""Layout of the folder and of the documents. An index of a higher version is refused."""

FORMAT: Final = int(str(vars(tantivy)["__version__"]).rsplit("v", 1)[-1])
"""Tantivy's own format of index files."""

NEAR_WEIGHT: Final = 2.0
"""Fields of at least this weight are also kept unstemmed, for the beginning of a word."""

DATED_BY: Final = ("posted_at", "first_seen_at")
"""A listing is as old as the first of these that is known."""

AMOUNTS: Final = (("pay_year_min", "pay_year_max"), ("price", "price"))
"""Least and most of what `Ask.price_min` and `price_max` compare; the first pair a kind has."""

PRICED: Final = ("pay_min", "pay_max", "price")
"""A listing that has any of these has a price."""

PICTURED: Final = ("images",)

ORDERED_TYPES: Final = (Type.INSTANT, Type.MONEY, Type.INTEGER)
"""Types that a sort key is made of (`vigie.views.search.rows`)."""

CURSOR_LANE: Final = "cursor"
"""Lane of the one document that holds the feed's position."""

UNFOUND: Final = "unfound"
"""Analysis of fields that are sorted by and never asked for: tantivy's schema cannot say so, and a
dictionary of keys of which no two are equal is a fifth of all indexing (bench/results)."""

WHEN: Final = "when"
"""Order of what was dated last, where relevance has no words to go by."""

Status = Literal["open", "closed", "all"]


def lane(kind: str, grain: Grain, status: Status) -> str:
    """Return the term of the documents that answer this kind, grain and status."""
    return f"{kind}.{grain}.{status}"


def group(weight: float) -> str:
    """Return the index field that holds the words of all fields of at least *weight*.

    Such fields hold one another: the lightest has every word and alone decides what is found, so
    that counting reads one list a word; the heavier only add to the score (`rises`).
    """
    return f"words_{weight:g}".replace(".", "_")


def facet(name: str) -> str:
    """Return the index field of the facet *name*."""
    return f"facet_{name}"


def order(name: str) -> str:
    """Return the index field that sorts by the field *name*, ties by id."""
    return f"order_{name}"


def public(kind: Kind) -> tuple[Field, ...]:
    """Return the fields that may stand in the index: stored, and not private."""
    return tuple(field for field in kind.stored if not field.private)


def searched(kind: Kind) -> tuple[Field, ...]:
    """Return the fields whose words are found."""
    return tuple(field for field in public(kind) if field.searchable)


def facets(kind: Kind) -> tuple[Field, ...]:
    """Return the fields that are counted and filtered by."""
    return tuple(field for field in public(kind) if field.facet)


def sorts(kind: Kind) -> tuple[Field, ...]:
    """Return the fields that hits are sorted by."""
    return tuple(field for field in public(kind) if field.sortable)


def amounts(kind: Kind) -> tuple[str, str] | None:
    """Return the fields of the least and the most amount; None: the kind has no price."""
    return next((pair for pair in AMOUNTS if set(pair) <= kind.by_name.keys()), None)


def having(kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return what a listing of the kind can have (``price``, ``image``) and by which fields."""
    wanted = {"price": PRICED, "image": PICTURED}
    named = {what: tuple(n for n in names if n in kind.by_name) for what, names in wanted.items()}
    return {what: names for what, names in named.items() if names}


def kind_named(name: str) -> Kind:
    """Return the kind called *name*.

    Raises:
        UsageError: there is none.
    """
    if name not in KINDS:
        raise UsageError(f"no kind {name!r}: there are {', '.join(KINDS)}")
    return KINDS[name]


WEIGHTS: Final = tuple(
    sorted({field.searchable for kind in KINDS.values() for field in searched(kind)}, reverse=True)
)
"""Every weight that a searched field has, heaviest first."""


def groups(weight: float) -> list[str]:
    """Return every group that a field of *weight* is in."""
    return [group(other) for other in WEIGHTS if other <= weight]


def rises() -> list[tuple[str, float]]:
    """Return each group but the lightest, and what a word found there adds to its score."""
    return [(group(heavy), heavy - light) for heavy, light in pairwise(WEIGHTS)]


EVERY: Final = group(WEIGHTS[-1])
"""The group that has every word."""


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


FACETS: Final = _unique([field.name for kind in KINDS.values() for field in facets(kind)])
SORTS: Final = [WHEN, *_unique([field.name for kind in KINDS.values() for field in sorts(kind)])]


def build() -> tantivy.Schema:
    """Return the schema of the index."""
    builder = tantivy.SchemaBuilder()

    def term(name: str, *, stored: bool = False, fast: bool = False) -> None:
        builder.add_text_field(
            name, stored=stored, fast=fast, tokenizer_name="raw", index_option="basic"
        )

    def sort_key(name: str, *, stored: bool = False) -> None:
        builder.add_text_field(
            name, stored=stored, fast=True, tokenizer_name=UNFOUND, index_option="basic"
        )

    term("key", stored=True)
    sort_key("id", stored=True)
    term("cluster", stored=True)
    term("lane")
    term("has")
    for weight in WEIGHTS:
        builder.add_text_field(group(weight), tokenizer_name="whitespace")
    builder.add_text_field("near", tokenizer_name="whitespace")
    for name in FACETS:
        term(facet(name), fast=True)
    for name in SORTS:
        sort_key(order(name))
    for name in ("dated", "least", "most", "digest"):
        builder.add_integer_field(name, fast=True)
    builder.add_integer_field("seq", stored=True)
    return builder.build()


def ready(index: tantivy.Index) -> tantivy.Index:
    """Return *index* as it must be opened: its analyses known, its newest commit read on demand."""
    raw = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    index.register_fast_field_tokenizer(UNFOUND, raw.build())
    nothing = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    index.register_tokenizer(UNFOUND, nothing.filter(tantivy.Filter.remove_long(1)).build())
    index.config_reader(reload_policy="manual")
    return index


def fingerprint() -> str:
    """Return a hash of all that decides what a row's document is; another hash, another index."""
    roles = [
        [
            kind.name,
            [[f.name, f.type, f.searchable] for f in searched(kind)],
            [[f.name, f.type] for f in facets(kind)],
            [[f.name, f.type] for f in sorts(kind)],
            amounts(kind),
            having(kind),
        ]
        for kind in KINDS.values()
    ]
    whole = msgspec.json.encode([VERSION, FORMAT, words.REVISION, DATED_BY, NEAR_WEIGHT, roles])
    return hashlib.blake2b(whole, digest_size=10).hexdigest()
