"""The stand-in sites: fast, in each source's real shape, with faults that can be switched."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from vigie import sources
from vigie.demo import Fault, Stage
from vigie.errors import RecordError
from vigie.model.capture import Capture, Query

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(seed=7, now=NOW, jobs=600, ads=600) as served:
        yield served


@pytest.fixture(autouse=True)
def well(stage: Stage) -> None:
    for name in stage.names():
        stage.fail(name, None)


def get(stage: Stage, site: str, path: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(stage.origin(site) + path, headers=headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def captured(stage: Stage, name: str, url: str) -> Capture:
    """Return what *name* answers for its real address *url*."""
    parts = urlsplit(url)
    place = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Authorization": "Bearer demo-x"}
    status, body = get(stage, name, place, **headers)
    return Capture(id="c", at=NOW, source=name, url=url, body=body, run="r", status=status)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("france_travail", {}),
        ("avito_ma", {"via": "pages"}),
        ("avito_ma", {"via": "pages", "details": True}),
        ("marocannonces", {"details": True}),
    ],
)
def test_a_source_reads_its_stand_in(stage: Stage, name: str, settings: dict[str, object]) -> None:
    """Every item of every page is read, in full where the source reads details."""
    source = sources.make(name, settings)
    first = next(source.first(Query()))
    page = captured(stage, name, first.url)
    following = list(source.follow(page))
    pages = [page, captured(stage, name, following[0].url)]

    for one in pages:
        listings = [source.read(item, one) for item in source.items(one)]
        assert listings
        assert all(listing.values["title"] for listing in listings)
        assert all(str(listing.values["url"]).startswith("https://") for listing in listings)
    if settings.get("details"):
        assert source.read(source.items(pages[1])[0], pages[1]).reading == "full"


def test_a_card_and_its_page_agree(stage: Stage) -> None:
    """An ad's card and its own page say the same title, place, price and pictures."""
    source = sources.make("avito_ma", {"via": "pages", "details": True})
    page = captured(stage, "avito_ma", next(source.first(Query())).url)
    cards = {card.native_id: card for card in (source.read(i, page) for i in source.items(page))}
    for request in list(source.follow(page))[:8]:
        own = captured(stage, "avito_ma", request.url)
        full = source.read(source.items(own)[0], own)
        card = cards[full.native_id]
        for name in ("title", "text_raw", "place_raw", "price_raw", "category", "images", "url"):
            assert full.values[name] == card.values[name], name


def test_the_search_api_pages_and_limits(stage: Stage) -> None:
    """Ranges, Content-Range, 200, 204, 206, 400 and 401 are as the API says them."""
    search = "/partenaire/offresdemploi/v2/offres/search"
    signed = {"Authorization": "Bearer demo-x"}

    assert get(stage, "france_travail", search)[0] == 401
    assert get(stage, "france_travail", f"{search}?range=0-149", **signed)[0] == 206
    assert get(stage, "france_travail", f"{search}?range=0-150", **signed)[0] == 400
    assert get(stage, "france_travail", f"{search}?range=3001-3100", **signed)[0] == 400
    assert get(stage, "france_travail", f"{search}?motsCles=zzzz", **signed) == (204, b"")
    status, body = get(stage, "france_travail", f"{search}?motsCles=data&range=0-149", **signed)
    assert status in (200, 206)
    assert all(
        "data" in f"{offer['intitule']} {offer['romeLibelle']} {offer.get('competences')}".lower()
        or "donn" in offer["romeLibelle"].lower()
        for offer in json.loads(body)["resultats"]
    )


def test_pictures_are_served(stage: Stage) -> None:
    """Avito's pictures are found at the address that its ads name, after the rewrite."""
    source = sources.make("avito_ma", {"via": "pages"})
    page = captured(stage, "avito_ma", next(source.first(Query())).url)
    picture = next(
        listing.values["images"][0]  # type: ignore[index]  # a list of addresses
        for listing in (source.read(item, page) for item in source.items(page))
        if listing.values["images"]
    )
    origin = f"https://{urlsplit(str(picture)).netloc}"
    assert stage.rewrite[origin] == stage.origin("avito_ma")

    status, body = get(stage, "avito_ma", urlsplit(str(picture)).path)

    assert status == 200
    assert body.startswith(b"<svg")
    assert get(stage, "avito_ma", "/pictures/999999999999.svg")[0] == 404


def test_faults_are_switched_at_run_time(stage: Stage) -> None:
    """A fault shows after so many pages, so many times, and goes when it is taken back."""
    path = "/categorie/15/Auto-Moto.html"
    stage.fail("marocannonces", Fault(kind="status", status=503, after=1, times=2))
    shown = [get(stage, "marocannonces", path)[0] for _ in range(4)]
    stage.fail("marocannonces", Fault(kind="challenge"))
    challenged = get(stage, "marocannonces", path)[0]
    stage.fail("marocannonces", None)

    assert shown == [200, 503, 503, 200]
    assert challenged == 403
    assert get(stage, "marocannonces", path)[0] == 200
    assert get(stage, "avito_ma", "/robots.txt")[0] == 200


def test_a_day_passes() -> None:
    """After the next visit's changes, yesterday's page can still be shown on demand."""
    with Stage(seed=5, now=NOW, jobs=10, ads=300, only=["marocannonces"]) as served:
        path = "/categorie/15/Auto-Moto.html"
        before = get(served, "marocannonces", path)
        served.next_visit()
        after = get(served, "marocannonces", path)
        served.fail("marocannonces", Fault(kind="yesterday"))

        assert after != before
        assert get(served, "marocannonces", path) == before


def test_one_item_of_a_graphql_answer_is_no_ad(stage: Stage) -> None:
    """As seen on the site: page 3 lists something that is no ad; it costs itself alone."""
    source = sources.make("avito_ma")
    asked = next(source.first(Query()))
    body = (asked.body or b"").replace(b'"number":1', b'"number":3')
    request = urllib.request.Request(  # noqa: S310 - loopback
        stage.origin("avito_ma") + "/graphql", data=body, method="POST"
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
        told = answer.read()
    page = Capture(id="c", at=NOW, source="avito_ma", url=asked.url, body=told, run="r", status=200)

    fates = []
    for item in source.items(page):
        try:
            fates.append(source.read(item, page).kind)
        except RecordError as error:
            fates.append(error.reason)
    assert fates == ["ad"] * 35 + ["not_an_ad"]
