"""Avito: one ad is one listing in all its forms, and nothing of its seller is kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from vigie import sources
from vigie.errors import ConfigError, PageChanged
from vigie.model.capture import Capture, Query
from vigie.model.listing import Listing
from vigie.sources.avito_ma import SOURCE

Make = Callable[..., Capture]
SITE = SOURCE()
CASES = Path(sources.__file__).parent / "avito_ma" / "cases"
GATEWAY = "https://gateway.avito.ma/graphql"


def first_listing(page: Make, case: str) -> Listing:
    body = next((CASES / case).glob("page.*")).read_bytes()
    capture = SITE.scrub(page(body, status=200))
    return SITE.read(SITE.items(capture)[0], capture)


def test_card_ad_page_and_graphql_agree(page: Make) -> None:
    """What a card and a GraphQL answer say of an ad equals what its own page says.

    So the next form that is seen does not look like a change of the ad.
    """
    card, ad, answer = (first_listing(page, name) for name in ("cards", "ad", "graphql"))
    differing = {"posted_raw", "seller_type_raw"}  # "il y a 6 minutes", PRIVATE and private

    for other, own in ((card, differing), (answer, differing | {"text_raw", "price_old_raw"})):
        shared = other.values.keys() & ad.values.keys() - own
        assert {name: other.values[name] for name in shared} == {
            name: ad.values[name] for name in shared
        }
        assert other.native_id == ad.native_id
        assert {"url", "title", "place_raw", "price_raw", "images", "category"} <= shared
    assert answer.values["attributes"] == ad.values["attributes"]
    assert "attributes" not in card.values


def test_graphql_never_asks_for_the_seller() -> None:
    """What is not asked for need not be blanked."""
    (request,) = SITE.first(Query(words="villa", options={"category": "1010", "city": "5"}))
    asked = json.loads(request.body or b"")

    assert request.method == "POST"
    assert asked["variables"]["query"]["filters"]["ad"] == {
        "categoryId": 1010, "location": {"cityIds": [5]}, "text": "villa",
    }  # fmt: skip
    assert "phone" not in asked["query"]
    assert "seller {" not in asked["query"]
    assert dict(request.headers)["Origin"] == "https://www.avito.ma"


def test_what_cannot_be_asked_is_told() -> None:
    """GraphQL takes ids; result pages take no words; unknown options are named."""
    with pytest.raises(ConfigError, match="no id"):
        list(SITE.first(Query(options={"category": "appartements"})))
    with pytest.raises(ConfigError, match="words need"):
        list(SOURCE(via="pages").first(Query(words="villa")))
    with pytest.raises(ConfigError, match="unknown option 'town'"):
        list(SITE.first(Query(options={"town": "5"})))


def answer(number: int, total: int, times: list[str]) -> dict[str, Any]:
    asked = {"filters": {"ad": {}}, "page": {"number": number, "size": 2}}
    details = [{"__typename": "PublishedAd", "listId": str(n), "title": "x", "listTime": time}
               for n, time in enumerate(times)]  # fmt: skip
    told = {"data": {"getListingAds": {"count": {"total": total}, "ads": {"details": details}}}}
    return {
        "body": json.dumps(told).encode(),
        "request_body": json.dumps({"variables": {"query": asked}}).encode(),
        "url": GATEWAY,
        "method": "POST",
    }


def test_following_ends(page: Make) -> None:
    """The next answer is asked until the total, an empty answer, the age or the limit asked."""
    new, old = ["2026-11-20T09:00:00Z"] * 2, ["2026-10-01T09:00:00Z"] * 2

    (following,) = SITE.follow(page(**answer(1, 5, new)))
    assert json.loads(following.body or b"")["variables"]["query"]["page"]["number"] == 2
    assert list(SITE.follow(page(**answer(3, 5, new)))) == []
    assert list(SITE.follow(page(**answer(1, 5, [])))) == []
    assert list(SOURCE(most_pages=1).follow(page(**answer(1, 5, new)))) == []
    since = {"since_hours": "24"}
    assert list(SITE.follow(page(**answer(1, 5, old), note=since))) == []
    assert len(list(SITE.follow(page(**answer(1, 5, [*new, *old]), note=since)))) == 1


def test_details_follow_each_ad_of_a_page(page: Make) -> None:
    """With `details`, cards lead to their ads, new developments do not."""
    body = (CASES / "last_page" / "page.html").read_bytes()
    url = "https://www.avito.ma/fr/maroc/appartements-%C3%A0_vendre?o=3"

    (ad,) = SOURCE(details=True).follow(page(body, status=200, url=url))
    assert ad.url.isascii()
    assert ad.url.endswith("_55000002.htm")


NAME, PHONE = "NOM-CANARI Zéphyrine", "0600010203"
SPELLINGS = [
    NAME, "nom-canari zéphyrine", quote(NAME), "NOM_CANARI_Zéphyrine", "NOM-CANARI Z\\u00e9phyrine",
    "NOM-CANARI&nbsp;Zéphyrine", "NOM-CANARI+Z%C3%A9phyrine",
    "0600010203", "06 00 01 02 03", "06.00.01.02.03", "06-00-01-02-03", "+212600010203",
    "+212 6 00 01 02 03", "00212600010203", "212600010203", "%2B212600010203", "600010203",
    "٠٦٠٠٠١٠٢٠٣", "0600 010 203",
]  # fmt: skip


def page_with(planted: str) -> bytes:
    """Return an ad page that knows its seller and has *planted* in every other place."""
    ad = {
        "listId": "55000001", "subject": f"Villa {planted} !", "price": {"value": 1600010203},
        "description": f"Bonjour,\n{planted}, merci", "seller": {"type": "private", "name": NAME},
        "phone": PHONE, "location": {"city": {"name": "Rabat"}}, "lat": 33.600010203,
    }  # fmt: skip
    script = f'window.dataLayer = [{{"note":"{planted}","ad_id":74000001}}]'
    told = {
        "props": {
            "pageProps": {
                "componentProps": {"adInfo": {"ad": ad}, "breadcrumb": [{"label": planted}]},
                "apolloState": {"X": {"title": planted, "deep": [{"of": [planted]}]}},
                "initialReduxState": {"ad": {"view": {"adInfo": ad}}},
            }
        },
        "scriptLoader": [{"dangerouslySetInnerHTML": {"__html": script}}],
    }
    embedded = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    linked = {"@type": "Product", "offers": {"seller": {"name": NAME, "telephone": PHONE}}}
    return (
        f'<html><head><title>Villa {planted} !</title><meta name="description" '
        f'content="Bonjour {planted}"/><script type="application/ld+json">{json.dumps(linked)}'
        f'</script></head><body><p data-testid="SellerName">{NAME}</p><p>Bonjour {planted}, merci'
        f'</p><a href="tel:{planted}">Appeler</a><img alt="{planted}"/><script>var x = "{planted}"'
        f'</script><script id="__NEXT_DATA__" type="application/json">{embedded}</script></body>'
        "</html>"
    ).encode()


@pytest.mark.parametrize("planted", SPELLINGS)
def test_no_spelling_of_a_seller_survives(planted: str, page: Make) -> None:
    """Wherever and however a page repeats its seller's name or number, it goes; figures stay."""
    scrubbed = SITE.scrub(page(page_with(planted), status=200))

    text = scrubbed.body.decode()
    assert '"value":1600010203' in text  # a price with the same digits
    assert '"lat":33.600010203' in text  # a coordinate
    words = text.replace("1600010203", "").replace("33.600010203", "")
    assert planted not in words
    assert "CANARI" not in words.upper()
    assert PHONE not in words
    assert '"listId":"55000001"' in text
    assert SITE.scrub(scrubbed) == scrubbed
    assert SITE.read(SITE.items(scrubbed)[0], scrubbed).values["place_raw"] == "Rabat"


