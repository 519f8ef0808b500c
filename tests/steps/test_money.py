"""Pay of jobs and prices of ads."""

from decimal import Decimal

import pytest

from tests.steps.rows import refine
from vigie.steps.clean.amounts import read_number
from vigie.steps.clean.pay import read_pay
from vigie.steps.clean.price import asked_price

NUMBERS = (
    ("1 801,80", "1801.80"), ("12.500,00", "12500.00"), ("1,298.00", "1298.00"),
    ("35000.0", "35000.0"),
    ("12,5", "12.5"), ("12.500", "12500"), ("12,500", "12500"), ("0.500", "0.500"),
    ("1'200.50", "1200.50"),
    ("105\u202f000\u202f000", "105000000"), ("1.234.567", "1234567"), ("4,00,000", "400000"),
    ("35000.000", "35000.000"),
)  # fmt: skip


@pytest.mark.parametrize(("written", "value"), NUMBERS)
def test_a_number_is_exact_however_it_is_grouped(written: str, value: str) -> None:
    """French, English, German, Swiss and Indian writing of the same number."""
    assert read_number(written) == Decimal(value)


# text: min, max, currency, period, months, basis
PAYS: tuple[tuple[str, str | None], ...] = (
    ("45-55 k€ brut/an", "45000 55000 EUR year - gross"),
    ("Annuel de 35000,00 Euros à 45000,00 Euros sur 12.0 mois", "35000 45000 EUR year 12 -"),
    ("Annuel de 36000.0 Euros à 55000.0 Euros", "36000 55000 EUR year - -"),
    ("Mensuel de 1 801,80 Euros", "1801.80 1801.80 EUR month - -"),
    ("Mensuel de 2000.0 Euros à 2200.0 Euros sur 13.5 mois", "2000 2200 EUR month 13.5 -"),
    ("Horaire de 12,5 Euros", "12.50 12.50 EUR hour - -"),
    ("Horaire de 11.88 Euros sur 12 mois", "11.88 11.88 EUR hour 12 -"),
    ("3 000 - 4 000 DH", "3000 4000 MAD - - -"),
    ("Plus de 10 000 DH", "10000 - MAD - - -"),
    ("8000dhs", "8000 8000 MAD - - -"),
    ("5000 DH/mois net", "5000 5000 MAD month - net"),
    ("راتب 5000 درهم شهريا", "5000 5000 MAD month - -"),
    ("$50K–$60K a year", "50000 60000 USD year - -"),
    ("£30,000 - £35,000 per annum", "30000 35000 GBP year - -"),
    ("CA$100,000.00-CA$165,000.00", "100000 165000 CAD - - -"),
    ("$101K-$165K (Glassdoor est.)", "101000 165000 USD - - -"),
    ("$18 - $22 an hour", "18 22 USD hour - -"),
    ("$80,000.00/yr - $100,000.00/yr", "80000 100000 USD year - -"),
    ("Up to $45 an hour", "- 45 USD hour - -"),
    ("From $65,000 a year", "65000 - USD year - -"),
    ("£400 per day", "400 400 GBP day - -"),
    ("$120,000 - $150,000 a year + 10% bonus", "120000 150000 USD year - -"),
    ("₹4,00,000 - ₹8,00,000 a year", "400000 800000 INR year - -"),
    ("PLN 15 000 - 20 000 per month", "15000 20000 PLN month - -"),
    ("De 1 800 € à 2 000 € par mois", "1800 2000 EUR month - -"),
    ("à partir de 30 000 € annuel", "30000 - EUR year - -"),
    ("Jusqu'à 3 000 € / mois", "- 3000 EUR month - -"),
    ("40/45K€ selon expérience", "40000 45000 EUR - - -"),
    ("Entre 40K et 50K €", "40000 50000 EUR - - -"),
    ("50-60.000 €", "50000 60000 EUR - - -"),
    ("38-42K€ sur 13 mois", "38000 42000 EUR - 13 -"),
    ("TJM 450 €", "450 450 EUR day - -"),
    ("9,76€ de l'heure", "9.76 9.76 EUR hour - -"),
    ("35h/semaine - 2 100 € brut mensuel", "2100 2100 EUR month - gross"),
    ("30 - 35 K€ brut annuel + variable 5 K€", "30000 35000 EUR year - gross"),
    ("1 767 € / mois sur 12 mois, tickets restaurant 8 €", "1767 1767 EUR month 12 -"),
    ("40000-45000", "40000 45000 - - - -"),
    ("A discuter", None),
    ("selon profil", None),
    ("prime 500 €", None),
    ("$5,000 sign-on bonus", None),
    ("travail 80 %", None),
    ("35 h", None),
    ("2 ans", None),
    ("13", None),
    ("0", None),
    ("0 € par an", None),
    ("Smic évolutif", None),
    ("99999999999999 € par an", None),
)


