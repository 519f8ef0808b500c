"""Language of any listing; offer and seller of ads."""

import pytest

from vigie.steps.clean.language import read_language
from vigie.steps.clean.offer import read_offer, read_seller

LANGUAGES = (
    ("Développeur Python", "Vous participez à la conception des flux de données.", None, "fr"),
    ("Data Engineer", "You will build and maintain the pipelines of our platform.", None, "en"),
    ("Ingeniero de datos", "Buscamos una persona con experiencia para nuestro equipo.", None, "es"),
    ("شقة للبيع", "شقة جميلة في وسط المدينة قريبة من جميع المرافق", None, "ar"),
    ("شقة", None, None, "ar"),
    ("Appartement à vendre à Casablanca Maarif", None, None, "fr"),
    (
        "Entwickler",
        "Wir suchen für unser Team einen erfahrenen Entwickler mit Kenntnissen.",
        None,
        "und",
    ),
    ("Dev", None, "fr-FR", "fr"),
    ("Dev", None, "English", "en"),
    ("Dev", None, "de", "und"),
    ("Dev", None, None, "und"),
    (None, "https://example.org/the-and-of-you @the #and", None, "und"),
    (None, None, None, "und"),
)


@pytest.mark.parametrize(("title", "text", "declared", "lang"), LANGUAGES)
def test_a_language_is_read_from_enough_words(
    title: str | None, text: str | None, declared: str | None, lang: str
) -> None:
    """Short texts take what the site declares; a language that is not ours is und."""
    assert read_language(title, text, declared) == (lang,)


OFFERS = (
    ("SELL", None, None, "sell"),
    ("RENT", None, None, "rent"),
    ("Appartements, à vendre", None, None, "sell"),
    ("à louer", None, None, "rent"),
    ("Location vacances", None, None, "rent"),
    ("Demande", None, None, "wanted"),
    ("Échange", None, None, "swap"),
    ("Don", None, None, "gift"),
    ("للبيع", None, None, "sell"),
    ("للكراء", None, None, "rent"),
    (None, "Immobilier", "Appartements à louer", "rent"),
    (None, "Ventes et locations", None, None),
    (None, "Voitures d'occasion", None, "sell"),
    (None, "Multimédia", None, None),
    (None, None, None, None),
)


@pytest.mark.parametrize(("shown", "category", "subcategory", "offer"), OFFERS)
def test_an_offer_is_named(
    shown: str | None, category: str | None, subcategory: str | None, offer: str | None
) -> None:
    """The site's own word first, then its category; a category for both says nothing."""
    assert read_offer(shown, category, subcategory) == (offer,)


@pytest.mark.parametrize(
    ("shown", "seller"),
    [
        ("PRIVATE", "private"),
        ("STORE", "professional"),
        ("Particulier", "private"),
        ("Pro", "professional"),
        ("Agence immobilière", "professional"),
        ("unknown", None),
        (None, None),
    ],
)
def test_a_seller_is_a_kind_never_a_name(shown: str | None, seller: str | None) -> None:
    """Private or professional; any other word is unknown."""
    assert read_seller(shown) == (seller,)
