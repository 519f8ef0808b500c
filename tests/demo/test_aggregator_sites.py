"""Stand-ins of job aggregators and of generic pages: their sources read back what they hold."""

import http.client
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from vigie import sources
from vigie.collect.job import Job, Options
from vigie.collect.run import collect
from vigie.contracts import AnySource
from vigie.demo import Fault, Stage
from vigie.errors import Empty, PageChanged, SourceError
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.spool.files import FileSpool
from vigie.store import StoreAgenda, open_store

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
JOBS, ADS = 450, 260
NAMES = (
    "talent", "wttj", "indeed", "adzuna", "arbeitnow", "hn_who_is_hiring", "feed", "job_postings",
    "offers",
)  # fmt: skip
MOST_PAGES = 1200

Item = tuple[Capture, Listing]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(seed=7, now=NOW, jobs=JOBS, ads=ADS, only=NAMES) as served:
        yield served


@pytest.fixture(autouse=True)
def well(stage: Stage) -> None:
    for name in stage.names():
        stage.fail(name, None)


class Reader:
    """Asks a stand-in as a collector does: signed where the source logs in, each page once."""

    def __init__(self, stage: Stage, name: str, site: AnySource) -> None:
        self.name, self.site = name, site
        self.pages = 0
        self._host = urlsplit(stage.origin(name)).netloc
        made = sources.login_class(name)
        self._login = made(app_id="demo", app_key="demo") if made else None
        self._origins = {real for real, at in stage.rewrite.items() if at == stage.origin(name)}

    def ask(self, request: Request) -> Capture:
        asked = request
        if self._login is not None:
            letter = self._get(self._login.request())
            asked = self._login.sign(request, letter)
        page = self._get(asked)
        note = request.note
        return self.site.scrub(
            Capture(
                id="c", at=NOW, source=self.name, url=request.url, body=page.body, run="r",
                status=page.status, method=request.method, note=note, request_body=request.body,
            )
        )  # fmt: skip

    def _get(self, request: Request) -> Capture:
        parts = urlsplit(request.url)
        assert f"{parts.scheme}://{parts.netloc}" in self._origins
        assert request.url.isascii()
        place = parts.path + (f"?{parts.query}" if parts.query else "")
        with closing(http.client.HTTPConnection(self._host)) as connection:
            connection.request(request.method, place, request.body, dict(request.headers))
            answer = connection.getresponse()
            body = answer.read()
        return Capture(
            id="c", at=NOW, source=self.name, url=request.url, body=body, run="r",
            status=answer.status,
        )  # fmt: skip

    def read_all(self, query: Query) -> list[Item]:
        """Return every listing of *query*, with the page it was read from."""
        queue = deque(self.site.first(query))
        seen = {(request.method, request.url, request.body) for request in queue}
        found: list[Item] = []
        while queue:
            page = self.ask(queue.popleft())
            self.pages += 1
            assert self.pages < MOST_PAGES, "it never ends"
            with suppress(Empty):
                found += [(page, self.site.read(item, page)) for item in self.site.items(page)]
            for request in self.site.follow(page):
                key = (request.method, request.url, request.body)
                if key not in seen:
                    seen.add(key)
                    queue.append(request)
        return found


@pytest.mark.parametrize("name", NAMES)
def test_a_source_reads_back_all_that_its_stand_in_holds(stage: Stage, name: str) -> None:
    """Every listing is read once under an id of its own, and the way through the pages ends."""
    site = sources.make(name)
    query = site.example if name in ("feed", "job_postings", "offers") else Query(name="all")

    found = Reader(stage, name, site).read_all(query)

    ids = {listing.native_id for _, listing in found}
    held = len(stage.world.ads) if name == "offers" else len(stage.world.jobs)
    assert len(ids) == held
    assert {listing.kind for _, listing in found} == {site.kind}
    assert all(listing.values["title"] for _, listing in found)
    assert all(str(listing.values["url"]).startswith("https://") for _, listing in found)


@pytest.mark.parametrize("name", ["wttj", "hn_who_is_hiring"])
def test_more_than_a_search_gives_is_read_in_parts(name: str) -> None:
    """A list of 2,600 is read whole although no answer gives more than 1,000."""
    with Stage(seed=3, now=NOW, jobs=2600, ads=1, only=[name]) as served:
        found = Reader(served, name, sources.make(name)).read_all(Query(name="all"))

        assert len({listing.native_id for _, listing in found}) == len(served.world.jobs) > 2600


@pytest.mark.parametrize("name", ["talent", "wttj", "indeed"])
def test_a_card_and_its_page_tell_of_one_offer(stage: Stage, name: str) -> None:
    """With details, every card is read in full as well, under the same id, title and place."""
    site = sources.make(name, {"details": True})

    found = [listing for _, listing in Reader(stage, name, site).read_all(Query(words="data"))]

    cards = {one.native_id: one for one in found if one.reading == "card"}
    full = {one.native_id: one for one in found if one.reading == "full"}
    assert cards
    assert cards.keys() == full.keys()
    for native_id, card in cards.items():
        assert full[native_id].values["title"] == card.values["title"]
        assert full[native_id].values["url"] == card.values["url"]
        assert full[native_id].values["text_raw"]
        shown = card.values["place_raw"]
        assert shown is None or str(shown).split(",")[0] in str(full[native_id].values["place_raw"])


