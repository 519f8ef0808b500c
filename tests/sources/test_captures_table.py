"""Every captured file: which source reads it, and how much is in it; or why it is none of ours.

One table, checked: a file that is put into the folder and not into the table fails.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from tests.sources.test_real_posts import SECRET, cassette

from vigie import sources
from vigie.contracts import AnySource
from vigie.errors import Empty, RecordError, SourceError
from vigie.model.capture import Capture

pytestmark = pytest.mark.data

Make = Callable[..., Capture]


@dataclass(frozen=True)
class Told:
    """What a file says when its pages are imported, which have no status."""

    source: str
    listings: int
    quarantined: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    """What condemns it whole: Blocked, Empty, PageChanged, or ``unreachable``."""


LISTED: dict[str, Told] = {
    "adzuna/adzuna_de_landing.html": Told("adzuna", 1),
    "adzuna/adzuna_fr_2025-06-05.json": Told("adzuna", 500),
    "arbeitnow/arbeitnow_joblist.json": Told("arbeitnow", 100),
    "ats/careerkit_ashby.json": Told("ashby", 2),
    "ats/careerkit_greenhouse.json": Told("greenhouse", 2),
    "ats/careerkit_lever.json": Told("lever", 2),
    "ats/careerkit_personio.xml": Told("personio", 2),
    "ats/careerkit_recruitee.json": Told("recruitee", 2),
    "ats/careerkit_smartrecruiters.json": Told("smartrecruiters", 1),
    "ats/careerkit_teamtailor.json": Told("teamtailor", 2),
    "ats/careerkit_workable.json": Told("workable", 1),
    "ats/mali_greenhouse.json": Told("greenhouse", 2),
    "ats/mali_lever.json": Told("lever", 3),
    "ats/mali_recruitee.json": Told("recruitee", 3),
    "ats/mali_smartrecruiters.json": Told("smartrecruiters", 3),
    "ats/mali_workable.json": Told("workable", 3),
    "ats/manw_smartrecruiters.json": Told("smartrecruiters", 6),
    "ats/manw_workable.json": Told("workable", 3),
    "avito_ma/html/test_get_attributes_0.html": Told("avito_ma", 1),
    "avito_ma/html/test_get_attributes_1.html": Told("avito_ma", 1),
    "avito_ma/html/test_get_attributes_2.html": Told("avito_ma", 1),
    "avito_ma/html/test_get_attributes_3.html": Told("avito_ma", 1),
    "avito_ma/html/test_get_attributes_4.html": Told("avito_ma", 1),
    "avito_ma/html/test_get_info_from_announcement_a.html": Told("avito_ma", 44),
    "avito_ma/html/test_get_next_page_url_1-2.html": Told("avito_ma", 44),
    "avito_ma/html/test_get_next_page_url_1000-1001.html": Told("avito_ma", 35),
    "avito_ma/html/test_get_next_page_url_1359-1360.html": Told("avito_ma", 35),
    "avito_ma/html/test_get_next_page_url_1360-1361.html": Told("avito_ma", 7),
    "avito_ma/html/test_get_next_page_url_2-3.html": Told("avito_ma", 44),
    "bluesky/expected_v1.jsonl": Told("bluesky", 17),
    "bluesky/golden_v1.jsonl": Told("bluesky", 1),
    "france_travail/404939_biostatisticien_2024-11-28.json": Told("france_travail", 179),
    "france_travail/404939_biostatisticien_2024-11-30.json": Told("france_travail", 178),
    "france_travail/example_one_offer.json": Told("france_travail", 1),
    "france_travail/offres_mixed.json": Told("france_travail", 521),
    "france_travail/openapi_offre_emploi_v2.json": Told("france_travail", 0, error="PageChanged"),
    "france_travail/referentiel_appellations_rome.json": Told(
        "france_travail", 0, quarantined={"no_id": 12107}
    ),
    "indeed/indeed_2025_b.html": Told("indeed", 0, error="unreachable"),
    "indeed/indeed_2025_c_small.html": Told("indeed", 0, error="Blocked"),
    "indeed/indeed_search_2023-09-06.html": Told("indeed", 15),
    "mastodon/test_fetch_remaining.yaml": Told("mastodon", 30),
    "mastodon/test_hashtag_tl.yaml": Told("mastodon", 1),
    "mastodon/test_pagination_iterator.yaml": Told("mastodon", 50),
    "mastodon/test_public_tl.yaml": Told("mastodon", 16),
    "mastodon/test_public_tl_anonymous.yaml": Told("mastodon", 8),
    "mastodon/test_timeline_disabled.yaml": Told("mastodon", 20),
    "mastodon/test_timeline_link_fails.yaml": Told("mastodon", 0, error="PageChanged"),
    "wttj/job_or_listing_2024-03.html": Told("wttj", 1),
    "wttj/search_it_us_2024-03.html": Told("wttj", 0, error="Empty"),
    "x_api_v2/2sets.jsonl": Told("x_api", 200),
    "x_api_v2/brexit.jsonl": Told("x_api", 100),
    "x_api_v2/cashtags.jsonl": Told("x_api", 1),
    "x_api_v2/flat.jsonl": Told("x_api", 100),
    "x_api_v2/noflat.jsonl": Told("x_api", 100),
    "x_api_v2/streaming_output_with_error.jsonl": Told("x_api", 7, quarantined={"bad_line": 1}),
    "x_api_v2/users.jsonl": Told("x_api", 0, quarantined={"not_a_post": 96}),
    "x_api_v2/users_compliance.jsonl": Told("x_api", 0, error="PageChanged"),
    "x_api_v2/withheld.jsonl": Told("x_api", 215),
    "misc/glassdoor_security_block_page.html": Told("job_postings", 0, error="Blocked"),
}
"""File → what is found in it, as a person counts it."""

PARTNER: Final = "made for one partner of the site: nobody else is given it"
NOT_OURS: dict[str, str] = {
    "ats/board_slugs_ashby.csv": "names of boards, no listings",
    "ats/board_slugs_greenhouse.csv": "names of boards, no listings",
    "ats/board_slugs_lever.csv": "names of boards, no listings",
    "ats/board_slugs_smartrecruiters.csv": "names of boards, no listings",
    "ats/board_slugs_workable.csv": "names of boards, no listings",
    "ats/careerkit_bamboohr.json": "BambooHR",
    "ats/careerkit_workday.json": "Workday",
    "ats/mali_justjoinit.json": "Just Join IT",
    "ats/mali_nofluffjobs.json": "No Fluff Jobs",
    "ats/manw_workday.json": "Workday",
    "ats/manw_workday_large.json": "Workday",
    "ats/uber_careers_api.json": "Uber's own careers, as a scraper saved them",
    "bluesky/app.bsky.feed.defs.json": "a schema",
    "bluesky/app.bsky.feed.post.json": "a schema",
    "bluesky/app.bsky.feed.searchPosts.json": "a schema",
    "bluesky/custom_record.json": "one record of a kind, outside any answer",
    "bluesky/did_doc.json": "an identity",
    "bluesky/extended_like_record.json": "one record of a kind, outside any answer",
    "bluesky/extended_post_record.json": "one record of a kind, outside any answer",
    "bluesky/feed_record.json": "one record of a kind, outside any answer",
    "bluesky/get_follows.json": "accounts, no posts",
    "bluesky/like_record.json": "one record of a kind, outside any answer",
    "bluesky/post_record.json": "one record of a kind, outside any answer",
    "bluesky/resolve_handle.json": "an identity",
    "bluesky/subscribeEvents.json": "a schema",
    "bluesky/thread_view_post_with_embed_media.json": "a thread, which we do not ask for",
    "fr_partner_feeds/decathlon.test.input.json": PARTNER,
    "fr_partner_feeds/engagementJeunes.test.input.json": PARTNER,
    "fr_partner_feeds/france-travail-cegid-mapper.test.input.json": PARTNER,
    "fr_partner_feeds/import-apec.test.input.xml": PARTNER,
    "fr_partner_feeds/import-clever-connect.test.input.xml": PARTNER,
    "fr_partner_feeds/import-edf.test.input.xml": PARTNER,
    "fr_partner_feeds/import-enedis.test.input.xml": PARTNER,
    "fr_partner_feeds/import-france-travail-cegid.test.input.json": PARTNER,
    "fr_partner_feeds/import-hello-work-buddi.test.input.xml": PARTNER,
    "fr_partner_feeds/import-hello-work.test.input.xml": PARTNER,
    "fr_partner_feeds/import-jobteaser.test.input.xml": PARTNER,
    "fr_partner_feeds/import-jooble.test.input.xml": PARTNER,
    "fr_partner_feeds/import-kelio.test.input.xml": PARTNER,
    "fr_partner_feeds/import-laposte.test.input.xml": PARTNER,
    "fr_partner_feeds/import-leboncoin.test.input.csv": PARTNER,
    "jobicy/jobicy_raw.json": "Jobicy",
    "mastodon/test_entity_account.yaml": "accounts",
    "mastodon/test_entity_searchv2.yaml": "a search, which needs an account",
    "mastodon/test_entity_status.yaml": "single posts by number, which we do not ask for",
    "mastodon/test_entity_tag.yaml": "trends",
    "mastodon/test_search.yaml": "a search, which needs an account",
    "mastodon/test_status.yaml": "single posts by number, which we do not ask for",
    "mastodon/test_trending_links.yaml": "trends",
    "mastodon/test_trending_statuses.yaml": "trends",
    "mastodon/test_trending_tags.yaml": "trends",
    "misc/jobfunnel_trying.html": "results of Glassdoor, without JSON-LD",
    "misc/linkedin_debug_page.html": "LinkedIn, of which only data sets are read",
    "reed/reed_raw_joblist_2024-03-18.json": "Reed",
}
"""File → why no source of ours reads it: what it is, or the site that has no source yet."""

URLS: Final = {
    "adzuna": "https://www.adzuna.de/details/4551219643",
    "indeed": "https://hk.indeed.com/jobs?q=software+engineer&start=0",
    "personio": "https://acme.jobs.personio.de/xml",
    "wttj": "https://www.welcometothejungle.com/en/jobs",
    "job_postings": "https://www.glassdoor.example/",
}
"""Where a source's pages are from, where that is asked of a page."""

