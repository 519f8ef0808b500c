"""What a job ad says of pay, read from its words.

A number is pay only where the text says so: it has a currency, a period or a k beside it, or the
text is nothing but numbers. Hours, months, percentages, bonuses and vouchers are not pay. The
period is the one written beside the amount; two periods with nothing between to choose by are
none. Bounds are what the text says: one figure is both, "plus de" is the lower, "jusqu'à" the
upper.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from vigie.steps.clean.amounts import Amount, amounts_in
from vigie.steps.folding import fold

_PERIODS = {
    "hour": r"horaire|hourly|heures?|hours?|hr|taux h|للساعه|في الساعه|الساعه",
    "day": r"journaliere?|quotidien|daily|jours?|days?|tjm|jr|يوميا|في اليوم|لليوم",
    "week": r"hebdo(?:madaire)?|weekly|semaine|week|wk|اسبوعيا|في الاسبوع",
    "month": r"mensuel(?:le)?|monthly|mois|months?|pcm|mo|mth|شهريا|في الشهر|للشهر",
    "year": r"annuel(?:le|lement)?|annual(?:ly)?|yearly|annum|annee|ans?(?! ?(?:hour|heure))|"
    r"years?|yr|p\.?a\.?|"
    r"سنويا|في "
    r"السنه",
}
_SHORT = {"h": "hour", "j": "day", "d": "day", "m": "month", "y": "year", "a": "year"}
PERIOD = re.compile(
    "|".join(rf"(?P<{name}>(?<!\w)(?:{words})(?!\w))" for name, words in _PERIODS.items())
    + r"|[/](?:\s?)(?P<short>[hjdmya])\b"
)  # fmt: skip

# "sur 13 mois", "x 13,5", "13e mois", "13 months": how many months are paid a year.
MONTHS = re.compile(
    r"(?:sur|x|\*|en|over)\s?(1[2-9](?:[.,]\d{1,2})?)\s?(?:mois|months|mensualites)?\b(?!\s?(?:h|%|k|€|eur|000))|"
    r"\b(1[2-9](?:[.,]\d{1,2})?)\s?(?:mois|months|mensualites)\b|\b(1[3-6])\s?(?:e|eme)\s?mois"
)
# Working time and durations: "35 heures par semaine", "35h00/hebdo", "80 %", "3 ans", "5 jours".
NOT_MONEY = re.compile(
    r"(?<!\d)\d+(?:[.,]\d+)?\s?(?:%|h(?:eures?)?\d{0,2}\s?(?:/|par|per|a la)?\s?(?:semaine|week|"
    r"hebdo\w*|mois|sem\b)|"
    r"hours?\s?(?:/|per|a)?\s?(?:week|month|day)\w*|h\d{2}\b|h\b|heures?\b|hours?\b|"
    r"ans?\b(?!\s?(?:hour|heure))|years?\b(?! salary)|"
    r"jours?\b|days?\b|mois\b|months?\b|weeks?\b|semaines?\b|eme\b|e mois|postes?\b)"
)
# Amounts beside these are something other than the pay itself.
EXTRA = re.compile(
    r"prime|bonus|ticket|panier|cheque|variable|commission|indemnit|mutuelle|sign[- ]?on|"
    r"equity|stock|"
    r"allowance|relocation|parrainage|cooptation|participation|interessement|transport|repas|teletravail"
)
GROSS = re.compile(r"\bbruts?\b|\bgross\b|خام")
NET = re.compile(r"\bnets?\b|صافي")
AT_LEAST = re.compile(
    r"(?:plus d[e']|a partir de?|des|from|minimum|mini?|min\.?|au moins|starting(?: at)?|"
    r"superieur a|more than|over|>=?|اكثر من|ابتداء من)\s?:?\s?(?:[€$£]\s?)?$"
)
AT_MOST = re.compile(
    r"(?:jusqu'?a|up to|maximum|maxi?|max\.?|moins de|inferieur a|less than|under|<=?|اقل من|"
    r"حتي)\s?:?\s?(?:[€$£]\s?)?$"
)
AT_LEAST_AFTER = re.compile(
    r"\s?(?:\+\s?(?:$|[/(])|et plus|and up|or more|minimum\b|mini?\b|min\b|ou plus)"
)
AT_MOST_AFTER = re.compile(r"\s?(?:maximum\b|maxi?\b|max\b)")
JOIN = re.compile(
    r"\s?(?:(?:€|eur|euros?|dhs?|mad|usd|gbp|k)?\s?(?:bruts?|nets?|gross)?\s?(?:/|par|per|a|an)?\s?(?:h|hr|heure|hour|jour|day|mois|month|an|year|yr|mo|annum)?)?\s?"
    r"(?:-|a|au|et|and|to|~|jusqu'?a|/|>|الي|حتي)\s?(?:de\s|d')?"
)

# A number without currency and period is pay from here on; "13" could be anything.
LEAST_ALONE = 100


@dataclass(frozen=True, slots=True)
class PayText:
    """What one text says; None where it says nothing."""

    low: Decimal | None = None
    high: Decimal | None = None
    currency: str | None = None
    period: str | None = None
    months: float | None = None
    basis: str | None = None


def period_in(text: str) -> str | None:
    """Return the first period that a folded text names."""
    found = PERIOD.search(text)
    if found is None:
        return None
    return _SHORT[found["short"]] if found["short"] else found.lastgroup


def _periods(text: str) -> set[str]:
    return {
        _SHORT[found["short"]] if found["short"] else str(found.lastgroup)
        for found in PERIOD.finditer(text)
    }


def _blank(text: str, pattern: re.Pattern[str]) -> str:
    """Return *text* with what *pattern* finds replaced by as many dots: places stay."""
    return pattern.sub(lambda found: "·" * len(found[0]), text)


def _is_extra(text: str, amount: Amount) -> bool:
    """Whether the words just before or after the amount say that it is not the pay."""
    before = re.split(r"[+;,(|]|\d", text[max(0, amount.start - 30) : amount.start])[-1]
    after = re.split(r"[+;,)|]|\d", text[amount.end : amount.end + 24])[0]
    return (
        EXTRA.search(before) is not None
        or re.match(r"\s?(?:de |d'|in )?(?:\w+[- ])?(?:" + EXTRA.pattern + ")", after) is not None
    )


def _pair(amounts: list[Amount], text: str) -> tuple[Amount, Amount | None]:
    """Return the first range, else the first amount alone."""
    for low, high in pairwise(amounts):
        if JOIN.fullmatch(text[low.end : high.start]):
            return low, high
    return amounts[0], None


def _said(text: str, low: Amount, high: Amount | None) -> str | None:
    """Return the period written beside the amounts: after, else before, else the only one."""
    end = (high or low).end
    after = re.split(r"\d", text[end : end + 40])[0]
    found = period_in(after)
    if found is None and high is not None:
        found = period_in(text[low.end : high.start])
    if found is None:
        for match in PERIOD.finditer(text[: low.start]):  # the last one before
            found = _SHORT[match["short"]] if match["short"] else match.lastgroup
    if found is None:
        rest = _periods(text[end:])
        found = rest.pop() if len(rest) == 1 else None
    return found


@lru_cache(maxsize=16_384)
def read_pay_text(shown: str) -> PayText:
    """Return what *shown* says of pay. Never raises."""
    text = fold(shown)
    found_months = MONTHS.search(text)
    months = None
    if found_months is not None:
        months = float(next(group for group in found_months.groups() if group).replace(",", "."))
        text = _blank(text, MONTHS)
    gross, net = GROSS.search(text), NET.search(text)
    basis = ("gross" if gross else "net") if (gross is None) != (net is None) else None
    bare = _blank(text, NOT_MONEY)
    amounts = [amount for amount in amounts_in(bare) if amount.value > 0]
    if EXTRA.search(text):
        amounts = [amount for amount in amounts if not _is_extra(text, amount)]
    priced = [a for a in amounts if a.currency or a.scaled]
    if not priced and not _periods(bare):
        alone = re.fullmatch(r"[\d\s.,'a·-]+", bare) is not None
        amounts = [amount for amount in amounts if alone and amount.value >= LEAST_ALONE]
    if not amounts:
        return PayText(months=months, basis=basis)
    low, high = _pair(amounts, bare)
    if high is None and priced:
        low = priced[0]
    period = _said(bare, low, high)
    currency = (
        low.currency
        or (high.currency if high else None)
        or next((a.currency for a in amounts if a.currency), None)
    )
    first, last = low.value, high.value if high else None
    if high is not None and last is not None:
        if (high.scaled and not low.scaled and first < 1000) or (
            first < 1000 <= last and first * 1000 <= last
        ):  # "45-55 k€"
            first *= 1000
        return PayText(min(first, last), max(first, last), currency, period, months, basis)
    before, after = bare[: low.start], bare[low.end :]
    if AT_MOST.search(before) or AT_MOST_AFTER.match(after):
        return PayText(None, first, currency, period, months, basis)
    if AT_LEAST.search(before) or AT_LEAST_AFTER.match(after):
        return PayText(first, None, currency, period, months, basis)
    return PayText(first, first, currency, period, months, basis)