@pytest.mark.parametrize(("shown", "expected"), PAYS)
def test_pay_is_what_the_text_says(shown: str, expected: str | None) -> None:
    """Bounds, currency, period, months and basis are read; what is not pay is null."""
    low, high, currency, period, months, basis, *_ = read_pay(shown, None, None, None, None)

    if expected is None:
        assert (low, high, currency, period) == (None, None, None, None)
        return
    want = [None if word == "-" else word for word in expected.split()]
    assert low == (None if want[0] is None else Decimal(want[0]))
    assert high == (None if want[1] is None else Decimal(want[1]))
    assert [currency, period] == want[2:4]
    assert months == (None if want[4] is None else float(want[4]))
    assert basis == want[5]


YEARLY = (
    ("Horaire de 12,5 Euros", "22750.00"),
    ("400 € par jour", "87200.00"),
    ("500 € par semaine", "26000.00"),
    ("2 000 € par mois", "24000.00"),
    ("2 000 € par mois sur 13 mois", "26000.00"),
    ("45 k€ par an", "45000.00"),
    ("45 k€", None),
    ("Mensuel de 34000.0 Euros à 41000.0 Euros sur 12.0 mois", None),
    ("Annuel de 1800 Euros", None),
    ("Horaire de 1801 Euros", None),
)


@pytest.mark.parametrize(("shown", "yearly"), YEARLY)
def test_a_year_s_pay_needs_a_period_that_can_be(shown: str, yearly: str | None) -> None:
    """No period, or a figure nobody is paid at that period: no yearly figure."""
    assert read_pay(shown, None, None, None, None)[6] == (Decimal(yearly) if yearly else None)


def test_figures_given_apart_win() -> None:
    """Structured bounds, currency and period are taken before the text's."""
    pay = read_pay("selon profil, 13 mois", "35000.0", "45000", "EUR", "YEARLY")

    assert pay == (
        Decimal("35000.00"), Decimal("45000.00"), "EUR", "year", 13.0, None,
        Decimal("35000.00"), Decimal("45000.00"),
    )  # fmt: skip
    assert read_pay(None, "0", None, "EUR", "year")[:4] == (None, None, None, None)
    assert read_pay(None, "20.5", "18", "$", "HOURLY")[:4] == (
        Decimal("18.00"), Decimal("20.50"), "USD", "hour",
    )  # fmt: skip


PRICES = (
    ("240 000 DH", None, "240000", "MAD"),
    ("105\u202f000\u202f000 DH", None, "105000000", "MAD"),
    ("28 M Cts", None, "280000", "MAD"),
    ("28 millions de centimes", None, "280000", "MAD"),
    ("65 مليون سنتيم", None, "650000", "MAD"),
    ("1,2 M DH", None, "1200000", "MAD"),
    ("850K DH", None, "850000", "MAD"),
    ("12.500,00 MAD", None, "12500", "MAD"),
    ("3500 درهم", None, "3500", "MAD"),
    ("٣٥٠٠ درهم", None, "3500", "MAD"),
    ("120 000 Dhs", None, "120000", "MAD"),
    ("25 000 DH /mois", None, "25000", "MAD"),
    ("A partir de 450 000 DH", None, "450000", "MAD"),
    ("350 000 - 400 000 DH", None, "350000", "MAD"),
    ("3500", "DH", "3500", "MAD"),
    ("3500", None, "3500", None),
    ("€ 12,50", None, "12.50", "EUR"),
    ("$1,298.00", None, "1298", "USD"),
    ("35€ 99", None, "35.99", "EUR"),
    ("US$:12.99", None, "12.99", "USD"),
    ("1 €", None, "1", "EUR"),
    ("à discuter", "DH", None, None),
    ("Gratuit", None, None, None),
    ("0 DH", None, None, None),
    ("1 DH", None, None, None),
    ("99999999999999999 DH", None, None, None),
    ("15.08.2017", None, None, None),
    ("50% OFF", None, None, None),
)


@pytest.mark.parametrize(("shown", "apart", "amount", "currency"), PRICES)
def test_a_price_is_exact_or_null(
    shown: str, apart: str | None, amount: str | None, currency: str | None
) -> None:
    """Null: not shown or to be agreed, never zero; 1 DH only fills the form."""
    assert asked_price(shown, apart) == (Decimal(amount) if amount else None, currency)


def test_prices_reach_their_fields() -> None:
    """Price, currency and struck-out price stand in the ad's fields."""
    row = refine("ad", price_raw="240 000 DH", price_old_raw="260 000 DH")

    assert (row["price"], row["price_currency"]) == (Decimal("240000.00"), "MAD")
    assert row["price_old"] == Decimal("260000.00")
