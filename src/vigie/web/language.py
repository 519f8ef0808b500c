"""Languages of the pages: which one a visitor reads, its catalogue, its numbers and dates.

Catalogues are gettext `.po` files, compiled when the site starts: there is no compiled copy that
could be older than its text. Numbers, money and instants come wrapped in `<data>`, `<time>` or
`<bdi>`: within right-to-left text "100 000" would otherwise read "000 100".
"""

import gettext
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from markupsafe import Markup

CODES: Final = ("fr", "en")
FOLDER: Final = Path(__file__).parent / "locale"

# What people write where the currency is used, where that differs from Unicode's own tables.
_SYMBOLS: Final = {"MAD": "DH"}
_DAY_PRECISIONS: Final = frozenset({"day", "week", "month", "year"})


def _catalogue(code: str) -> gettext.GNUTranslations:
    path = FOLDER / code / "LC_MESSAGES" / "vigie.po"
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Language:
    """One language: its words and its ways of writing numbers, money and time."""

    def __init__(self, code: str, zone: tzinfo | None = None) -> None:
        self.code = code
        self.locale = Locale.parse(code)
        self.direction = self.locale.text_direction
        self.name = self.locale.get_display_name(code) or code
        self.zone = zone
        """Zone that instants are shown in; None: the machine's own."""
        words = _catalogue(code)
        self.gettext, self.ngettext = words.gettext, words.ngettext
        self.pgettext, self.npgettext = words.pgettext, words.npgettext
        self.money_text = lru_cache(4096)(self._money_text)

    def number_text(self, value: float | Decimal) -> str:
        return format_decimal(value, locale=self.locale)

    def number(self, value: float | Decimal | None) -> Markup:
        """Return ``<data value="1284">1 284</data>``; a dash for what is not known."""
        if value is None:
            return Markup("–")
        return Markup('<data value="{}">{}</data>').format(value, self.number_text(value))

    def percent(self, share: float | None, *, signed: bool = False) -> Markup:
        """Return a share (0..1) as per cent; with its sign when *signed*."""
        if share is None:
            return Markup("–")
        text = format_percent(share, locale=self.locale)
        return Markup("<bdi>{}</bdi>").format(f"+{text}" if signed and share > 0 else text)

    def _money_text(self, amount: Decimal, currency: str | None) -> str:
        whole = amount == amount.to_integral_value()
        if currency is None:
            return format_decimal(amount, locale=self.locale)
        if symbol := _SYMBOLS.get(currency):
            return f"{format_decimal(amount, locale=self.locale)}\u00a0{symbol}"
        pattern = self.locale.currency_formats["standard"].pattern
        return format_currency(
            amount, currency, format=pattern.replace(".00", "") if whole else pattern,
            locale=self.locale, currency_digits=False,
        )  # fmt: skip

    def money(self, amount: Decimal | None, currency: str | None) -> Markup:
        """Return an amount in its currency; a dash when it is not known."""
        if amount is None:
            return Markup("–")
        text = self.money_text(amount, currency)
        return Markup('<data value="{}"><bdi>{}</bdi></data>').format(amount, text)

    def span(self, low: Decimal | None, high: Decimal | None, currency: str | None) -> Markup:
        """Return a range of amounts; one bound alone says "from" or "up to"."""
        if low is not None and high is not None and low != high:
            pattern = self.locale.currency_formats["standard"].pattern
            before = pattern.startswith("¤") and currency not in _SYMBOLS
            bare = self.money_text(low, currency if before else None)
            return Markup("<bdi>{} – {}</bdi>").format(bare, self.money_text(high, currency))
        if high is None and low is not None:
            text = self.gettext("from %(amount)s")
            return Markup("<bdi>{}</bdi>").format(text % {"amount": self.money_text(low, currency)})
        if low is None and high is not None:
            text = self.gettext("up to %(amount)s")
            shown = self.money_text(high, currency)
            return Markup("<bdi>{}</bdi>").format(text % {"amount": shown})
        return self.money(low, currency)

    def local(self, when: datetime) -> datetime:
        return when.astimezone(self.zone)

    def _day(self, when: datetime, precision: str | None) -> date:
        if precision in _DAY_PRECISIONS:
            # A date without a time was read as midnight in the site's zone. Twelve hours later
            # it is the same day in UTC, whatever that zone is (but the Pacific's far ends).
            return (when + timedelta(hours=12)).astimezone(UTC).date()
        return self.local(when).date()

    def exact_text(self, when: datetime, precision: str | None = None) -> str:
        """Return the instant in words, no more exact than *precision*."""
        if precision in _DAY_PRECISIONS:
            day = self._day(when, precision)
            if precision == "year":
                return str(day.year)
            if precision == "month":
                return format_date(day, "LLLL y", locale=self.locale)
            return format_date(day, "long", locale=self.locale)
        local = self.local(when)
        text = format_datetime(local, "d MMMM y HH:mm", locale=self.locale)
        return f"{text} {local.tzname() or ''}".strip()

    def ago_text(self, when: datetime, now: datetime, precision: str | None = None) -> str:
        """Return the age in words; in days when no hour is known, a date beyond a month."""
        if precision in {"month", "year"}:
            return self.exact_text(when, precision)
        if precision in _DAY_PRECISIONS:
            days = (self.local(now).date() - self._day(when, precision)).days
            if days <= 0:
                return self.gettext("today")
            if days == 1:
                return self.gettext("yesterday")
            age = timedelta(days=days)
        else:
            age = now - when
        if age >= timedelta(days=31):
            return format_date(self._day(when, precision), "d MMM y", locale=self.locale)
        if age < timedelta(minutes=1):
            return self.gettext("just now")
        return format_timedelta(
            -age, add_direction=True, threshold=1.2, format="short", locale=self.locale
        )

    def ago(self, when: datetime | None, now: datetime, precision: str | None = None) -> Markup:
        """Return the age, its exact instant in `title` and `datetime`; a dash when unknown."""
        if when is None:
            return Markup("–")
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            _machine(when), self.exact_text(when, precision), self.ago_text(when, now, precision)
        )

    def exact(self, when: datetime | None, precision: str | None = None) -> Markup:
        """Return the instant in words; a dash when unknown."""
        if when is None:
            return Markup("–")
        return Markup('<time datetime="{}">{}</time>').format(
            _machine(when), self.exact_text(when, precision)
        )


def _machine(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def choose(asked: str | None, cookie: str | None, accepts: str | None, usual: str) -> str:
    """Return the language of a page: as asked, else the cookie, else the browser, else *usual*."""
    for wanted in (asked, cookie):
        if wanted in CODES:
            return wanted
    return negotiate_locale(_preferred(accepts or ""), list(CODES), sep="-") or usual


def _preferred(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, most wanted first."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag and tag != "*" and quality > 0 and tag.replace("-", "").isalnum():
            ranked.append((-quality, place, tag))
    return [tag for _, _, tag in sorted(ranked)]


def languages(zone: tzinfo | None = None) -> Mapping[str, Language]:
    """Return every language of the pages by its code."""
    return {code: Language(code, zone) for code in CODES}
