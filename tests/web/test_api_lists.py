"""Lists and listings of the API: honest counts, stable pages, named errors."""

import random
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.cargo import NOW, job
from tests.web.harbour import SOURCES, Harbour, batch, populate
from vigie.model.ask import Ask
from vigie.model.kinds import JOB, KINDS
from vigie.settings import ServeSettings
from vigie.web.app import create_app

PLURALS = [kind.plural for kind in KINDS.values()]


def problem(response: Any) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    return body


def test_a_list_nests_by_prefix_and_keeps_nulls(client: TestClient) -> None:
    """Fields stand where the model's prefixes say; what was not observed is null, not absent."""
    item = client.get("/api/v1/jobs?limit=1&status=all&sort=-posted_at").json()["items"][0]
    assert set(item["place"]) >= {"raw", "city", "dep", "lat"}
    assert set(item["pay"]) >= {"raw", "min", "max", "currency", "period", "year_min"}
    assert item["pay"]["months"] is None
    assert "text" not in item
    assert item["page"].startswith(f"/jobs/{item['id']}/")


def test_one_listing_has_its_long_texts(client: TestClient) -> None:
    """The listing itself carries text and safe HTML."""
    identity = client.get("/api/v1/jobs?limit=1").json()["items"][0]["id"]
    item = client.get(f"/api/v1/jobs/{identity}").json()
    assert item["text"]
    assert item["html"].startswith("<p>")


@pytest.mark.parametrize("plural", PLURALS)
def test_facets_equal_the_lists_they_lead_to(client: TestClient, plural: str) -> None:
    """Each count is the total of the list that choosing the value gives."""
    facets = client.get(f"/api/v1/{plural}/facets").json()["facets"]
    assert facets
    for name, buckets in facets.items():
        for bucket in buckets[:3]:
            params = {name: bucket["value"]}
            total = client.get(f"/api/v1/{plural}", params=params).json()["total"]
            assert total == {"value": bucket["count"], "relation": "eq"}, (name, bucket)


def test_an_unknown_parameter_is_refused_by_name(client: TestClient) -> None:
    """422 names the parameter and what was probably meant."""
    response = client.get("/api/v1/jobs?contrat=permanent")
    body = problem(response)
    assert response.status_code == 422
    assert body["errors"][0]["pointer"] == "/query/contrat"
    assert "'contract'" in body["detail"]


@pytest.mark.parametrize(
    "query",
    ["limit=201", "limit=0", "limit=x", "limit=²", "cursor=zzz", "cursor=", "page=2", "page=1",
     "sort=salary", "facets=colour", "fields=titel", "since=soon", "q=a&q=b", "lang=xx"],
)  # fmt: skip
def test_a_wrong_value_is_refused(client: TestClient, query: str) -> None:
    """A value that cannot be followed is never replaced by a default."""
    response = client.get(f"/api/v1/jobs?{query}")
    assert response.status_code == 422, query
    assert problem(response)["errors"]


def test_a_cursor_of_another_question_is_refused(client: TestClient) -> None:
    """A cursor cannot be carried to other filters, where its place means nothing."""
    cursor = client.get("/api/v1/jobs?limit=2").json()["next_cursor"]
    response = client.get("/api/v1/jobs", params={"limit": 2, "q": "data", "cursor": cursor})
    assert response.status_code == 422
    assert "another question" in problem(response)["detail"]


def test_following_cursors_gives_every_listing_once(client: TestClient) -> None:
    """Pages neither repeat nor skip; the last one has no next."""
    seen, address = list[str](), "/api/v1/jobs?limit=7&facets=source"
    while address:
        body = client.get(address).json()
        seen += [item["id"] for item in body["items"]]
        address = body["next"]
    assert len(seen) == len(set(seen)) == body["total"]["value"]


