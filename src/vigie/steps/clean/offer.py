"""What an ad offers (sale, rent, search, swap, gift) and who sells (a person or a business)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import polars as pl

from vigie.steps.distinct import per_distinct
from vigie.steps.folding import fold_often

# The first that fits wins. "Achat/vente" heads categories where people sell.
OFFERS = (
    ("wanted",
        (r"demandes?|recherches?|cherche|je cherche|achat|acheter|wanted|buy|looking for|"
        r"let_demand|مطلوب|ابحث")),
    ("swap", r"echanges?|troc|swap|exchange|مبادله"),
    ("gift", r"dons?|donne|gratuit|a donner|gift|give|giveaway|free|هبه"),
    ("rent",
        (r"locations?|louer|a louer|loue|rent|rental|for rent|let|vacances|colocations?|للكراء|"
        r"كراء|للايجار|ايجار")),
    ("sell", r"vente?s?|vendre|a vendre|vend|sell|sale|for sale|occasion|offres?|neuf|للبيع|بيع"),
    ("other", r"services?|autres?|other"),
)  # fmt: skip
OFFER = tuple((offer, re.compile(rf"(?<![\w])(?:{words})(?!\w)")) for offer, words in OFFERS)
BOTH_WAYS = re.compile(r"achats?\s?(?:/|-|et|&)?\s?ventes?|ventes?\s?(?:/|-|et|&)?\s?achats?")

SELLERS = {
    "private": "private|particulier|particuliers|individual|personal|person|شخصي|c2c|owner|"
    "proprietaire",
    "professional": "store|professional|professionnel|pro|business|company|agence|agency|"
    "dealer|boutique|"
    "shop|entreprise|"
    "societe|promoteur|developer|b2c|متجر|محترف",
}
SELLER = {word: kind for kind, words in SELLERS.items() for word in words.split("|")}


@lru_cache(maxsize=4096)
def read_offer(
    shown: str | None, category: str | None, subcategory: str | None
) -> tuple[str | None]:
    """Return what is offered: the site's own word, else what its category says; None: unknown.

    A category that names both sale and rent ("ventes et locations") says nothing.
    """
    for source in (shown, subcategory, category):
        if not source or len(source) > 300:
            continue
        text = BOTH_WAYS.sub("vente", fold_often(source))
        said = [offer for offer, words in OFFER if words.search(text)]
        if source is not shown:
            if {"rent", "sell"} <= set(said):
                continue
            said = [offer for offer in said if offer != "other"]
        if said:
            return (said[0],)
    return (None,)


def read_seller(shown: str | None) -> tuple[str | None]:
    """Return private or professional; None for any other word."""
    if not shown or len(shown) > 100:
        return (None,)
    text = fold_often(shown)
    found = {SELLER[word] for word in [text, *re.split(r"[^\w]+", text)] if word in SELLER}
    return (found.pop(),) if len(found) == 1 else (None,)


@dataclass(frozen=True)
class Offer:
    """Read ``offer`` and ``seller_type``."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        columns = ["offer_raw", "category", "subcategory"]
        rows = per_distinct(rows, columns, read_offer, {"offer": pl.String()})
        return per_distinct(rows, ["seller_type_raw"], read_seller, {"seller_type": pl.String()})
