"""Pay of a job: bounds, currency, period, months and basis, and what that makes per year.

Figures that the site gives apart (``pay_min_raw``…) win over its text; the text fills what is
missing. The yearly figure exists only where the period is known and the figure is believable at
it: some forms say "Mensuel de 34000 Euros" for a yearly pay, and a wrong year is worse than none.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import polars as pl

from vigie.model.fields import Type
from vigie.model.frames import DTYPES
from vigie.steps.clean.amounts import CURRENCIES, MOST, amounts_in, money
from vigie.steps.clean.pay_text import PayText, period_in, read_pay_text
from vigie.steps.distinct import per_distinct
from vigie.steps.folding import fold, fold_often

PER_YEAR = {
    # 35 h/week (French Labour Code, art. L3121-27) x 52 paid weeks. Not the 1607 h of art.
    # L3121-41: those are hours worked, and paid leave is paid.
    "hour": 1820,
    # The most days of a yearly working-time agreement in days (Labour Code, art. L3121-64).
    "day": 218,
    # Weeks of a year, paid leave included.
    "week": 52,
    # Pay is monthly (Labour Code, art. L3242-1); more months only where the text says so.
    "month": 12,
    "year": 1,
}

# Believable pay at each period, in euros and currencies of its size. Lower: an apprentice's pay
# (27 % of the minimum wage, Labour Code art. D6222-26) with room below; upper: ten times the last
# percentile of full-time pay in INSEE's "Salaires dans le secteur privé", with room above.
BELIEVABLE = {
    "hour": (3, 500),
    "day": (20, 5_000),
    "week": (50, 10_000),
    "month": (200, 25_000),
    "year": (2_000, 1_500_000),
}
OF_THE_EURO_S_SIZE = frozenset(("EUR", "USD", "GBP", "CHF", "CAD", "AUD"))

COLUMNS = ["pay_raw", "pay_min_raw", "pay_max_raw", "pay_currency_raw", "pay_period_raw"]
OUTPUTS = {
    "pay_min": DTYPES[Type.MONEY],
    "pay_max": DTYPES[Type.MONEY],
    "pay_currency": DTYPES[Type.TEXT],
    "pay_period": DTYPES[Type.ENUM],
    "pay_months": DTYPES[Type.NUMBER],
    "pay_basis": DTYPES[Type.ENUM],
    "pay_year_min": DTYPES[Type.MONEY],
    "pay_year_max": DTYPES[Type.MONEY],
}

Pay = tuple[
    Decimal | None, Decimal | None, str | None, str | None, float | None, str | None,
    Decimal | None, Decimal | None,
]  # fmt: skip
NOTHING = PayText()


def currency_of(shown: str | None) -> str | None:
    """Return the ISO 4217 code that *shown* names by code, sign or word; None for any other."""
    if shown is None:
        return None
    name = fold_often(shown[:40])
    if name in CURRENCIES:
        return CURRENCIES[name]
    return name.upper() if len(name) == 3 and name.isascii() and name.isalpha() else None


def _figure(shown: str | None) -> Decimal | None:
    """Return the one amount that a structured field holds."""
    if shown is None or len(shown) > 60:
        return None
    found = amounts_in(fold(shown))
    return found[0].value if len(found) == 1 else None


def _per_year(
    bound: Decimal | None, currency: str | None, period: str | None, months: float | None
) -> Decimal | None:
    if bound is None or period is None:
        return None
    least, most = BELIEVABLE[period]
    if currency in OF_THE_EURO_S_SIZE and not least <= bound <= most:
        return None
    paid = Decimal(str(months)) if period == "month" and months else Decimal(PER_YEAR[period])
    return money(bound * paid) if bound * paid <= MOST else None


def read_pay(
    shown: str | None,
    low_shown: str | None,
    high_shown: str | None,
    currency_shown: str | None,
    period_shown: str | None,
) -> Pay:
    """Return (min, max, currency, period, months, basis, year min, year max) of a pay.

    Amounts are exact to the cent, never zero, None when unknown or larger than what is storable.
    The bounds are in order. A currency or period without an amount says nothing and is None.
    """
    text = read_pay_text(shown) if shown else NOTHING
    low, high = _figure(low_shown), _figure(high_shown)
    low, high = money(low), money(high)
    if low is None and high is None:
        low, high = money(text.low), money(text.high)
    if low is None and high is None:
        return None, None, None, None, None, None, None, None
    if low is not None and high is not None and low > high:
        low, high = high, low
    currency = currency_of(currency_shown) or text.currency
    period = (period_in(fold_often(period_shown[:60])) if period_shown else None) or text.period
    yearly = [_per_year(bound, currency, period, text.months) for bound in (low, high)]
    if None in yearly and low is not None and high is not None:
        yearly = [None, None]  # half a range would compare as the whole
    return low, high, currency, period, text.months, text.basis, yearly[0], yearly[1]


@dataclass(frozen=True)
class ReadPay:
    """Read the pay fields of a job from its text and its structured figures."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        return per_distinct(rows, COLUMNS, read_pay, OUTPUTS)
