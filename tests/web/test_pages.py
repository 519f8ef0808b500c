"""Pages say what the API says, in the visitor's language, and lead on when there is nothing."""

import re
from itertools import pairwise

import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from tests.web.cargo import NOW
from tests.web.conftest import HTML
from tests.web.harbour import SOURCES, Harbour
from vigie.settings import ServeSettings
from vigie.web.app import create_app

PAGES = ["/", "/jobs", "/ads", "/figures", "/sources", "/docs", "/jobs?q=zzzz&remote=remote", "/nope"]  # noqa: E501  # fmt: skip


def tree(client: TestClient, path: str, **headers: str) -> LexborHTMLParser:
    return LexborHTMLParser(client.get(path, headers=HTML | headers).text)


def texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def a_listing(client: TestClient, plural: str, **params: str) -> str:
    return str(client.get(f"/api/v1/{plural}", params=params).json()["items"][0]["page"])


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_well_built(client: TestClient, path: str, language: str) -> None:
    """One h1, a main landmark to skip to, no jump in headings, ids once, every field labelled."""
    page = tree(client, path, **{"accept-language": language})
    assert len(page.css("h1")) == 1
    assert len(page.css("main#main")) == 1
    levels = [int((node.tag or "")[1]) for node in page.css("h1, h2, h3, h4")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    for control in page.css("input:not([type=hidden]), select"):
        named = page.css_first(f"label[for={control.attributes['id']}]") if control.attributes.get("id") else None  # noqa: E501  # fmt: skip
        ancestor = control.parent
        while named is None and ancestor is not None:
            named = ancestor if ancestor.tag == "label" else None
            ancestor = ancestor.parent
        assert named is not None, control.html
    html = page.css_first("html")
    assert html is not None
    assert html.attributes["lang"] == language


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_another_server(client: TestClient, path: str) -> None:
    """Style, script, font and pictures come from this server; no style or script is inline."""
    page = tree(client, path)
    for node in page.css("[src], link[href], use[href]"):
        address = node.attributes.get("src") or node.attributes["href"] or ""
        assert address.startswith("/"), node.html
        assert not address.startswith("//")
    assert not page.css("[style], style, script:not([src]), [onclick], [onload]")


def test_the_list_counts_what_the_api_counts(client: TestClient) -> None:
    """Two screens cannot disagree: first page, list and API give one number."""
    total = client.get("/api/v1/jobs?limit=1").json()["total"]["value"]
    shown = tree(client, "/jobs").css_first("#count data")
    first = tree(client, "/").css_first(".total .figure data")
    assert shown is not None
    assert first is not None
    assert shown.attributes["value"] == first.attributes["value"] == str(total)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5"])
@pytest.mark.parametrize("plural", ["jobs", "ads", "figures"])
def test_a_program_gets_data_at_the_pages_address(
    client: TestClient, plural: str, accept: str
) -> None:
    """`/jobs` answers JSON unless the caller prefers HTML, and so does `/jobs.json` always."""
    given = client.get(f"/{plural}?limit=3", headers={"accept": accept})
    api = client.get(f"/api/v1/{plural}?limit=3").json()
    assert given.json()["items"] == api["items"]
    assert client.get(f"/{plural}.json?limit=3", headers=HTML).json()["items"] == api["items"]
    assert "Accept" in given.headers["vary"]


def test_a_browser_gets_the_page(client: TestClient) -> None:
    """What Chromium and Firefox send counts as preferring HTML."""
    sent = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    response = client.get("/jobs", headers={"accept": sent})
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_every_facet_count_is_the_list_behind_it(client: TestClient) -> None:
    """A ticked box gives as many results as stand beside it."""
    page = tree(client, "/ads?price_max=200000")
    for box in page.css(".facets li")[:12]:
        field, count = box.css_first("input[type=checkbox]"), box.css_first("data")
        if field is None or count is None:
            continue
        name, value = field.attributes["name"] or "", field.attributes["value"] or ""
        params = {"price_max": "200000", name: value}
        total = client.get("/api/v1/ads", params=params).json()["total"]["value"]
        assert count.attributes["value"] == str(total)


def test_a_chip_can_be_taken_away(client: TestClient) -> None:
    """Each thing the list is narrowed by has a link to the list without it."""
    page = tree(client, "/jobs?q=data&contract=permanent&source=!ouest_jobs&since=7d")
    assert len(page.css(".chips li")) == 5
    drops = {node.attributes["href"] for node in page.css(".chips a:not(.clear)")}
    assert "/jobs?contract=permanent&source=!ouest_jobs&since=7d".replace("contract=permanent&source=!ouest_jobs", "source=!ouest_jobs&contract=permanent") in drops  # noqa: E501  # fmt: skip


def test_the_form_hands_on_what_it_does_not_show(client: TestClient) -> None:
    """Searching again keeps filters that came with the address and have no box."""
    page = tree(client, "/jobs?place_region=84&until=2026-12-01&source=!souk")
    hidden = {n.attributes["name"]: n.attributes["value"] for n in page.css("input[type=hidden]")}
    assert hidden == {"place_region": "84", "until": "2026-12-01"}
    box = page.css_first('input[name=source][value="!souk"]')
    assert box is not None
    assert "checked" in box.attributes


def test_an_empty_list_says_what_to_drop(client: TestClient) -> None:
    """Nothing found: each filter worth dropping is named with what the list would then hold."""
    page = tree(client, "/jobs?q=zzzz&remote=remote")
    remote = client.get("/api/v1/jobs?remote=remote").json()["total"]["value"]
    ways = page.css(".ways li")
    assert len(ways) == 1
    link, count = ways[0].css_first("a"), ways[0].css_first("data")
    assert link is not None
    assert count is not None
    assert (link.attributes["href"], count.attributes["value"]) == ("/jobs?remote=remote", str(remote))  # noqa: E501  # fmt: skip


def test_an_unknown_parameter_is_said_and_left_out(client: TestClient) -> None:
    """A page ignores what it does not know, and says so."""
    page = tree(client, "/jobs?contrat=x", **{"accept-language": "en"})
    assert "“contrat”" in texts(page, ".note")[0]
    assert "“contract”" in texts(page, ".note")[0]


def test_an_empty_instance_shows_the_commands() -> None:
    """Before anything is collected, every list says what to type."""
    harbour = Harbour()
    app = create_app(harbour.store, harbour.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    client = TestClient(app)
    for path in ("/", "/jobs", "/ads"):
        assert "vigie collect" in client.get(path, headers=HTML).text
    harbour.close()


def test_pages_neither_repeat_nor_skip(client: TestClient) -> None:
    """The pager leads through every listing once."""
    seen, path = list[str](), "/ads"
    while path:
        page = tree(client, path)
        seen += [node.attributes["href"] or "" for node in page.css(".ad h2 a")]
        following = page.css_first(".pager a[rel=next]")
        path = (following.attributes["href"] or "") if following else ""
    total = client.get("/api/v1/ads?limit=1").json()["total"]["value"]
    assert len(seen) == len(set(seen)) == total


def test_a_page_beyond_the_last_leads_back(client: TestClient) -> None:
    """It is not taken for an empty list."""
    page = tree(client, "/jobs?page=99")
    assert page.css_first('.empty a[href="/jobs"]') is not None


def test_pay_is_shown_read_and_as_written(client: TestClient) -> None:
    """The amount in the reader's format, the site's words on hover."""
    page = tree(client, "/jobs?price_min=45000&price_max=55000", **{"accept-language": "fr"})
    shown = {(" ".join(n.text().split()), n.attributes.get("title")) for n in page.css(".pay[title]")}  # noqa: E501  # fmt: skip
    assert ("45 000 – 55 000 €", "Tel qu’écrit : 45-55 k€ brut/an") in shown


def test_a_duplicate_is_one_card_that_names_the_other_site(client: TestClient) -> None:
    """The card counts the other sites, the listing's page leads to them."""
    page = tree(client, "/jobs?q=confirmé", **{"accept-language": "fr"})
    assert texts(page, ".also")[0].startswith("aussi sur 1 site")
    detail = tree(client, a_listing(client, "jobs", q="confirmé"))
    assert len(detail.css(".members li")) == 1


def test_a_fallen_price_is_shown_old_and_new(client: TestClient) -> None:
    """Card and page show both prices, the share and a line with words for those who do not see."""
    page = tree(client, "/ads?sort=-changed_at&has_price=true", **{"accept-language": "fr"})
    assert texts(page, ".move.down")[0].endswith("-8 %".replace(" ", " "))
    changed = page.css_first(".ad:has(.move) h2 a")
    assert changed is not None
    detail = tree(client, changed.attributes["href"] or "", **{"accept-language": "fr"})
    drawn = detail.css_first("figure.line svg[role=img]")
    assert drawn is not None
    assert re.match(r"De .+ à .+ depuis le .+", drawn.attributes["aria-label"] or "")
    assert detail.css("#changes")


def test_a_wrong_slug_leads_to_the_right_address(client: TestClient) -> None:
    """The id decides; the rest of the address is put right."""
    path = a_listing(client, "jobs")
    for wrong in (path.rpartition("/")[0], path + "-old", path + "/more"):
        response = client.get(wrong, headers=HTML, follow_redirects=False)
        assert (response.status_code, response.headers["location"]) == (301, path)


@pytest.mark.parametrize("path", ["/jobs/aaaaaaaaaaaaaaaa/x", "/ads/nothing", "/runs/none", "/x"])
def test_nothing_at_an_address_is_a_404_page(client: TestClient, path: str) -> None:
    """A real status, in the visitor's language, with a way back."""
    response = client.get(path, headers=HTML)
    assert response.status_code == 404
    assert LexborHTMLParser(response.text).css_first('main a[href="/"]') is not None


def test_a_preference_is_kept_and_leads_back(client: TestClient) -> None:
    """The cookie is kept a year, hidden from scripts; only paths of this site are led back to."""
    response = client.get("/preferences?theme=dark&back=/jobs?q=a", follow_redirects=False)
    assert response.headers["location"] == "/jobs?q=a"
    assert "HttpOnly" in response.headers["set-cookie"]
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nx:y"):
        led = client.get("/preferences", params={"back": elsewhere}, follow_redirects=False)
        assert led.headers["location"] == "/"
    client.cookies.clear()
    assert 'data-theme="dark"' in client.get("/", headers=HTML | {"cookie": "theme=dark"}).text


def test_an_unchanged_page_is_not_sent_again(client: TestClient) -> None:
    """Back refetches: the ETag spares the page."""
    first = client.get("/jobs", headers=HTML)
    again = client.get("/jobs", headers=HTML | {"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_typing_puts_the_clean_question_in_the_address_bar(client: TestClient) -> None:
    """The empty fields of the form are left out of the address that is pushed."""
    response = client.get("/jobs?q=data&price_min=&price_max=&since=&sort=", headers=HTML | {"hx-request": "true"})  # noqa: E501  # fmt: skip
    assert response.headers["hx-push-url"] == "/jobs?q=data"