def test_one_sellers_name_does_not_eat_words_of_other_ads(page: Make) -> None:
    """On a page of many sellers a one-word name goes from its own ad and where it stands alone."""
    body = (CASES / "cards" / "page.html").read_text(encoding="utf-8")
    body = body.replace("NOM-CANARI Vendeuse", "vente").replace("AGENCE-CANARI", "jardin")
    body = body.replace("شقة جميلة", "mise en vente avec jardin")
    scrubbed = SITE.scrub(page(body.encode(), status=200))

    first, second, _ = (SITE.read(item, scrubbed) for item in SITE.items(scrubbed))
    assert first.values["text_raw"] == "Bel appartement, appelez […] au […]."
    assert second.values["text_raw"] == "mise en vente avec […]"
    assert ">vente<" not in scrubbed.body.decode()
    assert ">jardin<" not in scrubbed.body.decode()


def test_a_cut_page_keeps_its_structure_only(page: Make) -> None:
    """Where the data breaks off nobody can tell what is personal: words go, tags stay."""
    body = page_with(f"{NAME} {PHONE}")
    for end in range(0, len(body), 97):
        scrubbed = SITE.scrub(page(body[:end], status=200))
        text = scrubbed.body.decode("utf-8", "replace")
        assert "CANARI" not in text
        assert "06000" not in text
        with pytest.raises(PageChanged):
            SITE.items(scrubbed)
    assert 'data-testid="SellerName"' in text
