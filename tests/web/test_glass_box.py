"""Sources and runs: honest states, reasons, terms and sums."""

from starlette.testclient import TestClient

from tests.web.harbour import SOURCES
from tests.web.test_pages import texts, tree


def test_sources_tell_four_words_and_the_reason(client: TestClient) -> None:
    """A refused source says "En panne" and why; the others are OK; a state narrows."""
    page = tree(client, "/sources", **{"accept-language": "fr"})
    failing = page.css_first(".sources article.failing")
    assert failing is not None
    assert "En panne" in failing.text()
    assert "a challenge page" in failing.text()
    shown = dict(
        zip(texts(page, "article.failing dt"), texts(page, "article.failing dd"), strict=True)
    )
    assert shown["Trouvées / d’habitude"] == "– / –", "what was not seen is not zero"
    assert len(tree(client, "/sources?state=failing").css(".sources article")) == 1
    assert len(page.css(".sources article")) == len(SOURCES)


def test_terms_that_nobody_read_are_said_to_be_unread(client: TestClient) -> None:
    """A source whose terms no person has read yet says so; an import has no pause to tell."""
    page = tree(client, "/sources", **{"accept-language": "fr"})
    (unread,) = [text for text in texts(page, ".terms") if "pas encore lues" in text]
    assert "requête" not in unread
    assert "None" not in page.text()


def test_a_run_shows_its_sum(client: TestClient) -> None:
    """Found is the sum of the six fates, and the page says that it is."""
    run = client.get("/api/v1/runs").json()["items"][0]["run"]
    page = tree(client, f"/runs/{run}", **{"accept-language": "fr"})
    assert "Le compte est juste" in page.text()
