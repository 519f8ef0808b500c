"""Stored content cannot act, and answers carry their guards."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from tests.web.cargo import NOW, row
from tests.web.conftest import HTML
from tests.web.harbour import SOURCES, Harbour, batch, condemned, finish
from vigie.model.fields import Kind, Type
from vigie.model.kinds import AD, FIGURE, JOB, KINDS
from vigie.settings import ServeSettings
from vigie.web.app import create_app

PAYLOAD = (
    """"><script>alert(1)</script><img src=x onerror=alert(1)>'onmouseover='alert(1)' {{7*7}}"""
)
ADDRESS = "javascript:alert(1)"


def hostile(kind: Kind, number: int, run: str) -> dict[str, Any]:
    """A listing whose every text is a payload and whose every address is a script."""
    values: dict[str, Any] = {}
    for field in kind.values:
        if field.name == "html":
            continue  # made safe by its step; it is the one field that is rendered
        if field.type is Type.TEXT:
            values[field.name] = ADDRESS if field.name.endswith("url") else PAYLOAD
        elif field.type is Type.TEXTS:
            values[field.name] = [PAYLOAD, ADDRESS, "//evil.example/x.png"]
    return row(
        kind, "souk", f"{PAYLOAD}{kind.name}{number}", NOW - timedelta(hours=1), run, **values
    )


@pytest.fixture(scope="module")
def boarded() -> Iterator[TestClient]:
    harbour = Harbour()
    for kind in (JOB, AD, FIGURE, KINDS["post"]):
        for run, number in (("r1", 1), ("r1", 2), ("r2", 1)):
            listing = hostile(kind, number, run)
            if run == "r2" and "title" in listing:
                listing["title"] = PAYLOAD * 2
                listing["at"] = NOW
            harbour.put(batch(kind, [listing], end=finish("souk", run, NOW)))
    harbour.put(condemned("annonces", "r1", NOW, "blocked", PAYLOAD))
    ids = [harbour.store.get("job", [hostile(JOB, n, "r1")["id"]])["id"][0] for n in (1, 2)]
    harbour.link(*ids)
    app = create_app(harbour.store, harbour.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW, demo=True)  # fmt: skip
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        yield client
    harbour.close()


def pages(client: TestClient) -> list[str]:
    image = "%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    found = [
        *("/", "/jobs", "/ads", "/figures", "/sources", "/runs/r1"),
        *("/jobs?q=script", "/jobs?grain=listing", "/jobs?<script>=1", f"/jobs?q={image}"),
        *("/jobs?company=%3Cscript%3E", "/jobs?q=<script>alert(1)</script>"),
    ]
    for plural in ("jobs", "ads"):
        items = client.get(f"/api/v1/{plural}?grain=listing").json()["items"]
        found += [item["page"] for item in items]
    return found


def test_script_payloads_in_every_field_stay_text(boarded: TestClient) -> None:
    """On no page does a payload become an element, a handler or an address."""
    looked_at = pages(boarded)
    assert len(looked_at) == 16
    for path in looked_at:
        response = boarded.get(path, headers=HTML)
        assert response.status_code == 200, path
        page = LexborHTMLParser(response.text)
        for script in page.css("script"):
            assert (script.attributes.get("src") or "").startswith("/static/"), path
        for node in page.css("*"):
            for name, value in node.attributes.items():
                assert not name.startswith("on"), (path, node.html)
                if name in {"src", "href", "action", "formaction", "poster"}:
                    assert not (value or "").strip().lower().startswith(("javascript", "data")), (
                        path
                    )
        for image in page.css("img"):
            assert (image.attributes["src"] or "").startswith("/static/"), path
        # {{7*7}} was written, not worked out.
        assert "alert(1)' 49" not in response.text


def test_every_answer_carries_its_guards(boarded: TestClient) -> None:
    """Pages, data, errors and files alike: no inline script, no framing, no sniffing."""
    for path in ("/", "/api/v1/jobs", "/api/v1/jobs?x=1", "/nope", "/static/vigie.css", "/docs"):
        headers = boarded.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in policy


