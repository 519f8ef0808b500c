"""Job aggregators and generic pages: what their queries may ask, their ends, their limits."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.errors import ConfigError, Empty, PageChanged, RecordError, SourceRefused
from vigie.model.capture import BODY_LIMIT_BYTES, Capture, Query, Request
from vigie.sources import sitemap, webpage
from vigie.sources.adzuna.login import Keys
from vigie.sources.blanking import Blanking
from vigie.sources.hn_who_is_hiring.reading import shown_in

Make = Callable[..., Capture]
BY_ADDRESS = ("feed", "job_postings", "offers")


def asked(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("talent", Query(options={"radius": "5"}), "unknown option 'radius'"),
        ("wttj", Query(place="Lyon"), "neither a country's code"),
        ("wttj", Query(options={"radius_metres": "far"}), "cannot be asked for"),
        ("indeed", Query(options={"fromages": "3"}), "Did you mean fromage"),
        ("adzuna", Query(options={"max_day_old": "3"}), "Did you mean max_days_old"),
        ("arbeitnow", Query(words="data"), "cannot be narrowed"),
        ("hn_who_is_hiring", Query(place="Lyon"), "asks for a place"),
        ("hn_who_is_hiring", Query(options={"story": "newest"}), "Known: story"),
        ("feed", Query(), "needs option url"),
        ("feed", Query(words="data"), "cannot be narrowed"),
        ("job_postings", Query(), "needs option url"),
        ("job_postings", Query(options={"link": "https://a.example/"}), "unknown option 'link'"),
        ("offers", Query(words="x", options={"url": "https://a.example/"}), "asks for words"),
    ],
)
def test_what_cannot_be_asked_is_refused(name: str, query: Query, told: str) -> None:
    """A query that the site would ignore is an error that says so, never everything."""
    with pytest.raises(ConfigError, match=told):
        list(sources.make(name).first(query))


@pytest.mark.parametrize("name", ["talent", "indeed", "adzuna", "wttj"])
@pytest.mark.parametrize("country", ["france", "f/", "../x", "é"])
def test_a_country_is_a_code(name: str, country: str) -> None:
    """A setting never leads to another host."""
    with pytest.raises(ConfigError, match="country"):
        list(sources.make(name, {"country": country}).first(Query(words="x")))


@pytest.mark.parametrize("name", BY_ADDRESS)
@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/feed", "ftp://a.example/feed", "file:///etc/passwd", "//a.example/feed",
        "https://user:s3cret@a.example/feed", "https://user@a.example/feed", "https:///feed",
        "https://a.example/é", "https://a.example/a b", "https://a.example:x/", "javascript:1",
        "https://[::1/", "https://a.example/\n",
    ],
)  # fmt: skip
def test_an_address_is_https_and_names_nobody(name: str, url: str) -> None:
    """What is no plain https address is refused before it is asked, and no secret is shown."""
    if url.endswith("\n"):  # white space around an address is no part of it
        assert next(sources.make(name).first(Query(options={"url": url}))).url == url.strip()
        return
    with pytest.raises(ConfigError, match="cannot be asked for") as caught:
        list(sources.make(name).first(Query(options={"url": url})))
    assert "s3cret" not in str(caught.value)


def test_links_stay_on_their_host(page: Make) -> None:
    """A link to another host, port or scheme leads nowhere."""
    here = page(url="https://a.example/list")

    assert webpage.linked(here, "/b?c=1#d") == "https://a.example/b?c=1"
    for href in (
        "https://b.example/", "http://a.example/", "https://a.example:8443/", "//b.example",
        "https://x@a.example/", "javascript:1", "https://[/", "", None,
    ):  # fmt: skip
        assert webpage.linked(here, href) is None


def test_since_is_asked_for_where_the_site_knows_it() -> None:
    """The last day is asked of the sites that can tell, and such a scan is marked as bounded."""
    query = Query(words="data", since_hours=24)
    first = {
        name: next(sources.make(name).first(query)) for name in ("indeed", "adzuna", "wttj")
    }  # fmt: skip

    assert asked(first["indeed"])["fromage"] == "1"
    assert asked(first["adzuna"])["max_days_old"] == "1"
    assert {request.note["since_hours"] for request in first.values()} == {"24"}


def test_wttj_asks_no_query_of_the_site_itself() -> None:
    """The site's robots.txt closes addresses with a query: none is asked."""
    request = next(sources.make("wttj").first(Query(words="data", place="48.86, 2.35")))

    assert request.url == "https://www.welcometothejungle.com/fr/jobs"
    assert request.note["around"] == "48.86,2.35"


