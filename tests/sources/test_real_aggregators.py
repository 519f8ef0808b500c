"""Captured pages of job aggregators, read to what a person finds in them.

What is expected is taken from the raw files by other means than the readers: plain JSON, plain
patterns.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.errors import Blocked, Empty, PageChanged, SourceError
from vigie.model.capture import Capture
from vigie.model.listing import Listing

pytestmark = pytest.mark.data

Make = Callable[..., Capture]


def read(site: AnySource, page: Capture) -> list[Listing]:
    """Return every listing of the page as it is kept: blanked, and blanked but once."""
    scrubbed = site.scrub(page)
    assert site.scrub(scrubbed) == scrubbed
    return [site.read(item, scrubbed) for item in site.items(scrubbed)]


def indeed_cards(body: str) -> list[dict[str, Any]]:
    start = body.index('providerData["mosaic-provider-jobcards"]=')
    data = json.JSONDecoder().raw_decode(body, body.index("{", start))[0]
    cards: list[dict[str, Any]] = data["metaData"]["mosaicProviderJobCardsModel"]["results"]
    return cards


INDEED = "https://hk.indeed.com/jobs?q=software+engineer&start=0"


def test_indeed_search(data: Path, page: Make) -> None:
    """15 cards of 2,498, each with the key, employer and instant that its JSON tells."""
    site = sources.make("indeed")
    body = (data / "captured" / "indeed" / "indeed_search_2023-09-06.html").read_bytes()
    capture = page(body, url=INDEED, status=200)
    raw = indeed_cards(body.decode())

    found = read(site, capture)

    assert site.total(capture) == 2498
    assert [one.native_id for one in found] == [card["jobkey"] for card in raw]
    assert len(found) == 15
    assert [one.values["posted_raw"] for one in found] == [str(card["pubDate"]) for card in raw]
    assert [one.values["company"] for one in found] == [card["company"] for card in raw]
    assert sum(one.values["remote_raw"] == "Remote" for one in found) >= 2
    paid = [one for one in found if one.values["pay_raw"]]
    assert [one.native_id for one in paid] == ["50d2a585c1fbc88b"]
    assert paid[0].values["pay_raw"] == "$20,000 - $35,000 a month"
    assert [request.url for request in site.follow(capture)] == [
        "https://hk.indeed.com/jobs?q=software+engineer&start=10"
    ]


def test_indeed_search_without_its_json(data: Path, page: Make) -> None:
    """The markup tells the same cards as the JSON, and that it was the markup."""
    site = sources.make("indeed")
    body = (data / "captured" / "indeed" / "indeed_search_2023-09-06.html").read_bytes()
    bare = body.replace(b"mosaic-provider-jobcards", b"renamed")

    whole = read(site, page(body, url=INDEED, status=200))
    found = read(site, page(bare, url=INDEED, status=200))

    assert {one.layer for one in whole} == {"state"}
    assert {one.layer for one in found} == {"html"}
    for left, right in zip(whole, found, strict=True):
        assert left.native_id == right.native_id
        for name in ("title", "company", "url"):
            assert left.values[name] == right.values[name]
        place = str(right.values["place_raw"])  # markup may add the district
        assert str(left.values["place_raw"]) in place or place in str(left.values["place_raw"])
    assert sum(bool(one.values["posted_raw"]) for one in found) == 15


def test_indeed_blocks(data: Path, page: Make) -> None:
    """A shield's page is blocked; a browser's own error page came from no site at all."""
    site = sources.make("indeed")
    folder = data / "captured" / "indeed"
    challenge = page((folder / "indeed_2025_c_small.html").read_bytes(), status=200)
    failed = page((folder / "indeed_2025_b.html").read_bytes(), status=200)

    with pytest.raises(Blocked):
        site.items(challenge)
    with pytest.raises(SourceError, match="browser's own error page") as caught:
        site.items(failed)
    assert caught.value.state == "unreachable"
    assert list(site.follow(challenge)) == list(site.follow(failed)) == []


@pytest.mark.parametrize("name", ["talent", "indeed", "wttj", "job_postings", "offers", "feed"])
def test_pages_of_other_sites(name: str, data: Path, page: Make) -> None:
    """A shield's page is blocked for every reader; lists of other sites are none of theirs."""
    site = sources.make(name)
    folder = data / "captured" / "misc"

    for file, error in (
        ("glassdoor_security_block_page", Blocked),
        ("jobfunnel_trying", PageChanged),
        ("linkedin_debug_page", Blocked),  # it wants us to sign in
    ):
        capture = page((folder / f"{file}.html").read_bytes(), status=200)
        with pytest.raises(SourceError) as caught:
            site.items(capture)
        assert type(caught.value) is error


def test_wttj_search_page(data: Path, page: Make) -> None:
    """The search page lists nothing and leads to the search that its script names."""
    site = sources.make("wttj", {"language": "en"})
    body = (data / "captured" / "wttj" / "search_it_us_2024-03.html").read_bytes()
    key = re.findall(rb'"ALGOLIA_API_KEY_CLIENT":"(\w+)"', body)[0].decode()
    app = re.findall(rb'"ALGOLIA_APPLICATION_ID":"(\w+)"', body)[0].decode()
    note = {"words": "it", "window": "-", "country": "US"}
    capture = site.scrub(
        page(body, url="https://www.welcometothejungle.com/en/jobs", status=200, note=note)
    )

    with pytest.raises(Empty):
        site.items(capture)
    (request,) = site.follow(capture)

    assert request.url == f"https://{app.lower()}-dsn.algolia.net/1/indexes/*/queries"
    assert dict(request.headers)["X-Algolia-API-Key"] == key
    assert b'"indexName":"wttj_jobs_production_en"' in (request.body or b"")
    assert key not in f"{request.url} {request.body!r} {request.note}"