def test_pictures_of_the_stand_in_sites_are_for_the_demo_only(client: TestClient, boarded: TestClient) -> None:  # noqa: E501  # fmt: skip
    """Without the demo no picture comes from anywhere but this server."""
    assert "img-src 'self';" in client.get("/").headers["content-security-policy"]
    assert (
        "img-src 'self' http://127.0.0.1:*" in boarded.get("/").headers["content-security-policy"]
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "same-origin"}, 405),
        ({"origin": "http://testserver"}, 405),
        ({}, 405),
    ],
)
def test_a_change_may_only_be_asked_for_from_here(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    """Another site's page cannot make a visitor's browser change anything."""
    assert client.post("/jobs", headers=headers).status_code == status


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "vendor/vendor.toml", "/etc/passwd", ""]
)
def test_only_served_files_are_served(client: TestClient, name: str) -> None:
    """Nothing outside the folder, and no file that is no asset."""
    assert client.get(f"/static/{name}").status_code == 404


def test_crawlers_are_asked_to_stay_away_unless_the_setting_says_otherwise(
    client: TestClient, harbour: Harbour
) -> None:
    """A copy must not outrank its publisher: indexing is a choice."""
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert "noindex" in client.get("/", headers=HTML).headers["x-robots-tag"]
    app = create_app(harbour.store, harbour.search, ServeSettings(index=True), sources=SOURCES)
    open_site = TestClient(app)
    assert "Disallow: /\n" not in open_site.get("/robots.txt").text
    assert "x-robots-tag" not in open_site.get("/", headers=HTML).headers


def test_a_closed_listing_stays_readable_and_out_of_indexes() -> None:
    """Status 200, a banner that says so, and noindex even where indexing is allowed."""
    harbour = Harbour()
    listing = row(JOB, "quai_emploi", "1", NOW - timedelta(days=5), "r0", title="Vigie de phare")
    other = [row(JOB, "quai_emploi", str(n), NOW - timedelta(days=5), "r0", title="Autre offre")
             for n in range(2, 12)]  # fmt: skip
    harbour.put(
        batch(JOB, [listing, *other], end=finish("quai_emploi", "r0", NOW - timedelta(days=5)))
    )
    for days in (4, 3, 2):
        at = NOW - timedelta(days=days)
        seen = [r | {"at": at, "run": f"r{days}", "capture_id": f"c{days}"} for r in other]
        harbour.put(batch(JOB, seen, end=finish("quai_emploi", f"r{days}", at)))
    app = create_app(harbour.store, harbour.search, ServeSettings(index=True), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    client = TestClient(app)
    (found,) = client.get("/api/v1/jobs?status=closed").json()["items"]
    response = client.get(found["page"], headers=HTML | {"accept-language": "fr"})
    assert response.status_code == 200
    assert "Cette annonce est fermée." in response.text
    assert "noindex" in response.headers["x-robots-tag"]
    assert client.get("/jobs?status=closed", headers=HTML).text.count("Vigie de phare") >= 1
    harbour.close()


class Broken:
    """A shelf and a search that cannot answer (a second implementation of both contracts)."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Any:
        def fail(*_: Any, **__: Any) -> Any:
            raise self._error

        return fail


@pytest.mark.parametrize("path", ["/jobs", "/api/v1/jobs", "/readyz", "/sources"])
def test_a_store_that_does_not_answer_is_503(path: str) -> None:
    """The page and the API say so and ask to come back; the process stays alive."""
    from vigie.errors import StoreError

    broken: Any = Broken(StoreError("the disk is gone"))
    client = TestClient(create_app(broken, broken, ServeSettings(), sources=SOURCES))
    response = client.get(path, headers=HTML)
    assert response.status_code == 503
    if path != "/readyz":
        assert "the disk is gone" not in response.text
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/jobs", "/api/v1/jobs"])
def test_a_fault_of_ours_is_500_with_a_number(path: str) -> None:
    """No traceback reaches a visitor; the number is the log's."""
    broken: Any = Broken(ZeroDivisionError("secret detail"))
    app = create_app(broken, broken, ServeSettings(), sources=SOURCES)
    response = TestClient(app, raise_server_exceptions=False).get(path, headers=HTML)
    assert response.status_code == 500
    assert "secret detail" not in response.text
