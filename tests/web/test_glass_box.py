"""Sources and runs: honest states, reasons, terms and sums."""

import gzip

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


def test_alarms_are_told_in_words(passer_by: TestClient) -> None:
    """What is not as usual stands first, in the visitor's language, once for several fields."""
    page = tree(passer_by, "/sources", **{"accept-language": "fr"})
    first = page.css_first(".sources > li article")
    assert first is not None
    assert "Souk" in first.css_first("h2").text()  # type: ignore[union-attr]  # every card has one
    (vanished,) = [text for text in texts(page, ".alarms li") if "plus rempli" in text]
    assert "rempli dans 0 sur 26, d’habitude 100 %" in " ".join(vanished.split())
    assert "Prix" in vanished
    assert "Devise" in vanished
    assert "26 annonces sont retenues" in " ".join(texts(page, ".alarms p"))


def test_only_the_owner_is_told_what_to_type(passer_by: TestClient, keeper: TestClient) -> None:
    """Commands are for whoever can type them at this machine."""
    commands = ["vigie replay --source souk", "vigie sources release souk"]
    assert texts(tree(keeper, "/sources"), ".todo code") == commands
    assert not [text for text in commands if text in passer_by.get("/sources").text]


def test_a_strip_says_what_it_draws(passer_by: TestClient) -> None:
    """Each visited source has a week with a title, a sentence and a table of the same figures."""
    page = tree(passer_by, "/sources", **{"accept-language": "en"})
    assert len(page.css("svg.strip[role=img]")) == len(page.css(".sources > li")) == 5
    for card in page.css(".sources > li"):
        strip = card.css_first("svg.strip")
        assert strip is not None
        for name in ("aria-labelledby", "aria-describedby"):
            named = card.css_first(f"#{strip.attributes[name]}")
            assert named is not None
            assert named.text()
        days = [[cell.text() for cell in row.css("td")] for row in card.css(".figures tbody tr")]
        assert len(days) == 7
        sentence = card.css_first("desc").text()  # type: ignore[union-attr]  # looked at above
        sums = [sum(int(day[column]) for day in days) for column in range(3)]
        assert sentence == "Hours seen: {}. Late: {}. Failing: {}.".format(*sums)
    refused = next(card for card in page.css(".sources > li") if "Annonces" in card.text())
    assert refused.css("rect.failing")
    assert [cell.text() for cell in refused.css(".figures tbody tr:last-child td")][-1] == "–"


def test_hatchings_and_legend_are_drawn_once(passer_by: TestClient) -> None:
    """Every hatching that a strip asks for exists, and what it means is said."""
    page = tree(passer_by, "/sources", **{"accept-language": "fr"})
    drawn = {f"url(#{pattern.attributes['id']})" for pattern in page.css("pattern")}
    asked = {rect.attributes["fill"] for rect in page.css("rect[fill]")}
    assert asked <= drawn
    assert len(page.css(".legend")) == 1
    assert texts(page, ".legend li") == [
        "Vu", "Vu, rien d’affiché", "En panne", "En retard : pas de visite",
        "Aucune visite prévue",
    ]  # fmt: skip


def test_sources_without_a_visit_stand_apart(passer_by: TestClient) -> None:
    """They are named in a list, not drawn as if something had gone wrong."""
    page = tree(passer_by, "/sources", **{"accept-language": "en"})
    assert len(page.css(".idle li")) == 2
    assert "Carrières" in " ".join(texts(page, ".idle"))
    narrowed = tree(passer_by, "/sources?state=failing")
    assert not narrowed.css(".idle")


def broken_run(client: TestClient) -> str:
    (alarm, *_) = client.get("/api/v1/alarms?source=souk").json()["items"]
    return str(alarm["run"])


def test_a_run_shows_what_it_set_aside_by_reason(passer_by: TestClient) -> None:
    """Counts agree with the ledger; the first of each lead to their page; alarms stand beside."""
    run = broken_run(passer_by)
    page = tree(passer_by, f"/runs/{run}", **{"accept-language": "en"})
    counts = [int(node.attributes["value"] or "") for node in page.css(".aside .count data")]
    assert counts == [26, 4]
    told = passer_by.get(f"/api/v1/runs/{run}").json()
    assert sum(counts) == sum(row["quarantined"] + row["rejected"] for row in told["queries"])
    held, unread = texts(page, "section[aria-labelledby=aside] .aside > li")
    assert "Held: Field no longer filled" in held or "Held: Values lost" in held
    assert "No title" in unread
    assert "the heading is empty" in unread
    assert "https://site.example/list?page=1 items 1, 2, 3" in unread
    assert "usually 100%" in " ".join(texts(page, "section[aria-labelledby=alarms]"))


def test_what_posts_say_is_no_example_for_the_public(
    passer_by: TestClient, keeper: TestClient
) -> None:
    """A quarantined post is counted for everybody, and quoted for the owner alone."""
    runs = passer_by.get("/api/v1/runs?limit=200").json()["items"]
    run = next(row["run"] for row in runs if row["source"] == "fil" and row["quarantined"])
    public, private = (client.get(f"/runs/{run}").text for client in (passer_by, keeper))
    assert "Le débat de ce soir" in private
    assert "Le débat de ce soir" not in public
    assert texts(tree(passer_by, f"/runs/{run}"), ".aside .count") == ["1"]


def test_the_glass_box_fits_its_budget(passer_by: TestClient) -> None:
    """A card with its strip and figures costs at most 2 kB compressed."""
    page = passer_by.get("/sources").content
    cards = len(tree(passer_by, "/sources").css(".sources > li"))
    assert len(gzip.compress(page, 5)) <= 8_000 + 2_000 * cards


def test_the_first_page_counts_the_sites_that_were_visited(passer_by: TestClient) -> None:
    """What is merely installed has given nothing and is counted apart; alarms are not hidden."""
    page = tree(passer_by, "/", **{"accept-language": "en"})
    assert "The listings of 5 sites" in " ".join(texts(page, ".hero p"))
    assert len(page.css(".lamps li")) == 5
    told = " ".join(texts(page, ".fresh-head p"))
    assert "2 more are installed and not visited yet." in told
    (souk,) = [text for text in texts(page, ".lamps li") if text.startswith("Souk")]
    alarms = tree(passer_by, "/sources", **{"accept-language": "en"}).css(".alarms li")
    assert f"{len(alarms)} alarms" in souk
