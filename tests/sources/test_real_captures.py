"""Captured pages and data sets read to the counts that a person took from them."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.model.capture import Capture
from vigie.model.kinds import AD, JOB
from vigie.model.listing import Listing
from vigie.sources.files import choose, header_of

pytestmark = pytest.mark.data

Make = Callable[..., Capture]


def read(site: AnySource, page: Capture) -> list[Listing]:
    return [site.read(item, page) for item in site.items(page)]


def test_avito_pages(data: Path, page: Make) -> None:
    """Eleven pages: 214 items, 182 ads and 27 new developments; five ads are seen in both forms."""
    site = sources.make("avito_ma")
    found: list[Listing] = []
    for path in sorted((data / "captured" / "avito_ma" / "html").glob("*.html")):
        scrubbed = site.scrub(page(path.read_bytes(), status=200))
        assert site.scrub(scrubbed) == scrubbed
        found += read(site, scrubbed)

    assert len(found) == 214
    assert len({listing.native_id for listing in found}) == 209
    developments = [listing for listing in found if listing.values["new_development"]]
    assert len({listing.native_id for listing in developments}) == 27
    seen = Counter(listing.native_id for listing in found)
    twice = {name for name, times in seen.items() if times == 2}
    full = {listing.native_id: listing for listing in found if listing.reading == "full"}
    assert twice == set(full)
    for card in found:
        if card.reading == "card" and card.native_id in twice:
            ad = full[card.native_id]
            shared = card.values.keys() & ad.values.keys() - {"posted_raw", "seller_type_raw"}
            shared &= {field.name for field in AD.shown}
            assert {n: card.values[n] for n in shared} == {n: ad.values[n] for n in shared}


def test_avito_totals_and_next_pages(data: Path, page: Make) -> None:
    """The announced total and the next page are the page's own; the last page leads nowhere."""
    site = sources.make("avito_ma")
    folder = data / "captured" / "avito_ma" / "html"
    url = "https://www.avito.ma/fr/maroc/appartements-%C3%A0_vendre"

    for name, total, following in (
        ("1-2", 47573, [f"{url}?o=2"]),
        ("1359-1360", 47573, [f"{url}?o=1360"]),
        ("1360-1361", 47572, []),
    ):
        body = (folder / f"test_get_next_page_url_{name}.html").read_bytes()
        capture = page(body, url=url, status=200)
        assert site.total(capture) == total
        assert [request.url for request in site.follow(capture)] == following


def test_avito_sellers_are_gone(data: Path, page: Make) -> None:
    """Sellers' own names are in no blanked ad page, nor is the number its data layer keeps."""
    site = sources.make("avito_ma")
    for path in sorted((data / "captured" / "avito_ma" / "html").glob("test_get_attr*.html")):
        capture = page(path.read_bytes(), status=200)
        item = site.items(capture)[0]
        name = item.ad["seller"]["name"].strip()
        text = site.scrub(capture).body.decode()

        assert name not in text
        assert 'ad_phone_number\\":6' not in text
        assert (
            site.read(site.items(site.scrub(capture))[0], capture).values["price_raw"]
            == (site.read(item, capture).values["price_raw"])
        )


def test_france_travail_two_days(data: Path, page: Make) -> None:
    """179 offers, then 178: 18 new, 19 gone; of the common ones, 3 say something else."""
    site = sources.make("france_travail")
    days = []
    for day in ("28", "30"):
        path = data / "captured" / "france_travail" / f"404939_biostatisticien_2024-11-{day}.json"
        found = read(site, site.scrub(page(path.read_bytes())))
        days.append({listing.native_id: listing for listing in found})
    before, after = days

    assert (len(before), len(after)) == (179, 178)
    assert len(after.keys() - before.keys()) == 18
    assert len(before.keys() - after.keys()) == 19
    common = before.keys() & after.keys()
    assert sum(before[name] != after[name] for name in common) == 4
    told = [
        name
        for name in common
        if any(
            before[name].values[field.name] != after[name].values[field.name]
            for field in JOB.shown
            if field.name in before[name].values and field.name != "updated_raw"
        )
    ]
    assert len(told) == 3


@pytest.mark.parametrize(("name", "offers"), [("offres_mixed", 521), ("example_one_offer", 1)])
def test_france_travail_files(name: str, offers: int, data: Path, page: Make) -> None:
    """Saved files of offers read whole, and no contact stays in them."""
    site = sources.make("france_travail")
    path = data / "captured" / "france_travail" / f"{name}.json"
    scrubbed = site.scrub(page(path.read_bytes()))

    assert len(read(site, scrubbed)) == offers
    assert b'"coordonnees1"' not in scrubbed.body
    assert b'"courriel"' not in scrubbed.body


@pytest.mark.parametrize(
    ("file", "source", "rows"),
    [
        ("linkedin_postings_capstone.csv", "linkedin_postings", 1000),
        ("linkedin_ds_canada_2024.csv", "linkedin_ds", 275),
    ],
)
def test_linkedin_files(file: str, source: str, rows: int, data: Path, page: Make) -> None:
    """Both LinkedIn files are recognised and every row is one listing with its own id."""
    path = data / "jobs" / file
    with path.open("rb") as opened:
        assert choose(header_of(opened)) == source
    site = sources.make(source)
    found: list[Listing] = []
    with path.open("rb") as opened:
        for chunk in site.split(opened, file):  # type: ignore[attr-defined]  # a file source's own
            raw = page(chunk.body, note=chunk.note)
            kept = site.scrub(raw)
            assert [one.native_id for one in read(site, raw)] == [
                one.native_id for one in read(site, kept)
            ]
            found += read(site, kept)

    assert len(found) == rows
    assert len({listing.native_id for listing in found}) == rows
    assert all(listing.values["title"] and listing.values["posted_raw"] for listing in found)