def wttj_search(page: Make, window: str, since: str | None = None) -> Iterator[Request]:
    env = {
        "ALGOLIA_APPLICATION_ID": "ABCDEF12", "ALGOLIA_API_KEY_CLIENT": "0" * 32,
        "ALGOLIA_JOBS_INDEX_PREFIX": "jobs",
    }  # fmt: skip
    note = {"words": "data", "window": window, "country": "FR"}
    return sources.make("wttj").follow(
        page(
            f"<script>window.env = {json.dumps(env)}</script>".encode(),
            url="https://www.welcometothejungle.com/fr/jobs",
            note=note | ({"since_hours": since} if since else {}),
        )
    )


def test_wttj_keeps_the_key_in_a_header(page: Make) -> None:
    """The search's key is in no address, body or note, and goes to the search's host alone."""
    (request,) = wttj_search(page, "-")

    assert urlsplit(request.url).hostname == "abcdef12-dsn.algolia.net"
    assert dict(request.headers)["X-Algolia-API-Key"] == "0" * 32
    assert "0" * 32 not in f"{request.url} {request.body!r} {request.note}"
    assert {name for name, _ in request.headers} <= {
        "Content-Type", "X-Algolia-Application-Id", "X-Algolia-API-Key",
    }  # fmt: skip


def test_wttj_asks_for_windows(page: Make) -> None:
    """A window's ends, a contract and an age become filters of the search."""
    whole, part = wttj_search(page, "1700000000- 1600000000-1600000000-vie", since=None)
    (aged,) = wttj_search(page, "-", since="24")

    def params(request: Request) -> dict[str, list[str]]:
        return parse_qs(json.loads(request.body or b"")["requests"][0]["params"])

    assert params(whole)["numericFilters"] == ['["published_at_timestamp>=1700000000"]']
    assert params(part)["facetFilters"] == ['["offices.country_code:FR","contract_type:vie"]']
    yesterday = int(page().at.timestamp()) - 86_400
    assert params(aged)["numericFilters"] == [f'["published_at_timestamp>={yesterday}"]']


@pytest.mark.parametrize(
    "env",
    [
        {"ALGOLIA_APPLICATION_ID": "evil.example/", "ALGOLIA_API_KEY_CLIENT": "0" * 32},
        {"ALGOLIA_APPLICATION_ID": "ABCDEF12", "ALGOLIA_API_KEY_CLIENT": "a\r\nX-Other: 1" * 3},
        {"ALGOLIA_APPLICATION_ID": "ABCDEF12"},
    ],
)
def test_wttj_follows_no_forged_access(env: dict[str, str], page: Make) -> None:
    """What does not look like a name and a key leads nowhere: the page has changed."""
    site = sources.make("wttj")
    told = json.dumps(env | {"ALGOLIA_JOBS_INDEX_PREFIX": "jobs"})
    forged = page(f"<script>window.env = {told}</script>".encode(), note={"window": "-"})

    assert list(site.follow(forged)) == []
    with pytest.raises(PageChanged):
        site.items(forged)


def test_adzuna_credentials_are_added_last(page: Make) -> None:
    """The source's requests hold no credentials; the login adds them to the API's address alone."""
    keys = Keys(app_id="demo-id", app_key="demo-key")
    request = next(sources.make("adzuna").first(Query(words="data")))
    signed = keys.sign(request, page(status=200))
    twice = keys.sign(signed, page(status=200))
    elsewhere = Request(url="https://www.adzuna.fr/details/1")

    assert "demo" not in f"{request.url} {request.note}"
    assert asked(signed) == asked(request) | {"app_id": "demo-id", "app_key": "demo-key"}
    assert twice == signed
    assert keys.sign(elsewhere, page(status=200)) == elsewhere
    assert "demo" not in repr(keys)
    answer = page(b"{}", url=signed.url, status=200)
    assert sources.make("adzuna").scrub(answer).url == request.url
    assert sources.login_class("adzuna") is Keys