def test_pages_are_stable_while_listings_arrive() -> None:
    """Listings added on the way neither repeat nor hide those that were there at the start."""
    harbour = Harbour()
    populate(harbour, size=12)
    app = create_app(harbour.store, harbour.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    client, dice = TestClient(app), random.Random(1)
    before = set(harbour.search.ask(Ask(kind="job", limit=500, grain="cluster")).ids)
    seen, address, number = list[str](), "/api/v1/jobs?limit=4", 0
    while address:
        body = client.get(address).json()
        seen += [item["id"] for item in body["items"]]
        address = body["next"]
        number += 1
        # Newer than everything before: they stand in front and shift every place by five.
        rows = [
            job("carrieres", 100 * number + n, dice, f"late-{number}", NOW)
            | {"posted_at": NOW + timedelta(minutes=number), "posted_precision": "minute"}
            for n in range(5)
        ]
        if number < 12:
            harbour.put(batch(JOB, rows))
    harbour.close()
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_the_next_page_is_linked_in_the_header(client: TestClient) -> None:
    """RFC 8288: a generic client can follow pages without reading the body."""
    response = client.get("/api/v1/ads?limit=3&q=clio")
    assert response.headers["link"] == f'<{response.json()["next"]}>; rel="next"'


def test_an_unchanged_answer_is_not_sent_again(client: TestClient) -> None:
    """The ETag of the answer held gives 304 without a body, whatever its time of making."""
    first = client.get("/api/v1/jobs?limit=3")
    again = client.get("/api/v1/jobs?limit=3", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get("/api/v1/jobs?limit=4", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_answers_are_compressed_and_open_to_other_sites(client: TestClient) -> None:
    """Public data may be read by any page; a large answer is sent compressed."""
    response = client.get("/api/v1/jobs", headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["access-control-allow-origin"] == "*"
    assert "max-age=30" in response.headers["cache-control"]


def test_fields_choose_what_is_sent(client: TestClient) -> None:
    """`fields` names fields of the model; `id` always comes along."""
    body = client.get("/api/v1/jobs?limit=1&fields=title,place_city,text").json()
    assert set(body["items"][0]) == {"id", "title", "place", "text", "also_on", "page"}
    assert set(body["items"][0]["place"]) == {"city"}


def test_the_question_is_told_back(client: TestClient) -> None:
    """`query` says how the question was understood."""
    body = client.get("/api/v1/jobs?q=data&source=!ouest_jobs&since=7d&limit=2").json()
    assert body["query"] == {"q": "data", "source": ["!ouest_jobs"], "since": "7d", "limit": "2"}
    assert {item["source"] for item in body["items"]} == {"quai_emploi"}


def test_a_duplicate_is_one_item_that_names_the_other_site(client: TestClient) -> None:
    """Lists show one per offer; `grain=listing` shows both."""
    one = client.get("/api/v1/jobs?q=confirmé").json()
    both = client.get("/api/v1/jobs?q=confirmé&grain=listing").json()
    assert (one["total"]["value"], both["total"]["value"]) == (1, 2)
    assert one["items"][0]["also_on"] == [({"quai_emploi", "ouest_jobs"} - {one["items"][0]["source"]}).pop()]  # noqa: E501  # fmt: skip


def test_history_tells_the_price_that_fell(client: TestClient) -> None:
    """Old and new value, as JSON values, and who changed it."""
    ads = client.get("/api/v1/ads?sort=-changed_at&has_price=true").json()["items"]
    changed = next(ad for ad in ads if ad["changed_at"])
    changes = client.get(f"/api/v1/ads/{changed['id']}/history").json()["items"]
    price = next(change for change in changes if change["field"] == "price")
    assert price["new"] == changed["price"] < price["old"]
    assert price["cause"] == "site"


@pytest.mark.parametrize("path", ["aaaaaaaaaaaaaaaa", "x", "..%2f..", "aaaaaaaaaaaaaaaa/history"])
def test_an_unknown_listing_is_404(client: TestClient, path: str) -> None:
    """An id that nothing has, or that is none, is a problem of its own."""
    response = client.get(f"/api/v1/jobs/{path}")
    assert response.status_code == 404
    assert problem(response)["title"] == "Not found"


def test_another_method_is_405(client: TestClient) -> None:
    """The API is read-only, and says which methods it answers."""
    response = client.post("/api/v1/jobs")
    assert response.status_code == 405
    assert problem(response)["status"] == 405
    assert "GET" in response.headers["allow"]
