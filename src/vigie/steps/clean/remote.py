"""Where the work is done: on site, hybrid, or remote; null when the listing does not say.

The site's own field first, then the title and the place, then the description, where only
sentences about this job count: "remote teams" and "hybrid cloud" say nothing. "No" wins over
"yes" in one place: "pas de télétravail" names the word too.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import polars as pl

from vigie.steps.clean.around import around
from vigie.steps.distinct import per_distinct
from vigie.steps.folding import fold, fold_often

# Values of sites' own fields, folded. A bare false is not "on site": it is mostly the default of a
# form whose true means fully remote.
FIELD = {
    "remote": "remote|fulltime|full|full remote|fully remote|remote_always|telecommute|true|"
    "yes|oui|1|"
    "1.0|teletravail|"
    "teletravail complet|teletravail total|100% teletravail|work from home|wfh|a distance|"
    "distanciel|anywhere|عن بعد",
    "hybrid": "hybrid|hybride|partial|punctual|partiel|ponctuel|occasionnel|teletravail partiel|"
    "teletravail ponctuel|"
    "teletravail occasionnel|teletravail hybride|hybrid remote|temporarily remote|flexible|هجين",
    "onsite": "onsite|on-site|on site|on_site|no|non|none|sur site|presentiel|in-office|in office|"
    "office|pas de teletravail|"
    "teletravail non autorise|no remote|not remote|حضوري",
}
BY_FIELD = {word: mode for mode, words in FIELD.items() for word in words.split("|")}
SILENT = frozenset(("false", "0", "0.0", "unknown", "null", "nan", "n/a", "-"))

ONSITE = re.compile(
    r"(?:pas de|pas d'|aucun|sans|no|not?|non|hors|ni) (?:possibilite de |jours? de |full[- "
    r"]|fully |a |eligible (?:au |for )?|"
    r"available (?:for|as) )?(?:teletravail|remote|home ?office|hybrid|distanciel|travail a "
    r"distance)|"
    r"teletravail (?::|-)? ?(?:non|impossible|pas|exclu|0|aucun)|(?:non|pas) (?:eligible|"
    r"ouvert|compatible) (?:au|avec le) teletravail|"
    r"remote(?: work)?:? (?:no\b|not)|100 ?% (?:en )?(?:presentiel|sur site|on-?site)|"
    r"(?:fully|strictly|only|100 ?%) (?:on-?site|in[- ]office)|"
    r"(?:on-?site|in[- ]office) only|exclusivement (?:en presentiel|sur site)|not a remote|"
    r"remote is not|can(?:no|')t be remote"
)
HYBRID = re.compile(
    r"teletravail ?(?:partiel|hybride|ponctuel|occasionnel|possible|flexible)|"
    r"teletravail ?[:(-]? ?(?:jusqu'a|de|a raison de)? ?(?:[1-4]|un|deux|trois|quatre)\b(?! ?00)|"
    r"(?:\d|un|deux|trois|quatre) ?(?:a \d )?(?:j|jours?)(?: ?/ ?| par | )?(?:semaine|sem|"
    r"mois|hebdo\w*|hebdomadaires?)? ?(?:de|en|d'|du|:)? ?(?:teletravail|tt\b|remote|home "
    r"?office|distanciel)|"
    r"(?:\d|one|two|three|four) days? (?:a |per |/ ?)?(?:week|month)? ?(?:of |from "
    r")?(?:remote|home|wfh|in (?:the|our) office|on-?site)|"
    r"hybrid(?:e)? (?:work\w*|role|position|model\w*|schedule|remote|setup|environment|job|"
    r"opportunity|mode|rythme)|"
    r"(?:work\w*|role|position|model|modele|mode|travail|rythme|organisation|location|"
    r"workplace)(?: model| type| is|:)? (?:a )?hybrid(?:e)?\b|"
    r"\(hybrid\w*\)|remote (?:partiel|flexible|possible|friendly|\d)|partial(?:ly)? remote|"
    r"(?:teletravail|remote) ?(?:\d ?j|\d ?d)|"
    r"teletravail (?:regulier|autorise|accepte|envisageable|en partie)|possibilite (?:de|"
    r"d'effectuer du) teletravail|"
    r"(?:accord|charte|politique|jours?) (?:de )?teletravail|alternance (?:de )?teletravail"
)
REMOTE = re.compile(
    r"(?:full(?:y)?|100 ?%|total(?:ly|ement)?|completely|entierement|permanent) ?-?(?:en |in "
    r"|a )?(?:remote|teletravail|distanciel|distance)|"
    r"teletravail (?:complet|total|integral|a 100|100|permanent|full)|remote (?:first|only|"
    r"position|role|job|opportunity|100|worldwide|anywhere|contract\b)|"
    r"(?:this|the|role|position|job) (?:is|can be|may be|role is|position is) (?:a |an "
    r")?(?:fully |100% |completely )?remote|"
    r"work(?:ing)? from anywhere|work from home|poste (?:en|a) (?:full )?(?:remote|"
    r"teletravail|distance)|location: ?remote|remote[- ]us\b|\(remote\)|remote, "
)
# In a title or place one word is enough, unless it is about something else.
TITLE_REMOTE = re.compile(
    r"(?<!\w)(?:full[- ]?)?(?:remote(?:ly)?(?! (?:sens|monitor|control|desktop|support|"
    r"access|system|interpret|operat|patient|site|health))|teletravail|100 ?% teletravail|"
    r"work from home|wfh|a distance|home[- ]based|عن بعد)(?!\w)"
)
TITLE_HYBRID = re.compile(
    r"(?<!\w)hybrid(?:e)?(?!\w)(?! (?:cloud|vehicle|car|app|mobile|infrastructure|"
    r"integration|it\b|system|energ|electri|powertrain|engine))"
)

WORDS = ("télétravail", "teletravail", "remote", "hybrid", "home office", "distanciel",
         "présentiel", "work from", "onsite", "on-site", "in-office", "à distance")  # fmt: skip


def _said(text: str) -> str | None:
    """Return what a folded sentence says of this job."""
    if ONSITE.search(text):
        return "onsite"
    if HYBRID.search(text):
        return "hybrid"
    return "remote" if REMOTE.search(text) else None


@lru_cache(maxsize=16_384)
def _in_short(text: str) -> str | None:
    """Return what a title, place or field says."""
    folded = fold_often(text)
    said = _said(folded)
    if said:
        return said
    if TITLE_HYBRID.search(folded):
        return "hybrid"
    return "remote" if TITLE_REMOTE.search(folded) else None


def read_remote(shown: str | None, title: str | None, place: str | None) -> tuple[str | None]:
    """Return the mode that field, title or place say; None when none of them does."""
    if shown:
        field = fold_often(shown[:200])
        if field in BY_FIELD:
            return (BY_FIELD[field],)
        if field not in SILENT:
            said = _in_short(shown[:200])
            if said:
                return (said,)
    for short in (title, place):
        if short and len(short) <= 300:
            said = _in_short(short)
            if said:
                return (said,)
    return (None,)


@lru_cache(maxsize=16_384)
def remote_in(near: str | None) -> tuple[str | None]:
    """Return the mode that a description says of its job: the first sentence that says one.

    Args:
        near: What stands around `WORDS` in the description, one place a line.
    """
    if not near:
        return (None,)
    said = (_said(fold(line)) for line in near.split("\n"))
    return (next(filter(None, said), None),)


@dataclass(frozen=True)
class Remote:
    """Read ``remote`` from ``remote_raw``, ``title``, ``place_raw``, then ``text``."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = per_distinct(
            rows, ["remote_raw", "title", "place_raw"], read_remote, {"remote": pl.String()}
        )
        # Only the descriptions of listings whose fields are silent are read.
        silent = rows.select(pl.when(pl.col("remote").is_null()).then("text").alias("text"))["text"]
        near = pl.DataFrame({"near": around(silent, WORDS, 50, 80)})
        read = per_distinct(near, ["near"], remote_in, {"remote": pl.String()})["remote"]
        return rows.with_columns(pl.coalesce("remote", read).alias("remote"))
