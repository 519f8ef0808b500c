"""Experience asked: least years, and LinkedIn's level.

Years come from the site's field, else from a sentence that asks for them. A company's age is told
in the same words ("fort de 20 ans d'expérience, notre groupe…"), so a sentence about the company,
and more years than anyone asks, are not read.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import polars as pl

from vigie.steps.clean.around import around
from vigie.steps.distinct import per_distinct
from vigie.steps.folding import fold

_WORDS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
    "huit": 8, "dix": 10, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7,
    "eight": 8, "ten": 10,
}  # fmt: skip
_NUMBER = rf"(\d{{1,2}}(?:[.,]\d)?|{'|'.join(_WORDS)})"
_YEARS = r"(?:ans?(?:\(s\))?|annees?(?:\(s\))?|years?|yrs?\.?|سنوات|سنه)"
_MONTHS = r"(?:mois|months?)"
DURATION = re.compile(
    rf"(?<![\w.,]){_NUMBER}\s?\+?\s?(?:(?:-|a|et|to|and|ou|/)\s?\d{{1,2}}\s?)?\+?\s?(?:\(\d+\)\s?)?(?:({_YEARS})|({_MONTHS}))(?!\w)"
)
LESS = re.compile(
    r"(?:moins d[e']\s?|< ?|less than |under |jusqu'a |up to )(?:un an|une annee|\d{1,2} "
    r"?(?:ans?|years?)|a year)"
)
BEGINNER = re.compile(
    r"debutante?s?(?:\(e\))? (?:accept|bienvenu|ouvert)|debutant accepte|sans experience|"
    r"aucune experience|no experience (?:is )?(?:required|needed|necessary)|"
    r"beginners? (?:welcome|accepted)|experience non exigee|experience non requise|بدون خبره"
)
OF_COMPANY = re.compile(
    r"fort[es]* de|depuis (?:plus|pres)|notre (?:groupe|societe|entreprise|cabinet|agence|"
    r"expertise|savoir)|nous (?:avons|accompagnons|sommes)|"
    r"acteur|leader|specialiste depuis|cree[e]? (?:en|il y a)|fonde|groupe|our (?:company|"
    r"team|firm)|we (?:have|are|bring)|founded|in business|"
    r"history|serving|heritage|for over|for more than|existe"
)
ASKS = re.compile(r"experience|خبره")
MOST_YEARS = 20  # nobody asks for more; the company tells its age

LEVELS = (
    ("internship", r"intern(?:ship)?s?|stages?|stagiaires?|alternan\w+|apprenti\w*|trainee"),
    ("entry",
        (r"entry[- ]?level|entry|juniors?|jr\.?|debutante?s?|graduate|new grad|jeune diplome\w*|"
        r"premier emploi|beginner")),
    ("associate", r"associate"),
    ("mid_senior",
        (r"mid[- /]?senior(?: level)?|mid[- ]?level|intermediate|seniors?|sr\.?|confirmee?s?|"
        r"experimentee?s?|expert\w*|lead|principal|staff")),
    ("director", r"director|directeur|directrice|head of"),
    ("executive",
        (r"executive|c[- ]level|vice[- ]president|vp|chief \w+ officer|ceo|cto|cfo|coo|"
        r"dirigeante?|president")),
)  # fmt: skip
LEVEL = tuple((level, re.compile(rf"(?<![\w])(?:{words})(?!\w)")) for level, words in LEVELS)

# A title says a level only by these words, the highest first.
TITLE = (
    ("internship", re.compile(
        r"(?<!\w)(?:intern|internship|stagiaires?|stage(?! manager)|alternan(?:ce|te?s?)|"
        r"apprentie?|trainee)(?!\w)")),
    ("executive", re.compile(
        r"(?<!\w)(?:chief (?:\w+ ){1,2}officer|c[efto]o|vice[- ]president|s?vp|directeur general|"
        r"directrice generale|managing director)(?!\w)")),
    ("director", re.compile(
        r"(?<!\w)(?:(?<!to )(?<!to the )director|(?<!au )(?<!de la )(?<!du )(?:directeur|"
        r"directrice)|head of)(?!\w)")),
    ("entry", re.compile(
        r"(?<!\w)(?:junior|jr\.?|debutante?|graduate|new grad|entry[- ]level|jeune "
        r"diplomee?)(?!\w)")),
    ("mid_senior", re.compile(
        r"(?<!\w)(?:senior(?!s|ite|ity| (?:living|care|center|centre|citizen|home|service))|"
        r"sr\.?|lead|principal|staff(?= (?:engineer|software|data|scientist|developer|product|"
        r"machine|ml|backend|frontend|site|security))|confirmee?|experimentee?)(?!\w)")),
)  # fmt: skip
# "Aide à domicile auprès de personnes âgées / seniors" is about whom one works for. A word has its
# length ("animatrices", one word between): without, every start would read on to the text's end.
FOR_SENIORS = re.compile(
    r"(?:pour|aux?|des|residence|residences|personnes?|public|clientele|service|services|"
    r"auprès de|aide|animat\w{1,12}|logement) (?:\w{1,40} )?seniors?"
)
ASSISTS = re.compile(r"assistan\w*|adjoint\w*|secretaire|deputy")
PROFILE = re.compile(
    r"(?:profil|profile|niveau|poste|level)s? (?:plutot |de )?(junior|senior|confirme|"
    r"debutant|experimente)"
)

WORDS = ("expérience", "experience", "débutant", "profil ", "خبرة")


def _years(text: str) -> float | None:
    """Return the least years of the first duration in a folded text."""
    if BEGINNER.search(text) or LESS.search(text):
        return 0.0
    found = DURATION.search(text)
    if found is None:
        return None
    count = float(_WORDS.get(found[1]) or found[1].replace(",", "."))
    return round(count / 12, 2) if found[3] else count


@lru_cache(maxsize=16_384)
def _field(shown: str) -> tuple[float | None, str | None]:
    """Return (years, level) of the site's own field."""
    text = fold(shown[:300])
    if text in ("d", "debutant", "debutante"):  # France Travail's code: beginners accepted
        return 0.0, "entry"
    if text in ("not applicable", "n/a", "non applicable"):
        return None, None
    years = _years(text)
    level = next((level for level, words in reversed(LEVEL) if words.search(text)), None)
    if level == "mid_senior" and FOR_SENIORS.search(text):
        level = None
    return (years if years is None or years <= MOST_YEARS * 2 else None), level