BY_ADDRESS: Final = ("feed", "job_postings", "offers")
"""Sources that may be pointed at any page."""


def pages_of(path: Path, page: Make, source: str) -> Iterator[Capture]:
    """Yield the answers that a file holds: itself, or those that somebody gathered in it."""
    if path.suffix == ".yaml":
        for address, answer in cassette(path):
            if "/timelines/" in address:
                yield page(answer.encode(), url=address)
        return
    body = path.read_bytes()
    if path.name.startswith("manw_"):
        tree = json.loads(body)
        gathered = (
            [tree["widget"]]
            if source == "workable"
            else [*tree["list_pages"], *tree["details"].values()]
        )
        yield from (page(json.dumps(one).encode()) for one in gathered)
        return
    yield page(body, url=URLS.get(source, "https://site.test/"))


def made(name: str) -> AnySource:
    """Return the source, posts' with a secret of this test."""
    found = sources.find_all()[name]
    site: AnySource = found(author_secret=SECRET) if hasattr(found, "author_secret") else found()
    return site


def told_of(path: Path, page: Make, source: str) -> Told:
    """Return what *source* finds in a file; a page that is honestly empty adds nothing."""
    site = made(source)
    found, wrong, errors = 0, Counter[str](), []
    for raw in pages_of(path, page, source):
        kept = site.scrub(raw)
        assert site.scrub(kept) == kept
        try:
            items = site.items(kept)
        except SourceError as error:
            known = type(error) is not SourceError
            errors.append(type(error).__name__ if known else error.state)
            continue
        for item in items:
            try:
                site.read(item, kept)
                found += 1
            except RecordError as error:
                wrong[error.reason] += 1
    if found or wrong:
        assert set(errors) <= {Empty.__name__}
        errors = []
    return Told(source, found, dict(wrong), errors[0] if errors else None)


def test_every_captured_file_is_in_the_table(data: Path) -> None:
    """A new file is looked at by a person, who says what it holds."""
    folder = data / "captured"
    files = {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SOURCE.txt"
    }

    assert not LISTED.keys() & NOT_OURS.keys()
    assert files == LISTED.keys() | NOT_OURS.keys()


@pytest.mark.parametrize("name", LISTED)
def test_a_captured_file_holds_what_the_table_says(name: str, data: Path, page: Make) -> None:
    """Listings, what is set apart and why, or what condemns the page: to the record."""
    told = LISTED[name]

    assert told_of(data / "captured" / name, page, told.source) == told


@pytest.mark.parametrize("name", NOT_OURS)
def test_a_file_of_nobody_lists_nothing(name: str, data: Path, page: Make) -> None:
    """Sources that take any address tell such a file for what it is: no listing comes of it."""
    body = (data / "captured" / name).read_bytes()
    for source in BY_ADDRESS:
        site = made(source)
        with pytest.raises(SourceError):
            site.items(site.scrub(page(body)))


def test_every_reason_says_something() -> None:
    """A file is set aside for what it is, not by a blank."""
    assert all(re.search(r"\w{4}", why) for why in NOT_OURS.values())
