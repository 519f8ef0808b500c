"""Captured job boards read as a person reads them: counts, ids, dates, places, pay, texts."""

import html
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vigie import sources
from vigie.model.capture import Capture
from vigie.model.listing import Listing
from vigie.steps.clean.instants import read_instant
from vigie.steps.clean.pay import read_pay

pytestmark = pytest.mark.data

Make = Callable[..., Capture]

FILES = {
    "greenhouse": {"careerkit_greenhouse": 2, "mali_greenhouse": 2},
    "lever": {"careerkit_lever": 2, "mali_lever": 3},
    "ashby": {"careerkit_ashby": 2},
    "smartrecruiters": {"careerkit_smartrecruiters": 1, "mali_smartrecruiters": 3},
    "workable": {"careerkit_workable": 1, "mali_workable": 3},
    "recruitee": {"careerkit_recruitee": 2, "mali_recruitee": 3},
    "teamtailor": {"careerkit_teamtailor": 2},
    "personio": {"careerkit_personio": 2},
}
"""Source → its captured boards and how many jobs a person counts in each. Workable's first is one
job in two countries; Personio's repeats its one position."""


def body_of(data: Path, name: str) -> bytes:
    (path,) = (data / "captured" / "ats").glob(f"{name}.*")
    return path.read_bytes()


def read(source: str, body: bytes, page: Make, **parts: Any) -> list[Listing]:
    """Return every job of a kept page; none may be in error."""
    site = sources.make(source)
    kept = site.scrub(page(body, **({"status": 200} | parts)))
    assert site.scrub(kept) == kept
    return [site.read(item, kept) for item in site.items(kept)]


def shown(listings: list[Listing], name: str) -> list[Any]:
    return [listing.values.get(name) for listing in listings]


@pytest.mark.parametrize(
    ("source", "name", "jobs"),
    [(source, name, jobs) for source, files in FILES.items() for name, jobs in files.items()],
)
def test_every_job_of_a_board_is_read(
    source: str, name: str, jobs: int, data: Path, page: Make
) -> None:
    """As many jobs as a person counts, each with its title, and a date that the steps can read."""
    found = read(source, body_of(data, name), page)

    assert len(found) == jobs
    assert all(shown(found, "title"))
    assert all(shown(found, "place_raw"))
    for posted in shown(found, "posted_raw"):
        instant = read_instant(posted, datetime(2026, 11, 20, tzinfo=UTC), "UTC")
        assert instant is not None
        assert 2017 < instant[0].year < 2027
    if source != "personio":  # its pages are addressed by the board, which the file does not name
        assert all(str(url).startswith("https://") for url in shown(found, "url"))


def test_greenhouse(data: Path, page: Make) -> None:
    """Texts are unescaped once; the board's total is more than what the capture was cut to."""
    body = body_of(data, "careerkit_greenhouse")
    raw = json.loads(body)["jobs"]
    found = read("greenhouse", body, page)

    assert [one.native_id for one in found] == [str(job["id"]) for job in raw]
    assert [one.reading for one in found] == ["full", "full"]
    for listing, job in zip(found, raw, strict=True):
        text = str(listing.values["text_raw"])
        assert text.startswith("<div")
        assert "&lt;" not in text
        assert len(text) >= 0.9 * len(html.unescape(job["content"]))
        assert listing.values["place_raw"] == job["location"]["name"]
        assert listing.values["posted_raw"] == job["first_published"]
    assert sources.make("greenhouse").total(page(body)) == 37
    # Without texts, as the API gives a board by default, jobs are cards; all were updated at once.
    cards = read("greenhouse", body_of(data, "mali_greenhouse"), page)
    assert [one.reading for one in cards] == ["card", "card"]
    assert len(set(shown(cards, "updated_raw"))) == 1
    assert len(set(shown(cards, "posted_raw"))) == 2


