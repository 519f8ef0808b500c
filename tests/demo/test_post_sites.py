"""The stand-ins of networks: a reader reads back every post that they hold, and no author."""

import contextlib
import http.client
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from vigie import sources
from vigie.contracts import AnySource
from vigie.demo import Fault, Stage
from vigie.demo.posts import CANDIDATES
from vigie.demo.world import World
from vigie.errors import Blocked, Empty, PageChanged
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NETWORKS = ("x_api", "mastodon", "bluesky")
SECRET = {"author_secret": b"a secret of this test"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(seed=7, now=NOW, jobs=2, ads=2, only=NETWORKS) as served:
        yield served


def ask(stage: Stage, name: str, request: Request, at: datetime = NOW) -> Capture:
    parts = urlsplit(request.url)
    host = urlsplit(stage.origin(name)).netloc
    connection = http.client.HTTPConnection(host, timeout=5)
    try:
        path = f"{parts.path}?{parts.query}"
        connection.request("GET", path, headers={"Authorization": "Bearer demo"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    return Capture(
        id="c", at=at, source=name, url=request.url, body=body, run="r", status=answer.status,
        headers=tuple(answer.getheaders()), note=request.note,
    )  # fmt: skip


def visit(stage: Stage, name: str, source: AnySource, query: Query) -> list[Listing]:
    """Return what a collector would read of *query*, every page blanked before it is read."""
    found: list[Listing] = []
    queue = list(source.first(query))
    for _ in range(200):
        if not queue:
            return found
        page = source.scrub(ask(stage, name, queue.pop(0)))
        with contextlib.suppress(Empty):
            found += [source.read(item, page) for item in source.items(page)]
        queue += source.follow(page)
    raise AssertionError("the pages do not end")


def make(name: str) -> AnySource:
    source: AnySource = sources.find_all()[name](**SECRET)
    return source


@pytest.mark.parametrize("candidate", CANDIDATES)
@pytest.mark.parametrize("name", ["x_api", "bluesky"])
def test_a_search_reads_back_what_the_stand_in_holds(
    stage: Stage, name: str, candidate: str
) -> None:
    """Every post about a candidate is found once, in all three languages."""
    found = visit(stage, name, make(name), Query(name=candidate, words=candidate))

    held = [post for post in stage.world.posts if post.candidate == candidate]
    if name == "bluesky":
        held = [post for post in held if post.repeats is None]
    assert len(found) == len({one.native_id for one in found})
    assert len(found) >= len(held) > 20
    about = [one for one in found if candidate in str(one.values["text_raw"])]
    assert len(about) == len(held)
    assert {one.values["topic"] for one in found} == {None}


def test_a_timeline_reads_back_what_the_stand_in_holds(stage: Stage) -> None:
    """The public timeline shows every post once; a hashtag's the posts that carry it."""
    source = make("mastodon")

    everything = visit(stage, "mastodon", source, Query(name="all"))
    tagged = visit(stage, "mastodon", source, Query(name="m", options={"tags": "melenchon,lepen"}))

    held = [post for post in stage.world.posts if post.repeats is None]
    assert len(everything) == len({one.native_id for one in everything}) == len(held)
    wanted = [post for post in held if re.search("#(Mélenchon|LePen)", post.text)]
    assert len(tagged) == len(wanted) > 20


@pytest.mark.parametrize("name", NETWORKS)
def test_no_account_is_left(stage: Stage, name: str) -> None:
    """In no byte of a blanked page is a handle, a name or an account's id; keys stay apart."""
    source = make(name)
    request = next(source.first(Query(name="t", words="macron", options={})))
    if name == "mastodon":
        request = next(source.first(Query(name="all")))
    raw = ask(stage, name, request)
    page = source.scrub(raw)

    text = page.body.decode()
    assert re.search(r"compte[_-]\d", raw.body.decode())
    assert not re.search(r"compte[_-]\d|Personne Fictive|did:plc|70000000\d\d|70000001\d\d", text)
    assert "@[…]" in text
    keys = {source.read(item, page).values["author_key"] for item in source.items(page)}
    assert None not in keys
    assert len(keys) > 10
    other = sources.find_all()[name](author_secret=b"another").scrub(raw)
    others = {source.read(item, other).values["author_key"] for item in source.items(other)}
    assert len(others) == len(keys)
    assert not others & keys


@pytest.mark.parametrize("name", NETWORKS)
def test_a_senseless_query_finds_nothing(stage: Stage, name: str) -> None:
    """The sentinel's answer is an honest nothing."""
    source = make(name)
    assert source.sentinel is not None
    page = ask(stage, name, next(source.first(source.sentinel)))
    with pytest.raises(Empty):
        source.items(page)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_changed_layout_and_a_challenge_are_told_apart(stage: Stage, name: str) -> None:
    """A renamed anchor is a changed page, or no readable item; a challenge is a block."""
    source = make(name)
    request = next(source.first(source.example if name == "mastodon" else Query(words="macron")))
    if name == "mastodon":
        request = next(source.first(Query(name="all")))
    stage.fail(name, Fault(kind="layout_changed"))
    changed = ask(stage, name, request)
    stage.fail(name, Fault(kind="challenge"))
    challenged = ask(stage, name, request)
    stage.fail(name, None)

    with pytest.raises(PageChanged):
        source.items(changed)
    with pytest.raises(Blocked):
        source.items(challenged)


def test_a_search_goes_on_where_it_ended(stage: Stage) -> None:
    """What a page tells to resume from gives only newer posts; too old a place gives all again."""
    source = make("x_api")
    first = ask(stage, "x_api", next(source.first(Query(words="macron"))))
    newest = source.resume(first)  # type: ignore[attr-defined]  # of sources that go on
    older = source.read(source.items(first)[4], first).native_id

    again = ask(stage, "x_api", next(source.first(
        Query(words="macron", options={"since_id": newest})
    )))  # fmt: skip
    some = ask(stage, "x_api", next(source.first(
        Query(words="macron", options={"since_id": older})
    )))  # fmt: skip
    old = visit(stage, "x_api", source, Query(words="macron", options={"since_id": "12"}))

    with pytest.raises(Empty):
        source.items(again)
    assert len(source.items(some)) == 4
    assert len(old) == len(visit(stage, "x_api", source, Query(words="macron")))


def test_posts_are_deleted_and_written_between_visits() -> None:
    """The next visit lacks some posts and has new ones; what stays is the same."""
    before, after = World(7, NOW), World(7, NOW, 1)
    old = {post.number: post for post in before.posts}
    new = {post.number: post for post in after.posts}

    assert 0 < len(old.keys() - new.keys()) < 0.2 * len(old)
    assert 0 < len(new.keys() - old.keys()) < 0.2 * len(old)
    assert all(old[number] == new[number] for number in old.keys() & new.keys())
    assert World(7, NOW).posts == before.posts
    assert {post.candidate for post in before.posts} == set(CANDIDATES)
    assert {post.lang for post in before.posts} == {"fr", "en", "ar"}


def test_the_tables_of_results_are_read() -> None:
    """Every table of the stand-in reads as figures that add up; none is a real one, as it says."""
    source = sources.make("election_results")
    with Stage(seed=7, now=NOW, jobs=2, ads=2, only=["election_results"]) as stage:
        for request in source.first(Query(name="all")):
            page = ask(stage, "election_results", request)
            if page.status == 302:
                moved = Request(url=str(page.header("Location")), note=request.note)
                page = ask(stage, "election_results", moved)
            told = [source.read(item, page).values for item in source.items(page)]

            assert {one["year"] for one in told} == {int(request.note["year"])}
            assert {one["round"] for one in told} == {int(request.note["round"])}
            assert len({one["area_code"] for one in told}) == 12
            assert {"01", "2A", "ZA", "ZZ"} <= {one["area_code"] for one in told}
            assert all("inventés" in str(one["area_name"]) for one in told)
            sums = {
                measure: sum(float(str(one["value"])) for one in told if one["measure"] == measure)
                for measure in ("votes", "expressed", "blank", "null", "voters")
            }
            assert sums["votes"] == sums["expressed"]
            assert sums["voters"] == sums["expressed"] + sums["blank"] + sums["null"]
        stage.fail("election_results", Fault(kind="empty"))
        with pytest.raises(Empty):
            source.items(ask(stage, "election_results", next(source.first(source.example))))
        stage.fail("election_results", Fault(kind="layout_changed"))
        with pytest.raises(PageChanged):
            source.items(ask(stage, "election_results", next(source.first(source.example))))