@pytest.mark.parametrize("name", [n for n in NAMES if sources.make(n).sentinel is not None])
def test_the_sentinel_finds_nothing(stage: Stage, name: str) -> None:
    """A question whose honest answer is nothing gets that answer, and no error."""
    site = sources.make(name)
    assert site.sentinel is not None

    assert Reader(stage, name, site).read_all(site.sentinel) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_layout_is_seen(stage: Stage, name: str) -> None:
    """Without what its reader holds on to, a page is changed: never empty, never misread."""
    site = sources.make(name)
    query = site.example if name in ("feed", "job_postings", "offers") else Query(name="all")
    stage.fail(name, Fault(kind="layout_changed"))

    with pytest.raises(PageChanged):
        Reader(stage, name, site).read_all(query)


@pytest.mark.parametrize("name", NAMES)
def test_a_challenge_is_blocked(stage: Stage, name: str) -> None:
    """A shield's page is a refusal, whatever was asked for."""
    site = sources.make(name)
    reader = Reader(stage, name, site)
    request = next(site.first(site.example))
    if name != "adzuna":  # there the login meets it first
        stage.fail(name, Fault(kind="challenge"))
        page = reader.ask(request)
        with pytest.raises(SourceError) as caught:
            site.items(page)
        assert caught.value.state == "blocked"
        assert list(site.follow(page)) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_person_is_in_a_spooled_page(stage: Stage, name: str) -> None:
    """Recruiters, sellers, authors and phones of the invented world are in no scrubbed page."""
    site = sources.make(name)
    query = Query(words="data") if site.sentinel is not None else site.example
    people = {job.recruiter for job in stage.world.jobs} | {ad.seller for ad in stage.world.ads}
    phones = {job.phone for job in stage.world.jobs}
    if name == "offers":  # ads name their sellers in the text too, where no field tells them
        people = {ad.seller for ad in stage.world.ads if ad.seller not in ad.text}

    for page, _ in Reader(stage, name, site).read_all(query)[::37]:
        text = page.body.decode()
        assert not any(phone in text for phone in phones)
        assert "camille_fictif" not in text
        if name != "offers":
            assert not any(f'"{person}"' in text or f">{person}<" in text for person in people)


def test_credentials_are_in_no_spooled_byte(stage: Stage, tmp_path: Path) -> None:
    """Adzuna's keys travel in addresses: the collector asks with them and keeps none of them."""
    spool = FileSpool(tmp_path / "spool")
    store = open_store(f"sqlite:///{tmp_path / 'vigie.db'}")
    login = sources.login_class("adzuna")
    assert login is not None
    job = Job(
        name="adzuna", source=sources.make("adzuna"), watch="w", queries=(Query(name="all"),),
        login=login(app_id="planted-id", app_key="planted-key"),
    )  # fmt: skip
    options = Options(
        pause_seconds=0.0, allow_hosts=stage.allow_hosts, rewrite=stage.rewrite, timeout_seconds=5.0
    )

    (report,) = collect([job], spool, StoreAgenda(store.database), options)
    spool.close()
    store.close()

    entries = [one for _, batch in FileSpool(tmp_path / "spool").read("t", {}) for one in batch]
    assert report.listed == len(stage.world.jobs)
    assert len(entries) == report.pages + 1
    assert "planted" not in repr(entries)
    assert any("app_key=planted-key" in asked.query for asked in stage.asked("adzuna"))


def test_unknown_addresses_are_not_found(stage: Stage) -> None:
    """A stand-in answers 404 for what its site does not have."""
    for name in NAMES:
        host = urlsplit(stage.origin(name)).netloc
        with closing(http.client.HTTPConnection(host)) as connection:
            connection.request("GET", "/no/such/page")
            assert connection.getresponse().status == 404


def test_the_search_of_wttj_needs_its_key(stage: Stage) -> None:
    """Without the key that the search page tells, the search refuses and the source is blocked."""
    site = sources.make("wttj")
    reader = Reader(stage, "wttj", site)
    page = reader.ask(next(site.first(Query(words="data"))))
    (search,) = site.follow(page)
    refused = reader.ask(Request(url=search.url, method="POST", body=search.body, note=search.note))

    with pytest.raises(SourceError) as caught:
        site.items(refused)
    assert caught.value.state == "blocked"
    key = dict(search.headers)["X-Algolia-API-Key"]
    assert key not in search.url
    assert key.encode() not in (search.body or b"")
    assert key not in str(search.note)
    assert key.encode() not in reader.ask(search).body