@lru_cache(maxsize=16_384)
def _title(title: str) -> str | None:
    """Return the level that a title says."""
    text = fold(title[:300])
    for level, words in TITLE:
        if words.search(text):
            if level in ("director", "executive") and ASSISTS.search(text):
                continue
            if level == "mid_senior" and FOR_SENIORS.search(text):
                continue
            return level
    return None


@lru_cache(maxsize=16_384)
def experience_in(near: str | None) -> tuple[float | None, str | None]:
    """Return (least years, level) that a description asks for.

    Args:
        near: What stands around `WORDS` in the description, one place a line.
    """
    if not near:
        return None, None
    years: float | None = None
    level: str | None = None
    for line in near.split("\n"):
        if years is not None and level is not None:
            break
        folded = fold(line)
        if years is None and ASKS.search(folded) and not OF_COMPANY.search(folded):
            found = _years(folded)
            years = found if found is not None and found <= MOST_YEARS else None
        if years is None and BEGINNER.search(folded):
            years = 0.0
        if level is None:
            profile = PROFILE.search(folded)
            if profile:
                level = "entry" if profile[1] in ("junior", "debutant") else "mid_senior"
            elif BEGINNER.search(folded):
                level = "entry"
    return years, level


def read_experience(shown: str | None, title: str | None) -> tuple[float | None, str | None]:
    """Return (least years, level) that the site's field and the title say."""
    years, level = _field(shown) if shown else (None, None)
    return years, level or (_title(title) if title else None)


@dataclass(frozen=True)
class Experience:
    """Read ``experience_min_years`` and ``experience_level``."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        outputs = {"experience_min_years": pl.Float64(), "experience_level": pl.String()}
        rows = per_distinct(rows, ["experience_raw", "title"], read_experience, outputs)
        silent = pl.any_horizontal(pl.col(name).is_null() for name in outputs)
        texts = rows.select(pl.when(silent).then("text").alias("text"))["text"]
        near = pl.DataFrame({"near": around(texts, WORDS, 75, 120)})
        read = per_distinct(near, ["near"], experience_in, outputs)
        return rows.with_columns(pl.coalesce(name, read[name]).alias(name) for name in outputs)
