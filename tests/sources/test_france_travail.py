"""France Travail: what is asked of the API, how large queries are split, how one logs in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from vigie.errors import Blocked, ConfigError, SourceRefused
from vigie.model.capture import Capture, Query, Request
from vigie.sources.france_travail import SOURCE
from vigie.sources.france_travail.asking import DEPARTEMENTS, SEARCH
from vigie.sources.france_travail.login import TOKEN, ClientCredentials

Make = Callable[..., Capture]
SITE = SOURCE()


def asked(request: Request) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(request.url).query).items()}


@pytest.mark.parametrize(
    ("hours", "days"),
    [(1, "1"), (24, "1"), (25, "3"), (72, "3"), (168, "7"), (169, "14"), (744, "31"), (745, None)],
)
def test_the_least_number_of_days_that_covers(hours: int, days: str | None) -> None:
    """`publieeDepuis` takes five values only; the least that covers is asked, or none."""
    (request,) = SITE.first(Query(since_hours=hours))

    assert asked(request).get("publieeDepuis") == days


def test_the_first_request() -> None:
    """Words, place and options go into the address, newest first, the first 150."""
    query = Query(words="data engineer", place="69", options={"typeContrat": "CDI"})
    (request,) = SITE.first(query)

    assert request.url.startswith(SEARCH)
    assert asked(request) == {
        "motsCles": "data engineer", "departement": "69", "typeContrat": "CDI",
        "sort": "1", "range": "0-149",
    }  # fmt: skip


def test_an_option_the_api_does_not_know() -> None:
    """A misspelt option is told, not sent; a place is a code."""
    with pytest.raises(ConfigError, match="Did you mean departement"):
        list(SITE.first(Query(options={"department": "69"})))
    with pytest.raises(ConfigError, match="Lyon"):
        list(SITE.first(Query(place="Lyon")))


def follow(page: Make, query: str, content_range: str, status: int = 206) -> list[Request]:
    headers = (("Content-Range", content_range),)
    return list(SITE.follow(page(url=f"{SEARCH}?{query}", status=status, headers=headers)))


def test_ranges_go_to_the_total_and_not_past_the_cap(page: Make) -> None:
    """Each page asks for the next range; the last index asked is never over 1149."""
    (second,) = follow(page, "range=0-149", "offres 0-149/400")
    assert asked(second)["range"] == "150-299"
    assert follow(page, "range=300-449", "offres 300-399/400") == []
    assert follow(page, "range=0-149", "offres 0-99/100", status=200) == []

    (last,) = follow(page, "range=900-1049", "offres 900-1049/5000")
    assert asked(last)["range"] == "1050-1149"
    assert follow(page, "range=1050-1149", "offres 1050-1149/5000") == []


def test_a_large_query_is_split_without_gap_or_overlap(page: Make, at: datetime) -> None:
    """The windows of a split, followed to the end, touch and never overlap."""
    form = "%Y-%m-%dT%H:%M:%SZ"
    open_pages = follow(page, "motsCles=vente&publieeDepuis=7&range=0-149", "offres 0-149/9000")
    windows = []
    while open_pages:
        request = open_pages.pop()
        assert "publieeDepuis" not in asked(request)
        low, high = (
            datetime.strptime(asked(request)[name], form)  # noqa: DTZ007 - both are UTC
            for name in ("minCreationDate", "maxCreationDate")
        )
        if high - low > timedelta(hours=12):
            open_pages += follow(page, urlsplit(request.url).query, "offres 0-149/1200")
        else:
            windows.append((low, high))
    windows.sort()

    assert len(windows) > 8
    assert all(after[0] - before[1] == timedelta(seconds=1) for before, after in pairwise(windows))
    assert windows[0][0] <= at.replace(tzinfo=None) - timedelta(days=7)
    assert windows[-1][1] >= at.replace(tzinfo=None)


def test_a_full_second_is_split_by_place_and_still_paged(page: Make) -> None:
    """A window of one second goes on by département, and by range for offers without one."""
    second = "minCreationDate=2026-11-01T00%3A00%3A00Z&maxCreationDate=2026-11-01T00%3A00%3A01Z"
    requests = follow(page, f"{second}&range=0-149", "offres 0-149/1151")

    assert {asked(one).get("departement") for one in requests} == {*DEPARTEMENTS, None}
    assert asked(requests[-1])["range"] == "150-299"


def test_a_refusal_is_blocked(page: Make) -> None:
    """401 and 429 are refusals, not empty answers."""
    for status in (401, 403, 429):
        with pytest.raises(Blocked):
            SITE.items(page(b"{}", status=status))


def test_one_offer_a_line_reads(page: Make) -> None:
    """A file of one offer a line reads like a list; a broken line costs itself alone."""
    body = b'{"id": "1", "intitule": "A"}\n{"id": "2", "inti\n{"id": "3", "intitule": "C"}\n'

    assert len(SITE.items(page(body))) == 3


def test_logging_in(page: Make) -> None:
    """The token request carries both scopes; its answer signs requests; the secret never shows."""
    login = ClientCredentials(client_id="app", client_secret="hush-hush")
    request = login.request()

    assert request.url == TOKEN
    assert b"scope=api_offresdemploiv2+o2dsoffre" in (request.body or b"")
    assert "hush-hush" not in repr(login)
    answer = page(b'{"access_token": "t0ken", "expires_in": 1499}', status=200)
    signed = login.sign(Request(url=SEARCH, headers=(("authorization", "Bearer old"),)), answer)
    assert signed.headers == (("Authorization", "Bearer t0ken"),)


def test_a_refused_login_says_so(page: Make) -> None:
    """Missing or refused credentials stop the source with a reason that holds no secret."""
    with pytest.raises(SourceRefused, match="missing"):
        ClientCredentials(client_id="", client_secret="").request()
    login = ClientCredentials(client_id="app", client_secret="hush-hush")
    with pytest.raises(SourceRefused, match="status 401") as caught:
        login.sign(Request(url=SEARCH), page(b'{"error":"invalid_client"}', status=401))
    assert "hush" not in str(caught.value)
