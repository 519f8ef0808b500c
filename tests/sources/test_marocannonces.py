"""MarocAnnonces: dates without a year, 72 hours, and what advertisers leave on a page."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from vigie.errors import ConfigError
from vigie.model.capture import Capture, Query
from vigie.sources.marocannonces import SOURCE
from vigie.sources.marocannonces.asking import instant

Make = Callable[..., Capture]
SITE = SOURCE()


@pytest.mark.parametrize(
    ("shown", "hours_ago"),
    [
        ("Aujourd'hui 10:20", 40 / 60),
        ("Hier 11:00", 24),
        ("14 Apr-10:20", None),
        ("20 Nov-11:00", 0),
        ("10 Déc 2024", None),
    ],
)
def test_dates_are_read_in_the_sites_zone(
    shown: str, hours_ago: float | None, at: datetime
) -> None:
    """The site's clock is Casablanca's: at 10:00 UTC it shows 11:00."""
    time = instant(shown, at)

    assert time is not None
    assert hours_ago is None or at - time == timedelta(hours=hours_ago)


def test_a_date_without_a_year_is_the_last_such_day(at: datetime) -> None:
    """In November, "14 Apr" was this year and "14 Déc" last year; nonsense is no date."""
    assert (instant("14 Apr-10:20", at) or at).year == 2026
    assert (instant("14 Déc-10:20", at) or at).year == 2025
    assert instant("31 Feb-10:20", at) is None
    assert instant("bientôt", at) is None


def test_three_categories_are_visited() -> None:
    """Without an option all three categories are asked; an unknown one is told."""
    assert [request.note["category"] for request in SITE.first(Query())] == [
        "Auto-Moto", "Immobilier", "Multimédia",
    ]  # fmt: skip
    (one,) = SITE.first(Query(options={"category": "Immobilier"}, since_hours=24))
    assert one.note == {"category": "Immobilier", "since_hours": "24"}
    with pytest.raises(ConfigError, match="Did you mean Multimédia"):
        list(SITE.first(Query(options={"category": "Multimedia"})))


def listing(*dates: str) -> bytes:
    cards = "".join(
        f'<li><a href="categorie/314/Voitures/annonce/{n}/x.html"><h3>Auto {n}</h3>'
        f'<em class="date">{date}</em></a></li>'
        for n, date in enumerate(dates)
    )
    return f'<ul class="cars-list">{cards}</ul></html>'.encode()


def test_following_stops_when_all_ads_are_older(page: Make) -> None:
    """One recent ad, or one without a date and none older, goes on; all older stops."""
    url = "https://www.marocannonces.com/categorie/15/Auto-Moto.html?bloc=1"

    def following(*dates: str) -> list[str]:
        return [request.url for request in SITE.follow(page(listing(*dates), url=url))]

    second = ["https://www.marocannonces.com/categorie/15/Auto-Moto/2.html?bloc=1"]
    assert following("14 Apr-10:20", "Hier 09:00") == second
    assert following("", "") == second
    assert following("14 Apr-10:20", "10 Nov-09:00") == []


def test_a_phone_for_sale_keeps_its_name(page: Make) -> None:
    """ "Téléphone : Galaxy" is what is sold; "Téléphone : 06…" is whom to call."""
    body = (
        '<html><div class="used-cars"><div class="description"><h1>Galaxy S30</h1>'
        '<div class="block">Téléphone : Galaxy S30, 128 Go</div></div>'
        '<div class="infoannonce"><dl><dt>Téléphone :</dt><dd>0600010203</dd></dl></div>'
        "</div></html>"
    )
    scrubbed = SITE.scrub(page(body.encode())).body.decode()

    assert "Galaxy S30, 128 Go" in scrubbed
    assert "0600010203" not in scrubbed


def test_a_seller_named_like_a_place_does_not_erase_the_place(page: Make) -> None:
    """The name goes from its box; the city of the same name stays."""
    body = (
        '<html><div class="used-cars"><div class="description"><h1>Auto</h1><ul><li>Larache</li>'
        '</ul></div><div class="infoannonce"><dl><dd>Larache</dd></dl></div></div></html>'
    )
    scrubbed = SITE.scrub(page(body.encode())).body.decode()

    assert "<li>Larache</li>" in scrubbed
    assert "<dd>Larache" not in scrubbed
