"""What posts say is read at this machine and nowhere else."""

import pytest
from starlette.testclient import TestClient

SECRETS = ("Le débat de ce soir", "capitaine", "author_key")


def test_the_public_gets_posts_without_their_words(client: TestClient) -> None:
    """Topic, time and counts; neither text nor author."""
    response = client.get("/api/v1/posts?limit=200")
    assert response.json()["items"]
    assert not [secret for secret in SECRETS if secret in response.text]


def test_the_owner_gets_the_words_but_never_the_author(owner: TestClient) -> None:
    """At this machine the texts are there; the author's key is nowhere."""
    response = owner.get("/api/v1/posts?fields=text,topic")
    assert "Le débat de ce soir" in response.text
    assert "author_key" not in owner.get("/api/v1/posts").text


def test_what_only_the_owner_may_read_is_not_cached_nor_shared(owner: TestClient) -> None:
    """No cache keeps it, and no other site's page may read it through the owner's browser."""
    response = owner.get("/api/v1/posts")
    assert response.headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
        {"via": "1.1 proxy"},
        {"host": "rebound.example"},
        {"host": "127.0.0.1.example:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_coming_from_loopback_is_not_enough(owner: TestClient, headers: dict[str, str]) -> None:
    """A proxy on this machine, a rebound name or another site's page is not the owner."""
    response = owner.get("/api/v1/posts?limit=200", headers=headers)
    assert response.status_code == 200
    assert not [secret for secret in SECRETS if secret in response.text]


@pytest.mark.parametrize("name", ["author_key", "text", "url"])
def test_the_public_cannot_ask_for_hidden_fields(client: TestClient, name: str) -> None:
    """Naming a hidden field is refused as if it did not exist."""
    assert client.get(f"/api/v1/posts?fields={name}").status_code == 422


def test_few_posts_are_not_counted_for_the_public(client: TestClient, owner: TestClient) -> None:
    """Fewer than ten matches are neither counted nor listed: they could point at a person."""
    query = "/api/v1/posts?q=%22partie 7%22"
    public, private = client.get(query).json(), owner.get(query).json()
    assert 0 < private["total"]["value"] < 10
    assert public["total"] == {"value": 10, "relation": "lt"}
    assert public["items"] == []


def test_small_facets_of_posts_are_hidden(client: TestClient, owner: TestClient) -> None:
    """A topic with fewer than ten posts is not named in public."""
    topics = {b["value"] for b in owner.get("/api/v1/posts/facets").json()["facets"]["topic"]}
    public = client.get("/api/v1/posts/facets").json()["facets"]["topic"]
    assert topics == {"Dupont", "Durand"}
    assert {bucket["value"] for bucket in public} == {"Dupont"}


def test_posts_have_no_public_page(client: TestClient) -> None:
    """They are counted on the first page, and nowhere shown."""
    assert client.get("/posts", headers={"accept": "text/html"}).status_code == 404
