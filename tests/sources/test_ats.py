"""Job boards: how a board is named, what is never asked, and what odd answers cost."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.errors import Blocked, ConfigError, Empty, PageChanged, RecordError, SourceError
from vigie.model.capture import Capture, Query

Make = Callable[..., Capture]

BOARDS = {
    "greenhouse": (
        "https://boards-api.greenhouse.io/v1/boards/acme/jobs?content=true&pay_transparency=true",
        "https://job-boards.greenhouse.io/acme",
        "boards.greenhouse.io/acme/jobs/12?gh_src=x",
        "https://job-boards.eu.greenhouse.io/acme/",
        "https://boards.greenhouse.io/embed/job_board?for=acme&b=x",
        "https://boards-api.greenhouse.io/v1/boards/acme/jobs?content=true",
    ),
    "lever": (
        "https://api.lever.co/v0/postings/acme?mode=json",
        "https://jobs.lever.co/acme",
        "https://jobs.lever.co/acme/12-34/apply",
        "https://api.lever.co/v0/postings/acme?mode=json",
    ),
    "ashby": (
        "https://api.ashbyhq.com/posting-api/job-board/acme?includeCompensation=true",
        "https://jobs.ashbyhq.com/acme",
        "jobs.ashbyhq.com/acme/12#top",
        "https://api.ashbyhq.com/posting-api/job-board/acme",
    ),
    "smartrecruiters": (
        "https://api.smartrecruiters.com/v1/companies/acme/postings?limit=100&offset=0",
        "https://jobs.smartrecruiters.com/acme",
        "https://careers.smartrecruiters.com/acme/",
        "https://jobs.smartrecruiters.com/acme/7440001-title",
        "https://api.smartrecruiters.com/v1/companies/acme/postings",
    ),
    "workable": (
        "https://apply.workable.com/api/v1/widget/accounts/acme?details=true",
        "https://apply.workable.com/acme/",
        "https://apply.workable.com/api/v1/widget/accounts/acme",
    ),
    "recruitee": (
        "https://acme.recruitee.com/api/offers/",
        "https://acme.recruitee.com",
        "ACME.recruitee.com/o/12",
    ),
    "teamtailor": (
        "https://acme.teamtailor.com/jobs.json",
        "https://acme.teamtailor.com/jobs",
        "acme.teamtailor.com",
    ),
    "personio": (
        "https://acme.jobs.personio.de/xml",
        "https://acme.jobs.personio.de/job/12",
        "acme.jobs.personio.de",
    ),
}
"""System → what is asked, then addresses by which people know the board."""

LISTS = {
    "greenhouse": "jobs", "ashby": "jobs", "smartrecruiters": "content", "workable": "jobs",
    "recruitee": "offers", "teamtailor": "items",
}  # fmt: skip
"""Systems whose answer is an object: where its list is."""

each_system = pytest.mark.parametrize("name", sorted(BOARDS))


def urls(name: str, **options: str) -> list[str]:
    return [request.url for request in sources.make(name).first(Query(options=options))]


@pytest.mark.parametrize(
    ("name", "told"), [(name, told) for name, known in BOARDS.items() for told in known[1:]]
)
def test_a_board_may_be_named_by_its_address(name: str, told: str) -> None:
    """An address that a person copied from the board asks the same as the board's name."""
    assert urls(name, board=told) == urls(name, board=" acme ") == [BOARDS[name][0]]


def test_regions_are_kept() -> None:
    """A board in another region is asked there."""
    assert urls("lever", board="https://jobs.eu.lever.co/acme") == [
        "https://api.eu.lever.co/v0/postings/acme?mode=json"
    ]
    assert urls("teamtailor", board="acme.na") == ["https://acme.na.teamtailor.com/jobs.json"]
    assert urls("personio", board="https://acme.jobs.personio.com/") == [
        "https://acme.jobs.personio.com/xml"
    ]


@each_system
def test_settings_name_the_boards_that_no_query_names(name: str) -> None:
    """Without an option all boards of the settings are asked, each once; an option names one."""
    site = sources.make(name, {"boards": ["acme", "autre", "acme"]})

    assert [request.url for request in site.first(Query())] == [
        BOARDS[name][0], BOARDS[name][0].replace("acme", "autre")
    ]  # fmt: skip
    assert [request.url for request in site.first(Query(options={"board": "tiers"}))] == [
        BOARDS[name][0].replace("acme", "tiers")
    ]


@each_system
def test_a_query_without_a_board_says_what_to_write(name: str) -> None:
    """Neither option nor setting: the message says both."""
    with pytest.raises(ConfigError, match=rf'board = "acme".*\[sources\.{name}\]'):
        urls(name)
    with pytest.raises(ConfigError, match="names no board"):
        list(sources.make(name, {"boards": []}).first(Query(name="mine")))


