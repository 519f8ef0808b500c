"""The stand-ins of the job boards: every reader reads back what its boards hold."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from vigie import sources
from vigie.demo import Fault, Stage
from vigie.demo.boards import BOARDS, Board, jobs_on
from vigie.demo.contents import Contents
from vigie.demo.stage import stand_ins
from vigie.errors import Blocked, Empty, PageChanged
from vigie.model.capture import Capture, Query
from vigie.model.listing import Listing

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SYSTEMS = tuple(BOARDS)
each_system = pytest.mark.parametrize("name", SYSTEMS)
each_board = pytest.mark.parametrize(
    ("name", "board"),
    [(name, board) for name, boards in BOARDS.items() for board in boards],
    ids=lambda part: part.slug if isinstance(part, Board) else part,
)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(seed=7, now=NOW, jobs=1400, ads=1, only=SYSTEMS) as served:
        yield served


@pytest.fixture(scope="module")
def contents(stage: Stage) -> Contents:
    return Contents.of(stage.world)


@pytest.fixture(autouse=True)
def well(stage: Stage) -> None:
    for name in stage.names():
        stage.fail(name, None)


def captured(stage: Stage, name: str, url: str, **note: str) -> Capture:
    """Return what *name* answers for its real address *url*, as it is kept."""
    parts = urlsplit(url)
    origin = f"https://{parts.netloc}"
    folders: dict[str, str] = getattr(stand_ins()[name], "folders", {})
    address = stage.origin(name) + folders.get(origin, "") + parts.path + f"?{parts.query}"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - loopback
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status, body = error.code, error.read()
    page = Capture(
        id="c", at=NOW, source=name, url=url, body=body, run="r", status=status, note=note
    )
    return sources.make(name).scrub(page)


def asked(name: str, slug: str) -> str:
    (request,) = sources.make(name).first(Query(options={"board": slug}))
    return request.url


def read_all(stage: Stage, name: str, url: str) -> list[Listing]:
    """Return what the source reads from *url* on, each listing as its last page shows it."""
    site = sources.make(name)
    found: dict[str, Listing] = {}
    waiting, seen = [(url, dict[str, str]())], set[str]()
    while waiting:
        address, note = waiting.pop()
        assert address not in seen
        seen.add(address)
        page = captured(stage, name, address, **note)
        for item in site.items(page):
            listing = site.read(item, page)
            if listing.native_id not in found or listing.reading == "full":
                found[listing.native_id] = listing
        waiting += [(request.url, request.note) for request in site.follow(page)]
    return list(found.values())


@each_board
def test_a_board_is_read_whole(stage: Stage, contents: Contents, name: str, board: Board) -> None:
    """As many listings as the board holds, each in full; a board without any is an honest zero."""
    wanted = jobs_on(contents, name, board)
    url = asked(name, board.slug)
    if board is BOARDS[name][-1]:
        assert wanted == ()
        with pytest.raises(Empty):
            sources.make(name).items(captured(stage, name, url))
        return

    found = read_all(stage, name, url)

    assert len(found) == len(wanted)
    assert sorted(str(one.values["title"]) for one in found) == sorted(job.title for job in wanted)
    for listing in found:
        assert listing.reading == "full"
        assert str(listing.values["url"]).startswith("https://")
        assert listing.values["posted_raw"]
        assert listing.values["place_raw"]
        assert listing.values["text_raw"]


@each_system
def test_the_example_is_a_board_with_jobs(stage: Stage, name: str) -> None:
    """What documentation asks finds something on the stand-in."""
    site = sources.make(name)
    (request,) = site.first(site.example)

    assert site.items(captured(stage, name, request.url))


@each_system
def test_boards_share_no_job(contents: Contents, name: str) -> None:
    """An offer stands on one board of one system."""
    here = {job.number for board in BOARDS[name] for job in jobs_on(contents, name, board)}
    elsewhere = {
        job.number
        for other, boards in BOARDS.items()
        for board in boards
        for job in jobs_on(contents, other, board)
        if other != name
    }

    assert here
    assert not here & elsewhere


def test_boards_have_a_boards_size() -> None:
    """In the whole world a board that holds offers holds 5 to 40, and keeps them over the days."""
    with Stage(seed=3, now=NOW, ads=1, only=[]) as served:
        before = Contents.of(served.world)
        served.next_visit()
        after = Contents.of(served.world)
    for name, boards in BOARDS.items():
        for board in boards[:-1]:
            old = {job.number for job in jobs_on(before, name, board)}
            new = {job.number for job in jobs_on(after, name, board)}
            assert 5 <= len(old) <= 40
            assert len(old & new) >= len(old) * 0.7


@each_system
def test_an_unknown_board_closes_nothing(stage: Stage, name: str) -> None:
    """A misspelt board is a changed page; SmartRecruiters answers it like an empty one."""
    url = asked(name, "no-such-board")
    if name in ("recruitee", "teamtailor", "personio"):  # no such host: any path that is not there
        url = asked(name, BOARDS[name][0].slug) + "/none"
    expected = Empty if name == "smartrecruiters" else PageChanged

    with pytest.raises(expected):
        sources.make(name).items(captured(stage, name, url))


@each_system
@pytest.mark.parametrize(
    ("kind", "error"), [("layout_changed", PageChanged), ("challenge", Blocked)]
)
def test_a_changed_or_blocked_board_is_told(
    stage: Stage, name: str, kind: str, error: type[Exception]
) -> None:
    """Renaming what the reader holds on to is a changed page; a challenge is a refusal."""
    stage.fail(name, Fault(kind=kind))  # type: ignore[arg-type]  # one of its kinds
    page = captured(stage, name, asked(name, BOARDS[name][0].slug))

    with pytest.raises(error):
        sources.make(name).items(page)


@each_system
def test_other_addresses_are_not_there(stage: Stage, name: str) -> None:
    """A stand-in answers 404 for what the site does not have."""
    origin = stand_ins()[name].origins[0]

    assert captured(stage, name, f"{origin}/no/such/page").status == 404


@each_system
def test_recruiters_are_gone(stage: Stage, name: str) -> None:
    """No invented recruiter, mailbox or phone is in what is kept."""
    board = BOARDS[name][0]
    page = captured(stage, name, asked(name, board.slug))

    for word in (b"Camille Fictif", b"@exemple.invalid", b"06 39 98", b"@" + board.slug.encode()):
        assert word not in page.body


def test_lists_of_smartrecruiters_are_followed_to_their_end(
    stage: Stage, contents: Contents
) -> None:
    """Small lists lead from one to the next, and a list that is not the one asked for ends it."""
    board = BOARDS["smartrecruiters"][0]
    url = asked("smartrecruiters", board.slug).replace("limit=100", "limit=4")

    assert len(read_all(stage, "smartrecruiters", url)) == len(
        jobs_on(contents, "smartrecruiters", board)
    )

    stage.fail("smartrecruiters", Fault(kind="endless"))
    site = sources.make("smartrecruiters", {"details": False})
    second = url.replace("offset=0", "offset=4")
    assert list(site.follow(captured(stage, "smartrecruiters", second))) == []


def test_a_posting_that_is_gone_is_empty(stage: Stage) -> None:
    """The answer of a posting that closed is no changed page: it closes that posting alone."""
    url = "https://api.smartrecruiters.com/v1/companies/GivrandExemple/postings/7440"
    page = captured(stage, "smartrecruiters", url, native_id="7440")

    assert page.status == 404
    with pytest.raises(Empty):
        sources.make("smartrecruiters").items(page)