def test_adzuna_tells_refused_credentials(page: Make) -> None:
    """A missing or refused key is told in one line that holds neither."""
    with pytest.raises(SourceRefused, match=r"app_id and app_key under \[logins.adzuna\]"):
        Keys(app_id="demo-id", app_key="").request()
    with pytest.raises(SourceRefused, match="status 401") as caught:
        Keys(app_id="demo-id", app_key="demo-key").sign(
            Request(url="https://api.adzuna.com/v1/api/jobs/fr/search/1"), page(status=401)
        )
    assert "demo" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "Guilde | Data Engineer | Lyon, France | ONSITE | 60-70k€ | https://guilde.example",
            ("Data Engineer", "Guilde", "Lyon, France", "ONSITE", "60-70k€"),
        ),
        (
            "Guilde | Berlin (remote possible) | Senior Designer | Full-time",
            ("Senior Designer", "Guilde", "Berlin (remote possible)", None, None),
        ),
        (
            "Guilde | Backend & Frontend Engineers | REMOTE (US only)",
            ("Backend & Frontend Engineers", "Guilde", None, "REMOTE (US only)", None),
        ),
        ("Guilde | Lyon | ONSITE", ("Guilde | Lyon | ONSITE", None, None, None, None)),
        ("Guilde | Engineer", ("Guilde | Engineer", None, None, None, None)),
        ("We hire engineers in Lyon", ("We hire engineers in Lyon", None, None, None, None)),
        (
            "Guilde | Engineer | Lyon | Paris | Nantes",
            ("Engineer", "Guilde", None, None, None),
        ),
    ],
)
def test_a_first_line_is_read_by_custom_only(line: str, shown: tuple[str | None, ...]) -> None:
    """Parts are told by their own words; where the custom is not kept, nothing is guessed."""
    values = shown_in(line)
    names = ("title", "company", "place_raw", "remote_raw", "pay_raw")

    assert tuple(values[name] for name in names) == shown


def test_a_cut_sitemap_closes_nothing(page: Make) -> None:
    """Where a sitemap names more pages than are asked, each of them is marked as bounded."""
    named = "".join(f"<url><loc>https://a.example/o/{n}</loc></url>" for n in range(9))
    body = f"<urlset>{named}</urlset>".encode()
    here = page(body, url="https://a.example/s.xml", note={"depth": "0"})

    cut = list(sources.make("job_postings", {"most_pages_per_sitemap": 5}).follow(here))
    whole = list(sources.make("job_postings").follow(here))

    assert [len(cut), len(whole)] == [5, 9]
    assert all("since_hours" in request.note for request in cut)
    assert not any("since_hours" in request.note for request in whole)
    assert all(request.note["native_id"] == request.url for request in whole)


def test_a_chain_of_indexes_ends(page: Make) -> None:
    """An index that names itself, or others without end, is left after two levels."""
    site = sources.make("offers")
    body = b"<sitemapindex><sitemap><loc>https://a.example/t.xml</loc></sitemap></sitemapindex>"
    steps = 0
    queue = [page(body, url="https://a.example/s.xml", note={"depth": "0"})]
    while queue:
        for request in site.follow(queue.pop()):
            steps += 1
            other = request.url.replace("t.xml", f"{steps}.xml")
            queue.append(page(body, url=other, note=request.note))

    assert steps == 2


SHOP = "https://a.example/s.xml"


def named(*places: str, end: str = "</urlset>") -> bytes:
    """Return a sitemap of these addresses."""
    parts = "".join(f"<url><loc>{place}</loc></url>" for place in places)
    return f"<urlset>{parts}{end}".encode()