def test_lever(data: Path, page: Make) -> None:
    """The text holds the lists of requirements; a job of two cities is two postings."""
    body = body_of(data, "careerkit_lever")
    for listing, job in zip(read("lever", body, page), json.loads(body), strict=True):
        text = str(listing.values["text_raw"])
        assert listing.native_id == job["id"]
        for one in job["lists"]:
            assert html.escape(one["text"], quote=False) in text
            assert text.count("<li>") >= one["content"].count("<li>")
        assert text.startswith(job["description"][:40])
        assert text.endswith(job["additional"][-20:])
        assert listing.values["remote_raw"] == "remote"
    several = read("lever", body_of(data, "mali_lever"), page)
    assert len(set(shown(several, "title"))) == 2
    assert len({one.native_id for one in several}) == 3
    assert shown(several, "place_raw") == ["Portugal, Lisbon", "UK, London", "Portugal, Lisbon"]
    assert shown(several, "contract_raw") == ["Full Time"] * 3


def test_ashby(data: Path, page: Make) -> None:
    """One job shows no pay, the other a range a year; a hybrid one is flagged remote as well."""
    found = read("ashby", body_of(data, "careerkit_ashby"), page)

    assert shown(found, "place_raw") == ["Canada", "Toronto, Ontario"]
    assert shown(found, "remote_raw") == ["Remote", "Hybrid"]
    assert shown(found, "pay_min_raw") == [None, "102800"]
    names = ("raw", "min_raw", "max_raw", "currency_raw", "period_raw")
    raw, least, most, *rest = (str(found[1].values[f"pay_{name}"]) for name in names)
    low, high, currency, period, *_ = read_pay(raw, least, most, *rest)
    assert (str(low), str(high)) == ("102800.00", "137000.00")
    assert (currency, period) == ("CAD", "year")
    assert all(len(str(text)) > 3000 for text in shown(found, "text_raw"))


def test_smartrecruiters_lists(data: Path, page: Make) -> None:
    """Cards, with the place's own codes; no creator is kept."""
    body = body_of(data, "careerkit_smartrecruiters")
    (one,) = read("smartrecruiters", body, page)
    creator = json.loads(body)["content"][0]["creator"]["name"].encode()

    assert one.reading == "card"
    assert one.values["postal_raw"] == "63303"
    assert one.values["country_raw"] == "us"
    assert creator not in sources.make("smartrecruiters").scrub(page(body)).body
    found = read("smartrecruiters", body_of(data, "mali_smartrecruiters"), page)
    assert shown(found, "remote_raw") == [None, "hybrid", "remote"]
    assert shown(found, "country_raw") == ["pl", "pl", "cz"]
    assert shown(found, "lat_raw") == ["53.4285438", None, "49.1950602"]


def test_smartrecruiters_pages_and_postings(data: Path, page: Make) -> None:
    """Two lists of three postings in all, each posting followed, its text read from its answer."""
    told = json.loads(body_of(data, "manw_smartrecruiters"))
    site = sources.make("smartrecruiters")
    api = "https://api.smartrecruiters.com/v1/companies/BoschGroup/postings"
    cards: list[Listing] = []
    asked: list[list[str]] = []
    for answer in told["list_pages"]:
        url = f"{api}?limit={answer['limit']}&offset={answer['offset']}"
        body = json.dumps(answer).encode()
        cards += read("smartrecruiters", body, page, url=url)
        capture = page(body, url=url, status=200)
        assert site.total(capture) == 3
        asked.append([request.url for request in site.follow(capture)])

    assert asked[0][-1] == f"{api}?limit=2&offset=2"
    assert asked[0][:-1] + asked[1] == [f"{api}/{native_id}" for native_id in told["details"]]
    full = [
        read("smartrecruiters", json.dumps(answer).encode(), page)[0]
        for answer in told["details"].values()
    ]
    assert {one.native_id for one in full} == {one.native_id for one in cards}
    assert [one.reading for one in full] == ["full"] * 3
    assert [str(one.values["text_raw"]).count("<h3>") for one in full[:2]] == [3, 1]
    assert full[2].values["text_raw"] is None
    assert full[0].values["company_text"]
    by_id = {one.native_id: one for one in cards}
    for one in full:
        for name in ("url", "title", "company", "posted_raw", "place_raw", "contract_raw"):
            assert one.values[name] == by_id[one.native_id].values[name], name