@each_system
@pytest.mark.parametrize(
    "board",
    [
        "", " ", ".", "..", "a/b", "../acme", "a?b=c", "a#b", "a b", "ac\nme", "a%2Fb", "é",
        "https://site.test/acme", "https://acme.recruitee.com.site.test/", "a@b", "x" * 101,
        "https://site.test/?https://jobs.lever.co/acme", "//site.test",
    ],
)  # fmt: skip
def test_nothing_else_can_be_asked(name: str, board: str) -> None:
    """What is no name and no address of the system's is refused, and told as it was written."""
    with pytest.raises(ConfigError, match="no board's name or address"):
        urls(name, board=board)


@each_system
@pytest.mark.parametrize(
    ("query", "match"),
    [
        (Query(words="data", options={"board": "acme"}), "filter what is found"),
        (Query(place="Lyon", options={"board": "acme"}), "filter what is found"),
        (Query(options={"boards": "acme"}), "unknown option 'boards'. Known: board"),
    ],
)
def test_what_a_board_cannot_be_asked_is_refused(name: str, query: Query, match: str) -> None:
    """Words, a place and unknown options are errors of the query, before anything is asked."""
    with pytest.raises(ConfigError, match=match):
        list(sources.make(name).first(query))


@each_system
@pytest.mark.parametrize(
    ("status", "error"),
    [(404, PageChanged), (410, PageChanged), (403, Blocked), (429, Blocked), (500, SourceError)],
)
def test_statuses_condemn_a_board(
    name: str, status: int, error: type[SourceError], page: Make
) -> None:
    """A board that is gone closes nothing: its name may be misspelt. A refusal is a refusal."""
    with pytest.raises(error) as caught:
        sources.make(name).items(page(b"{}", url=BOARDS[name][0], status=status))

    assert not isinstance(caught.value, Empty)


def odd(told: Any, depth: int = 0) -> Iterator[Any]:
    """Yield *told* with each of its values replaced by each of several odd ones."""
    if depth > 3:
        return
    pairs = told.items() if isinstance(told, dict) else enumerate(told)
    for key, value in list(pairs):
        for other in (
            None,
            [],
            {},
            "",
            0,
            -1,
            True,
            10**400,
            float("nan"),
            float("inf"),
            ["x"],
            {"a": 1},
        ):
            changed = dict(told) if isinstance(told, dict) else list(told)
            changed[key] = other
            yield changed
        if isinstance(value, dict | list):
            for inner in odd(value, depth + 1):
                changed = dict(told) if isinstance(told, dict) else list(told)
                changed[key] = inner
                yield changed


@pytest.mark.parametrize("name", sorted(set(BOARDS) - {"personio"}))
def test_odd_values_cost_their_item_at_most(name: str, page: Make) -> None:
    """Nulls, lists for texts, endless numbers: an item is read or in error, nothing else."""
    site = sources.make(name)
    case = "posting" if name == "smartrecruiters" else "board"
    path = Path(sources.__path__[0], name, "cases", case, "page.json")
    told = json.loads(path.read_text(encoding="utf-8"))
    key = LISTS.get(name)
    good = told if case == "posting" else told[key][0] if key else told[0]
    count = 0
    for changed in odd(good):
        whole = (
            changed if case == "posting" else {key: [changed], "name": "x"} if key else [changed]
        )
        capture = site.scrub(page(json.dumps(whole).encode(), url=BOARDS[name][0], status=200))
        list(site.follow(capture))
        for item in items_or_nothing(site, capture):
            count += 1
            try:
                values = site.read(item, capture).values
            except RecordError:
                continue
            assert all(
                value is None or isinstance(value, str | list | int) for value in values.values()
            )
    assert count > 100


def items_or_nothing(site: AnySource, capture: Capture) -> list[Any]:
    try:
        return list(site.items(capture))
    except SourceError:
        return []


def test_an_error_that_is_no_json_is_told(page: Make) -> None:
    """Ashby's errors are plain text: a changed page, not a crash."""
    with pytest.raises(PageChanged):
        sources.make("ashby").items(page(b"Internal error", url=BOARDS["ashby"][0], status=200))


def feed(position: str) -> bytes:
    return f"<?xml version='1.0'?><workzag-jobs>{position}</workzag-jobs>".encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-7"])
def test_no_entity_is_ever_expanded(encoding: str, page: Make) -> None:
    """A feed with a DTD is refused before it is parsed, however it is encoded."""
    bomb = '<?xml version="1.0"?> <!DOCTYPE workzag-jobs [<!ENTITY a "aaaa">]>'
    body = f"{bomb}<workzag-jobs><position><id>1</id><name>&a;</name></position></workzag-jobs>"

    with pytest.raises(PageChanged):
        sources.make("personio").items(page(body.encode(encoding), status=200))


