"""Collections from sites that are well."""

import re

from vigie.collect.job import utc_now
from vigie.model.capture import Query, Scan
from vigie.model.fates import State

from .conftest import Outpost


def test_everything_listed_is_spooled(outpost: Outpost) -> None:
    """A complete scan's captures show every listing that the sites have, and its end says so."""
    jobs = [outpost.job(name) for name in ("france_travail", "avito_ma")]

    reports = outpost.collect(*jobs)

    world = outpost.stage.world
    assert outpost.listed("france_travail") == {job.id for job in world.jobs}
    avito = {str(57_000_000 + ad.number * 7) for ad in world.ads if ad.on_avito}
    assert avito <= outpost.listed("avito_ma")
    assert {report.scan for report in reports} == {Scan.COMPLETE}
    assert {report.state for report in reports} == {State.OK}
    assert [end.scan for end in outpost.ends()] == [Scan.COMPLETE] * 2


def test_a_run_end_counts_its_captures(outpost: Outpost) -> None:
    """`pages` is the number of captures that the query wrote, and all share its run."""
    outpost.collect(outpost.job("avito_ma"), outpost.job("marocannonces"))

    for end in outpost.ends():
        mine = [page for page in outpost.captures() if page.run == end.run]
        assert len(mine) == end.pages
        assert {page.source for page in mine} == {end.source}


def test_each_query_has_an_end_of_its_own(outpost: Outpost) -> None:
    """One run a source, one end a query, even for a query that finds nothing."""
    queries = (Query(name="data", words="data"), Query(name="none", words="zzzz"))

    reports = outpost.collect(outpost.job("france_travail", *queries))

    assert [(end.query, end.scan) for end in outpost.ends()] == [
        ("data", Scan.COMPLETE),
        ("none", Scan.COMPLETE),
    ]
    assert len({end.run for end in outpost.ends()}) == 1
    assert [report.state for report in reports] == [State.OK, State.EMPTY]


def test_asking_for_the_newest_closes_nothing(outpost: Outpost) -> None:
    """A query bounded by time or number, or a source that looks back 72 hours, is no full scan."""
    outpost.collect(
        outpost.job("france_travail", Query(name="day", since_hours=24)),
        outpost.job("avito_ma", Query(name="few", limit=40)),
        outpost.job("marocannonces"),
    )

    assert {end.scan for end in outpost.ends()} == {Scan.NEWEST}


def test_a_limit_stops_the_query(outpost: Outpost) -> None:
    """No page is asked after so many listings were seen."""
    outpost.collect(outpost.job("avito_ma", Query(name="few", limit=40)))

    assert len(outpost.captures()) == 2


def test_nothing_is_asked_twice(outpost: Outpost) -> None:
    """Within a run no page is asked twice, though cards on two lists lead to it."""
    outpost.collect(
        outpost.job(
            "marocannonces",
            Query(name="auto", options={"category": "Auto-Moto"}),
            Query(name="all"),
            details=True,
        )
    )

    details = [path for path in outpost.pages("marocannonces") if "/annonce/" in path]
    assert details
    assert len(details) == len(set(details))


def test_captures_keep_the_sites_own_address(outpost: Outpost) -> None:
    """A stand-in is asked, yet what is kept names the real site."""
    outpost.collect(outpost.job("marocannonces"))

    assert all(
        page.url.startswith("https://www.marocannonces.com/categorie/")
        for page in outpost.captures()
    )


def test_no_seller_and_no_secret_is_spooled(outpost: Outpost) -> None:
    """Names and phones of sellers and recruiters, cookies and tokens never reach the disk."""
    outpost.collect(
        outpost.job("avito_ma", via="pages", details=True),
        outpost.job("marocannonces", details=True),
        outpost.job("france_travail"),
    )

    pages = outpost.captures()
    kept = "\n".join(f"{page.headers} {page.body.decode()} {page.note}" for page in pages)
    digits = re.sub(r"(?<=\d)[ .](?=\d)", "", kept)
    assert not any(ad.phone in digits for ad in outpost.stage.world.ads)
    assert not any(job.phone.replace(" ", "") in digits for job in outpost.stage.world.jobs)
    assert "exemple.invalid" not in kept
    assert "Bearer" not in kept
    assert "demo-" not in kept
    assert "not-to-be-kept" not in kept
    assert not any(seller in kept for seller in _sellers(outpost))
    raw = b"".join(path.read_bytes() for path in outpost.spool.segments())
    assert b"hush" not in raw


def _sellers(outpost: Outpost) -> set[str]:
    return {ad.seller for ad in outpost.stage.world.ads}


def test_a_login_is_asked_once_and_never_spooled(outpost: Outpost) -> None:
    """One token serves all queries of a source."""
    queries = [Query(name=word, words=word) for word in ("data", "chauffeur", "maçon")]

    outpost.collect(outpost.job("france_travail", *queries))

    asked = outpost.stage.asked("france_travail")
    assert sum("oauth2" in one.path for one in asked) == 1
    assert all("oauth2" not in page.url for page in outpost.captures())


def test_we_say_who_we_are(outpost: Outpost) -> None:
    """Every request carries our name and a contact; robots.txt is read first."""
    outpost.collect(outpost.job("avito_ma"))

    asked = outpost.stage.asked("avito_ma")
    assert {one.headers["user-agent"] for one in asked} == {"Vigie/test (+https://example.org)"}
    assert asked[0].path == "/robots.txt"


def test_progress_is_told_and_ends(outpost: Outpost) -> None:
    """Pages are told as they come, and the last word of a query is that it is done."""
    outpost.collect(outpost.job("avito_ma"))

    assert [news.pages for news in outpost.told if not news.done] == list(
        range(1, len(outpost.captures()) + 1)
    )
    assert outpost.told[-1].done


def test_a_second_visit_sees_the_changes(outpost: Outpost) -> None:
    """A day later some listings are gone and some are new."""
    outpost.collect(outpost.job("france_travail"))
    before = outpost.listed("france_travail")
    later = outpost.stage.next_visit() - utc_now()

    outpost.collect(outpost.job("france_travail"), now=lambda: utc_now() + later)

    second = {job.id for job in outpost.stage.world.jobs}
    assert outpost.listed("france_travail") == before | second
    assert before - second
    assert second - before
