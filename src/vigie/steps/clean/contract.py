"""Kind of contract and working time, from the site's words and, for some kinds, the title.

The most particular kind wins over the form it takes: an apprenticeship is often signed as a CDD,
an internship ad often says "Full-time". The title is read for internship, apprenticeship and
freelance only, and only where the site names no permanent or temporary contract: recruiters of
interns have "stage" in their titles too.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from vigie.steps.clean.amounts import read_number
from vigie.steps.distinct import per_distinct
from vigie.steps.folding import fold

# In the order in which they win.
KINDS = {
    "apprenticeship": r"apprenti\w*|alternan\w*|contrat pro\b|contrat de pro\w*|"
    r"professionnali[sz]ation|"
    r"apprenticeship|work[- ]?study",
    "internship": r"stages?|stagiaires?|intern(?:ship)?s?|internat|trainee(?:ship)?|pfe|"
    r"تدريب|متدرب",
    "volunteer": r"v\.?i\.?e\.?|volontariat\w*|volontaire|benevol\w*|volunteer(?:ing)?|"
    r"service civique|"
    r"vsi|idv|تطوع",
    "temporary": r"interim\w*|mission d'interim|mis|tti|travail temporaire|temporaire|"
    r"temporary|temp|temp "
    r"work|per diem|agency",
    "freelance": r"free[- ]?lance\w*|independant\w*|auto[- ]?entrepreneur|micro[- ]?entrepreneur|"
    r"contractor|self[- ]?employed|"
    r"liberale?|lib|profession liberale|portage(?: salarial)?|b2b|عمل حر",
    "permanent": r"cdi|cdii|din|duree indeterminee|permanente?|indefinite|unlimited|titulaire|"
    r"fonctionnaire|regular|unbefristet|دايم|غير محدد المده",
    "fixed_term": r"cdd|ddi|dto|duree determinee|fixed[- _]?term|saisonniere?|sai|seasonal|"
    r"contract|"
    r"contractuel\w*|vacataire|"
    r"vacation|anapec|contrat d'insertion|term contract|محدد المده|موقت",
    "other": r"other|autres?|franchise|fra|cce|profession commerciale|rep|mandat|commission(?:ed)?",
}
KIND = {kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)") for kind, words in KINDS.items()}
# A CDI signed with a temp agency is permanent; "duree determinee" stands in "indeterminee" too.
INTERIM_CDI = re.compile(r"cdi[ -]interim\w*")

TITLE = {
    "apprenticeship": re.compile(
        r"(?<!\w)(?:alternan(?:ce|t|te|ts|tes)|apprenti(?:e|s|es|\(e\))?|contrat "
        r"d'apprentissage|en apprentissage|"
        r"apprenticeship|work[- ]?study|contrat pro(?:fessionnalisation)?)(?!\w)"
    ),
    "internship": re.compile(
        r"(?<!\w)(?<!early[ -])(?<!late[ -])(?<!growth[ -])(?<!back)(?:stage(?! (?:manager|"
        r"technician|hand|crew|director|lighting|gate))|"
        r"stagiaires?|internships?|interns?|trainee|pfe|fin d'etudes)(?!\w)"
    ),
    "freelance": re.compile(r"(?<!\w)(?:free[- ]?lances?|independant(?:e|\(e\))?)(?!\w)"),
}
# Who looks after interns and apprentices is not one.
CARETAKER = re.compile(
    r"charge|responsable|tuteur|formateur|gestionnaire|conseill|recruteur|coordinat|coach|referent"
)

FULL = re.compile(
    r"(?<!\w)(?:temps[- ]?(?:plein|complet)|full[- _]?time|plein temps|vollzeit|دوام كامل)(?!\w)"
)
PART = re.compile(
    r"(?<!\w)(?:temps[- ]?partiel|part[- _]?time|mi[- ]?temps|teilzeit|دوام جزيي|half[- "
    r"]?time)(?!\w)"
)
WEEKLY = re.compile(
    r"(?<![\d.,])(\d{1,2})\s?(?:h|heures|hours)(?!ebdo)\s?(\d{2})?(?!\w)|"
    r"(?<![\d.,])(\d{1,2}) ?hrs?(?!\w)"
)
SHARE = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d+)?) ?%")

LEGAL_WEEK_HOURS = 35  # French Labour Code, art. L3121-27; less is part-time (art. L3123-1)
LEAST_WEEK_HOURS, MOST_WEEK_HOURS = 5, 60  # outside, the figure is a day's or a month's


def read_contract(shown: str | None, title: str | None) -> tuple[str | None]:
    """Return one of the kind's contracts (`vigie.model.kinds`); None when nothing says."""
    said = None
    if shown:
        text = fold(shown)
        if INTERIM_CDI.search(text):
            return ("permanent",)
        said = next((kind for kind, words in KIND.items() if words.search(text)), None)
    if title and said in (None, "other", "fixed_term"):
        text = fold(title)
        for kind, words in TITLE.items():
            if words.search(text) and not (kind != "freelance" and CARETAKER.search(text)):
                return (kind,)
    return (said,)


def read_hours(shown: str | None, contract: str | None) -> tuple[str | None]:
    """Return full_time or part_time; None when nothing says, or both do."""
    for source in (shown, contract):
        if not source:
            continue
        text = fold(source)
        full, part = FULL.search(text), PART.search(text)
        if full and part:
            return (None,)
        if full or part:
            return ("full_time" if full else "part_time",)
        if source is not shown:
            continue
        week = WEEKLY.search(text)
        hours = int(week[1] or week[3]) if week else 0
        if LEAST_WEEK_HOURS <= hours <= MOST_WEEK_HOURS:
            return ("full_time" if hours >= LEGAL_WEEK_HOURS else "part_time",)
        share = SHARE.search(text)
        value = read_number(share[1]) if share else None
        if value is not None and 0 < value <= 100:
            return ("full_time" if value == 100 else "part_time",)
    return (None,)


@dataclass(frozen=True)
class Contract:
    """Read ``contract`` and ``hours``."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = per_distinct(
            rows, ["contract_raw", "title"], read_contract, {"contract": pl.String()}
        )
        return per_distinct(rows, ["hours_raw", "contract_raw"], read_hours, {"hours": pl.String()})