@pytest.mark.parametrize("name", ["job_postings", "offers"])
def test_an_address_is_asked_for_as_it_can_be(name: str, page: Make) -> None:
    """Plain http on the sitemap's host, its own port, and letters outside ASCII leave nothing
    out."""
    told = ("http://a.example/o/1", "https://A.example:443/o/2", "https://a.example/o/été 3?q=é")
    here = page(named(*told), url=SHOP, note={"depth": "0", "match": "/o/"})

    asked = list(sources.make(name).follow(here))

    assert [request.url for request in asked] == [
        "https://a.example/o/1", "https://a.example/o/2",
        "https://a.example/o/%C3%A9t%C3%A9%203?q=%C3%A9",
    ]  # fmt: skip
    assert not any("since_hours" in request.note for request in asked)


PACKED = gzip.compress(named(*(f"https://a.example/o/{n * 7919}" for n in range(4000))))


@pytest.mark.parametrize(
    "body",
    [
        named("https://a.example/o/1", "https://b.example/o/2"),
        named("https://a.example/o/1", "https://a.example/o/" + "2" * 5000),
        named("https://a.example/o/1", "ftp://a.example/o/2"),
        named("https://a.example/o/1", end="<url><loc>https://a.example/o"),
        named("https://a.example/o/1", end=""),
        named("https://a.example/o/1", end="<url><lastmod>2026</lastmod></url></urlset>"),
        PACKED[: len(PACKED) // 2],
        gzip.compress(named("https://a.example/o/1")) + gzip.compress(b"<url>"),
        gzip.compress(named("https://a.example/o/1") + b" " * BODY_LIMIT_BYTES),
    ],
    ids=["host", "long", "scheme", "torn", "open", "no place", "half", "members", "limit"],
)
def test_what_a_sitemap_leaves_out_is_noted(body: bytes, page: Make) -> None:
    """Whatever of a sitemap is not asked for, the scan is bounded: absence closes nothing."""
    here = page(body, url=SHOP, note={"depth": "0"})

    asked = list(sources.make("job_postings").follow(here))

    assert asked
    assert all("since_hours" in request.note for request in asked)


def test_what_a_query_is_not_about_is_not_left_out(page: Make) -> None:
    """Another host's page that `match` would not have chosen says nothing of the scan."""
    told = ("https://a.example/o/1", "https://b.example/help")
    here = page(named(*told), url=SHOP, note={"depth": "0", "match": "/o/"})

    (request,) = sources.make("job_postings").follow(here)

    assert "since_hours" not in request.note


@pytest.mark.parametrize("name", ["job_postings", "offers"])
def test_a_sitemap_of_which_nothing_is_left_has_changed(name: str, page: Make) -> None:
    """It names pages, and none can be asked for: that is no empty site."""
    site = sources.make(name)
    elsewhere = page(named("https://b.example/o/1"), url=SHOP, note={"depth": "0"})
    index = b"<sitemapindex><sitemap><loc>https://a.example/t.xml</loc></sitemap></sitemapindex>"
    deep = page(index, url=SHOP, note={"depth": "2"})

    for here in (elsewhere, deep):
        with pytest.raises(PageChanged):
            site.items(here)
    for note in ({"depth": "0", "match": "/none/"}, {}):
        with pytest.raises(Empty):
            site.items(page(named("https://a.example/o/1"), url=SHOP, note=note))
    with pytest.raises(Empty):
        site.items(page(named(), url=SHOP, note={"depth": "0"}))


def test_a_packed_sitemap_is_unpacked_within_bounds() -> None:
    """A gzip file is unpacked up to the size of a page; a bomb or a torn one breaks nothing."""
    told = b"<urlset><url><loc>https://a.example/o/1</loc></url>"
    bomb = gzip.compress(told + b" " * (3 * BODY_LIMIT_BYTES) + b"</urlset>")

    plain, more = sitemap.unpacked(bomb)
    assert (len(plain), more) == (BODY_LIMIT_BYTES, True)
    torn, more = sitemap.unpacked(gzip.compress(told)[:20])
    assert told.startswith(torn)
    assert more
    assert sitemap.unpacked(b"\x1f\x8bnothing") == (b"", False)


def test_a_packed_page_that_is_no_sitemap_is_not_kept(page: Make) -> None:
    """Nobody could blank what is packed, so it goes whole, and is counted."""
    packed = page(gzip.compress(b"<html>Camille Fictif"), url="https://a.example/s.xml.gz")
    blanking = Blanking(revision="1")

    scrubbed = sitemap.scrubbed(packed, blanking)

    assert scrubbed.body == b""
    assert scrubbed.note["scrubbed"] == "1"
    assert sitemap.scrubbed(scrubbed, blanking) == scrubbed


def test_an_empty_person_does_not_take_what_follows(page: Make) -> None:
    """Blanking XML twice is as once, also where a person's part is empty or closes itself."""
    blanking = Blanking(revision="1", people=frozenset({"author"}))
    body = b"<f><author>Camille Fictif</author><author/><t>kept</t><author></author><t>too</t></f>"

    once = blanking.xml(page(body))

    assert once.body == b"<f><author></author><author/><t>kept</t><author></author><t>too</t></f>"
    assert blanking.xml(once) == once


def test_ids_of_two_feeds_do_not_meet(page: Make) -> None:
    """A feed's short id is its host's only; an address or a URN is one everywhere."""
    site = sources.make("feed")

    def ids(host: str) -> list[str]:
        feed = {"items": [{"id": "1", "title": "a"}, {"id": "urn:x:1", "title": "b"}]}
        here = page(json.dumps(feed).encode(), url=f"https://{host}/f.json")
        return [site.read(item, here).native_id for item in site.items(here)]

    assert ids("a.example") == ["a.example:1", "urn:x:1"]
    assert ids("b.example") == ["b.example:1", "urn:x:1"]


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0" encoding="utf-16"?><rss><channel/></rss>',
        b'<?xml version="1.0" encoding="no-such"?><rss><channel/></rss>',
        "\ufeff<?xml version='1.0'?><rss><channel/></rss>".encode(),
        b"<rss><channel>\x0b</channel></rss>",
    ],
)
def test_a_feed_is_read_in_spite_of_its_coding(body: bytes, page: Make) -> None:
    """A wrong or unknown encoding and forbidden characters cost no more than their characters."""
    with pytest.raises((Empty, PageChanged)):
        sources.make("feed").items(page(body, url="https://a.example/f"))