def test_markup_in_a_position_is_no_dtd(page: Make) -> None:
    """A text that a person pasted with its doctype is a text; markup nobody escaped stays text."""
    site = sources.make("personio")
    capture = page(
        feed(
            "<position><id>7</id><name>Soudeuse <b>de nuit</b></name><jobDescriptions>"
            "<jobDescription><name/><value><![CDATA[<!DOCTYPE html><p>Souder.</p>]]></value>"
            "</jobDescription></jobDescriptions></position>"
        ),
        status=200,
    )
    (item,) = site.items(capture)
    listing = site.read(item, capture)

    assert listing.values["title"] == "Soudeuse de nuit"
    assert listing.values["text_raw"] == "<!DOCTYPE html><p>Souder.</p>"
    assert listing.values["url"] is None  # of which board the feed is, a file does not say


def test_one_wrong_byte_costs_no_feed(page: Make) -> None:
    """A byte that is no UTF-8 is replaced; the positions stay."""
    body = feed("<position><id>7</id><name>Soudeuse XX</name></position>").replace(b"XX", b"\xff")

    assert len(sources.make("personio").items(page(body, status=200))) == 1


@pytest.mark.parametrize(
    "following",
    [
        "https://other.teamtailor.com/jobs.json?page=2", "http://acme.teamtailor.com/jobs.json?page=2",
        "https://acme.teamtailor.com/jobs.json", "https://acme.teamtailor.com@site.test/", "//[", 7,
        "https://acme.teamtailor.com/é", "https://acme.teamtailor.com/a b",
    ],
)  # fmt: skip
def test_a_feed_leads_nowhere_else(following: object, page: Make) -> None:
    """The next page is one of the same board, by https, and not the page itself."""
    body = json.dumps({"items": [], "next_url": following}).encode()

    capture = page(body, url=BOARDS["teamtailor"][0], status=200)

    assert list(sources.make("teamtailor").follow(capture)) == []


POSTING = {"id": "74/../1?x", "name": "x"}
ODD_ID = "https://api.smartrecruiters.com/v1/companies/acme/postings/74%2F..%2F1%3Fx"


def test_lists_without_details(page: Make) -> None:
    """Without `details` a list leads to the next list only; an id cannot lead anywhere else."""
    body = json.dumps({"totalFound": 150, "offset": 0, "content": [POSTING]}).encode()
    capture = page(
        body, url=BOARDS["smartrecruiters"][0], status=200, note={"scrubbed": "1", "a": "b"}
    )
    second = BOARDS["smartrecruiters"][0].replace("offset=0", "offset=100")

    cards = list(sources.make("smartrecruiters", {"details": False}).follow(capture))
    detail, following = sources.make("smartrecruiters").follow(capture)

    assert [(request.url, request.note) for request in cards] == [(second, {"a": "b"})]
    assert (detail.url, detail.note) == (ODD_ID, {"a": "b", "native_id": POSTING["id"]})
    assert following.url == second


def test_a_list_from_elsewhere_leads_nowhere(page: Make) -> None:
    """An imported list of another address asks nothing of that address."""
    body = json.dumps({"totalFound": 150, "content": [POSTING]}).encode()

    capture = page(body, url="https://site.test/v1/companies/acme/postings?limit=100&offset=0")

    assert list(sources.make("smartrecruiters").follow(capture)) == []


def test_a_page_that_repeats_for_ever_ends(page: Make) -> None:
    """Whatever total is announced, lists end: each leads further, up to that total only."""
    site = sources.make("smartrecruiters", {"details": False})
    url, seen = BOARDS["smartrecruiters"][0], 0
    body = json.dumps({"totalFound": 950, "content": [POSTING]}).encode()
    while following := list(site.follow(page(body, url=url, status=200))):
        (url,), seen = [request.url for request in following], seen + 1

    assert seen == 9


def test_both_answers_of_a_posting_agree(page: Make) -> None:
    """A list and the posting's own answer show the same address, or each visit would change it."""
    site = sources.make("smartrecruiters")
    card = {"id": "7440001", "name": "x", "company": {"identifier": "Acme", "name": "Acme"}}
    one = page(json.dumps({"content": [card]}).encode(), status=200)
    own = card | {
        "jobAd": {"sections": {}},
        "postingUrl": "https://jobs.smartrecruiters.com/Acme/7440001-x",
    }
    two = page(json.dumps(own).encode(), status=200)

    shown = [site.read(site.items(p)[0], p) for p in (one, two)]

    assert [listing.reading for listing in shown] == ["card", "full"]
    assert shown[0].values.items() <= shown[1].values.items()


def test_places_of_one_workable_job_come_together(page: Make) -> None:
    """One short code is one item wherever its entries stand, so its place never flickers."""
    site = sources.make("workable")
    jobs = [
        {"shortcode": "A", "title": "x", "country": "Spain"},
        {"shortcode": "B", "title": "y", "country": "Spain"},
        {"shortcode": "A", "title": "x", "country": "Portugal"},
    ]
    capture = page(json.dumps({"name": "Acme", "jobs": jobs}).encode(), status=200)

    places = [site.read(item, capture).values["place_raw"] for item in site.items(capture)]

    assert places == ["Spain; Portugal", "Spain"]
