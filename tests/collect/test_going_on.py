"""Searches of posts go on where the last run ended, and close nothing."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import msgspec

from vigie import sources
from vigie.collect.job import Job
from vigie.collect.places import place_name
from vigie.model.capture import Query, Scan
from vigie.model.fates import State


def job(*queries: Query, watch: str = "w") -> Job:
    login = sources.login_class("x_api")
    assert login is not None
    source = sources.find_all()["x_api"](author_secret=b"s")
    return Job(
        name="x_api", source=source, watch=watch, queries=queries,
        login=login(bearer_token="demo"),
    )  # fmt: skip


def place(outpost: Any, query: Query, watch: str = "w") -> str | None:
    found: str | None = outpost.agenda.resume("x_api", place_name(watch, query))
    return found


def test_the_next_run_asks_for_what_is_newer(outpost: Any) -> None:
    """The second run finds nothing new; after a day it finds the day's posts alone."""
    query = Query(name="macron", words="Macron")

    first = outpost.collect(job(query))[0]
    second = outpost.collect(job(query))[0]
    outpost.stage.next_visit()
    third = outpost.collect(job(query))[0]

    assert first.state is State.OK
    assert first.scan is Scan.NEWEST
    assert first.listed > 20
    assert second.state is State.EMPTY
    assert 0 < third.listed < first.listed / 2
    ends = outpost.ends()
    assert ends[0].resume is not None
    assert int(ends[2].resume or 0) > int(ends[0].resume)
    assert place(outpost, query) == ends[2].resume


def test_a_limit_that_leaves_pages_leaves_the_place(outpost: Any) -> None:
    """A run that stops at its limit with pages left says so and notes no place: the next one,
    whose limit is higher, lists what lay below, and so much is listed as with no limit at all."""
    few = Query(name="all", words="lang:fr", limit=100)
    every = Query(name="all", words="lang:fr")

    first = outpost.collect(job(few))[0]
    noted = place(outpost, few)
    second = outpost.collect(job(every))[0]
    at_once = outpost.collect(job(every, watch="another"))[0]

    assert (first.scan, first.state) == (Scan.NEWEST, State.TRUNCATED)
    assert first.reason == "limit of 100 reached, more was there"
    assert noted is None
    assert first.listed < second.listed == at_once.listed
    assert (second.scan, second.state, second.reason) == (Scan.NEWEST, State.OK, "")
    ends = outpost.ends()
    assert (ends[0].scan, ends[0].resume, ends[0].reason) == (Scan.NEWEST, None, first.reason)
    assert place(outpost, every) == ends[1].resume is not None


def test_a_place_stays_while_there_is_more_than_the_limit(outpost: Any) -> None:
    """Every run that leaves pages says `truncated`, and the place that was known is kept."""
    query = Query(name="all", words="lang:fr")
    outpost.collect(job(query))
    before = place(outpost, query)
    outpost.stage.next_visit()
    few = msgspec.structs.replace(query, limit=10)

    runs = [outpost.collect(job(few))[0] for _ in range(2)]

    assert {run.state for run in runs} == {State.TRUNCATED}
    assert runs[0].listed == runs[1].listed > 0
    assert place(outpost, few) == before
    assert outpost.collect(job(query))[0].listed > runs[0].listed


def test_a_limit_that_nothing_lies_below_is_an_end(outpost: Any) -> None:
    """Nothing was left: the place moves, and nothing is said to be missing."""
    query = Query(name="macron", words="Macron", limit=100_000)

    report = outpost.collect(job(query))[0]

    assert (report.scan, report.state) == (Scan.NEWEST, State.OK)
    assert place(outpost, query) is not None


def test_a_limit_is_what_was_asked_where_nothing_goes_on(outpost: Any) -> None:
    """A source that starts from the top each time loses nothing at a limit."""
    report = outpost.collect(outpost.job("talent", Query(name="all", limit=20)))[0]

    assert (report.scan, report.state, report.reason) == (Scan.NEWEST, State.OK, "")


def test_a_look_beside_does_not_move_a_watch_s_place(outpost: Any) -> None:
    """An ad hoc collection with the same query, and one that says where to start, take nothing
    from the watch."""
    query = Query(name="Macron", words="Macron")
    beside = outpost.collect(job(query, watch=""))[0]
    newest = place(outpost, query, watch="")
    since = msgspec.structs.replace(query, options={"since_id": str(int(newest or 0) - 1)})
    outpost.collect(job(since))

    assert place(outpost, query) is None
    assert outpost.collect(job(query))[0].listed == beside.listed > 20


def test_new_words_under_an_old_name_start_anew(outpost: Any) -> None:
    """What is asked now was not asked before: nothing of it was seen."""
    outpost.collect(job(Query(name="topic", words="Macron")))

    changed = outpost.collect(job(Query(name="topic", words="Zemmour")))[0]
    alone = outpost.collect(job(Query(name="other", words="Zemmour")))[0]

    assert changed.listed == alone.listed > 0


def test_another_server_or_archive_starts_anew(outpost: Any) -> None:
    """Settings that change what is asked tell places apart; how politely it is asked, the secret
    and a setting said as it ships do not."""
    query = Query(name="a", words="b")
    for name, other in (("mastodon", {"server": "piaille.fr"}), ("x_api", {"archive": True})):
        known = sources.make(name)
        assert place_name("w", query, known) == place_name("w", query)
        for same in (
            sources.make(name, {"pause_seconds": 9}),
            sources.find_all()[name](author_secret=b"another"),
        ):
            assert place_name("w", query, same) == place_name("w", query, known)
        assert place_name("w", query, sources.make(name, other)) != place_name("w", query, known)

    macron = Query(name="macron", words="Macron")
    outpost.collect(job(macron))
    recent = job(macron)
    whole: Any = recent.source
    outpost.collect(replace(recent, source=replace(whole, archive=True)))

    asked = [page.url for page in outpost.captures()]
    assert any("/search/all" in one for one in asked)
    assert [one for one in asked if "/search/all" in one and "since_id" in one] == []


def test_a_place_has_a_name_for_everything_asked() -> None:
    """Watch, name, words, place, window and options tell places apart; the place to go on from
    and the limit do not, nor does the order of options."""
    asked = Query(name="a", words="b", place="c", options={"x": "1", "y": "2"})
    change = msgspec.structs.replace
    others = [
        place_name("w", asked), place_name("v", asked), place_name("w", change(asked, name="b")),
        place_name("w", change(asked, words="c")), place_name("w", change(asked, place="")),
        place_name("w", change(asked, since_hours=24)),
        place_name("w", change(asked, options={"x": "1", "y": "3"})),
        place_name("w", change(asked, options={"x": "1"})),
        place_name("w", change(asked, options={"x": "1y", "2": ""})),
    ]  # fmt: skip

    assert all(one != other for one, other in combinations(others, 2))
    same = change(asked, limit=5, options={"y": "2", "since_id": "9", "x": "1"})
    assert place_name("w", same) == others[0]