def test_a_deep_feed_breaks_nothing(page: Make) -> None:
    """An entry nested a hundred thousand deep is read or condemned, and nothing else happens."""
    deep = b"<b>" * 100_000 + b"x" + b"</b>" * 100_000
    body = b"<rss><channel><item><guid>u:1</guid><title>t</title><description>" + deep
    body += b"</description></item></channel></rss>"
    site = sources.make("feed")
    here = page(body, url="https://a.example/f")

    try:
        listing = site.read(site.items(here)[0], here)
    except (PageChanged, RecordError):
        return
    assert listing.values["title"] == "t"


HOSTILE = {
    "urls": b"<urlset>" + b"<url>" * 20_000,
    "locs": b"<urlset>" + b"<loc>" * 20_000,
    "tags": b"<html>" + b"<p" * 50_000,
    "env": b"<script>window.env = " + b"[" * 100_000,
    "cards": b'<div data-testid="jobcard-container-1">' * 2_000,
    "beacons": b'<div class="job_seen_beacon">' * 2_000,
    "comments": b'{"hits":[{"objectID":"1","comment_text":"' + b"<p" * 50_000 + b'"}]}',
}


@pytest.mark.parametrize("name", ["talent", "wttj", "indeed", "hn_who_is_hiring", *BY_ADDRESS])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_costs_little(name: str, body: bytes, page: Make) -> None:
    """A hundred kilobytes made to be slow are read within seconds of CPU."""
    site: AnySource = sources.make(name)
    here = page(body, url="https://a.example/", status=200, note={"depth": "0", "window": "-"})
    started = time.process_time()

    list(site.follow(here))
    try:
        for item in site.items(here):
            try:
                site.read(item, here)
            except RecordError:
                continue
    except (Empty, PageChanged):
        pass

    assert time.process_time() - started < 3