def test_workable(data: Path, page: Make) -> None:
    """One job in two countries is one; an empty city is no city; the board names the employer."""
    (one,) = read("workable", body_of(data, "careerkit_workable"), page)
    assert one.values["place_raw"] == "Spain; Portugal"
    assert one.values["remote_raw"] == "true"
    body = body_of(data, "mali_workable")
    found = read("workable", body, page)
    assert set(shown(found, "company")) == {json.loads(body)["name"]}
    assert shown(found, "place_raw") == ["Poland", "Poznań, Poland", "Poland"]
    widget = json.dumps(json.loads(body_of(data, "manw_workable"))["widget"]).encode()
    full = read("workable", widget, page)
    assert [one.native_id for one in full] == ["ENG123", "OPS456", "DS789"]
    assert [one.reading for one in full] == ["full"] * 3
    assert shown(full, "remote_raw") == ["true", None, None]
    assert shown(full, "occupation_raw") == ["Engineering", "Operations", "Data"]
    assert shown(full, "posted_raw") == ["2026-06-15", "2026-06-10", "2026-06-30"]


def test_recruitee(data: Path, page: Make) -> None:
    """Both parts of the text, pay as the site writes it, the place shown; no mailbox stays."""
    body = body_of(data, "careerkit_recruitee")
    raw = json.loads(body)["offers"]
    found = read("recruitee", body, page)
    for listing, offer in zip(found, raw, strict=True):
        text = str(listing.values["text_raw"])
        assert text.startswith(offer["description"][:60])
        assert text.endswith(offer["requirements"][-60:])
        assert listing.values["pay_min_raw"] == offer["salary"]["min"]
        assert listing.values["pay_period_raw"] == "year"
        assert listing.values["contract_raw"] == "fulltime permanent"
    assert b"masked@example.org" in body
    assert b"masked@example.org" not in sources.make("recruitee").scrub(page(body)).body
    others = read("recruitee", body_of(data, "mali_recruitee"), page)
    assert shown(others, "remote_raw") == ["hybrid", "remote", "hybrid"]
    assert others[1].values["place_raw"] == "Remote job"
    assert shown(others, "pay_min_raw") == [None] * 3


def test_teamtailor(data: Path, page: Make) -> None:
    """The feed names the employer; a job in two cities shows both, codes of neither."""
    found = read("teamtailor", body_of(data, "careerkit_teamtailor"), page)

    assert [one.layer for one in found] == ["json-ld", "json-ld"]
    assert shown(found, "company") == ["Teamtailor", "Teamtailor"]
    assert shown(found, "postal_raw") == ["28010", None]
    assert str(found[0].values["place_raw"]).startswith("Madrid")
    assert [place.split(",")[0] for place in str(found[1].values["place_raw"]).split("; ")] == [
        "Stockholm", "København",
    ]  # fmt: skip


def test_personio(data: Path, page: Make) -> None:
    """The same position twice has one id; all its offices are its place."""
    url = "https://acme.jobs.personio.de/xml"
    found = read("personio", body_of(data, "careerkit_personio"), page, url=url)

    assert {one.native_id for one in found} == {"1834171"}
    assert found[0] == found[1]
    assert shown(found, "place_raw") == ["Munich; Berlin"] * 2
    assert found[0].values["experience_raw"] == "7-10 years; experienced"
    assert found[0].values["company"] == "Acme SE & Co. KG"
    assert found[0].values["url"] == "https://acme.jobs.personio.de/job/1834171"