def test_wttj_job_page(data: Path, page: Make) -> None:
    """One permanent offer of Massy, which the site puts in Texas: its position is not believed."""
    site = sources.make("wttj")
    body = (data / "captured" / "wttj" / "job_or_listing_2024-03.html").read_bytes()
    (listing,) = read(site, page(body, url="https://www.welcometothejungle.com/x", status=200))

    assert listing.native_id == "96d58415-bb96-44aa-a797-c44892171924"
    assert (listing.reading, listing.layer) == ("full", "json-ld")
    assert str(listing.values["url"]).endswith("_massy")
    assert listing.values["posted_raw"] == "2024-03-07T15:23:40Z"
    assert listing.values["updated_raw"] == "2024-03-07T15:23:42Z"
    assert listing.values["contract_raw"] == "CDI"
    assert listing.values["remote_raw"] == "no"
    assert listing.values["pay_min_raw"] is None
    assert str(listing.values["place_raw"]).startswith("Allen")
    for name in ("lat_raw", "lon_raw", "postal_raw", "country_raw"):
        assert listing.values[name] is None


def test_wttj_job_page_in_either_layer(data: Path, page: Make) -> None:
    """Without one of its two layers the page still reads, under the same id and title."""
    site = sources.make("wttj")
    body = (data / "captured" / "wttj" / "job_or_listing_2024-03.html").read_bytes()
    (whole,) = read(site, page(body))
    (state,) = read(site, page(body.replace(b'"JobPosting"', b'"Thing"')))
    (linked,) = read(
        site, page(body.replace(b"__INITIAL_DATA__", b"x"), note={"native_id": whole.native_id})
    )

    assert [state.layer, linked.layer] == ["state", "json-ld"]
    assert {one.native_id for one in (whole, state, linked)} == {whole.native_id}
    for name in ("title", "company", "posted_raw"):
        assert whole.values[name] == state.values[name] == linked.values[name]


@pytest.mark.parametrize(
    ("file", "ads"),
    [("captured/adzuna/adzuna_fr_2025-06-05.json", 500), ("jobs/adzuna_fr_2025.json", 1150)],
)
def test_adzuna_files(file: str, ads: int, data: Path, page: Make) -> None:
    """Every ad of a saved file reads, with its pay, place and date as they stand there."""
    raw = {ad["id"]: ad for ad in json.loads((data / file).read_bytes())["jobs"]}
    found = read(sources.make("adzuna"), page((data / file).read_bytes(), url=f"file:{file}"))

    assert len(found) == len(raw) == ads
    assert {one.native_id for one in found} == raw.keys()
    for one in found:
        ad = raw[one.native_id]
        low = ad.get("salary_min")
        assert one.values["pay_min_raw"] == (None if low is None else str(low))
        assert one.values["pay_currency_raw"] == (None if low is None else "EUR")
        assert one.values["posted_raw"] == ad["created"]
        assert one.values["place_raw"] == ad["location"]["display_name"]
        assert one.values["company"] == ad["company"].get("display_name")
        assert one.values["contract_raw"] == ad.get("contract_type")
        assert one.values["url"] == f"https://www.adzuna.fr/details/{one.native_id}"
        assert one.reading == "card"


@pytest.mark.parametrize("name", ["adzuna", "job_postings"])
def test_adzuna_landing_page(name: str, data: Path, page: Make) -> None:
    """A saved page of one German ad reads in full, by its own source and by the generic one."""
    body = (data / "captured" / "adzuna" / "adzuna_de_landing.html").read_bytes()
    url = "https://www.adzuna.de/details/4551219643"
    (listing,) = read(sources.make(name), page(body, url=url, status=200))

    assert listing.native_id in ("4551219643", url)
    assert (listing.reading, listing.layer) == ("full", "json-ld")
    assert listing.values["postal_raw"] == "48565"
    assert listing.values["contract_raw"] == "PART_TIME"
    assert listing.values["expires_raw"] == "2024-03-24T07:01:05"
    assert listing.values["url"] == url


def test_arbeitnow_list(data: Path, page: Make) -> None:
    """100 ads, 14 of them remote, newest first; the next page is the one that it names."""
    site = sources.make("arbeitnow")
    body = (data / "captured" / "arbeitnow" / "arbeitnow_joblist.json").read_bytes()
    capture = page(body, url="https://www.arbeitnow.com/api/job-board-api?page=1", status=200)
    raw = json.loads(body)["data"]

    found = read(site, capture)

    assert [one.native_id for one in found] == [ad["slug"] for ad in raw]
    assert len({one.native_id for one in found}) == 100
    assert Counter(one.values["remote_raw"] for one in found) == {"Remote": 14, None: 86}
    assert [one.values["posted_raw"] for one in found] == [str(ad["created_at"]) for ad in raw]
    assert all(one.values["text_raw"] and one.reading == "full" for one in found)
    assert [request.url for request in site.follow(capture)] == [
        "https://www.arbeitnow.com/api/job-board-api?page=2"
    ]


def test_a_json_feed_of_a_recruiting_system(data: Path, page: Make) -> None:
    """A captured JSON Feed of two offers reads by the generic source, JSON-LD included."""
    body = (data / "captured" / "ats" / "careerkit_teamtailor.json").read_bytes()
    raw = json.loads(body)["items"]
    found = read(sources.make("feed"), page(body, url="https://a.example/jobs.json"))

    assert len(found) == len(raw) == 2
    assert {one.layer for one in found} == {"json-ld"}
    assert [one.native_id for one in found] == [f"a.example:{entry['id']}" for entry in raw]
    assert [one.values["url"] for one in found] == [entry["url"] for entry in raw]
    assert all(one.values["place_raw"] for one in found)
