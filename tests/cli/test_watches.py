"""The recipes that ship: each reads, its sources accept what it asks, and a dry run says so."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from vigie import sources
from vigie.model.watch import Watch, watch_of
from vigie.wiring.exports import check_exports

SHIPPED = sorted((Path(__file__).parents[2] / "watches").glob("*.toml"))
NAMES = [path.stem for path in SHIPPED]
REQUEST = re.compile(r"[a-z0-9_]+\t[^\t]*\t(GET|POST) https://[\x21-\x7e]+")
SECRET = "planted-8f2e"
KEYS = (
    "FRANCE_TRAVAIL__CLIENT_ID", "FRANCE_TRAVAIL__CLIENT_SECRET", "X_API__BEARER_TOKEN",
    "ADZUNA__APP_ID", "ADZUNA__APP_KEY",
)  # fmt: skip

SAME_FILE = """\
kind = "job"
query = [{ name = "a b" }, { name = "A-b" }]
export = [{ path = "{query}.csv" }]
"""


def shipped(name: str) -> Watch:
    path = next(path for path in SHIPPED if path.stem == name)
    return watch_of(path.read_text(encoding="utf-8"), path.stem, str(path))


def test_five_watches_ship() -> None:
    """Those that the handbook promises."""
    assert NAMES == [
        "annonces-maroc", "emplois-data-fr", "indeed-data", "linkedin-datasets",
        "presidentielle-2022",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_watch_asks_what_its_sources_understand(name: str) -> None:
    """Every query of every source opens at least one request; a source of files is imported."""
    watch = shipped(name)

    assert watch.title
    check_exports(watch)
    for watched in watch.source:
        source = sources.make(watched.name, watched.settings)
        assert source.kind == watch.kind_of(watched)
        if getattr(source, "files_only", False):
            continue
        queries = watch.queries(watched)
        assert len({query.name for query in queries}) == len(queries), "two queries of one scope"
        for query in queries:
            assert list(source.first(query))


def test_a_watch_asks_what_its_users_ask_today() -> None:
    """Keywords, candidates, sources and cadences are those of the systems it takes over."""
    jobs, posts = shipped("emplois-data-fr"), shipped("presidentielle-2022")
    indeed, ads = shipped("indeed-data"), shipped("annonces-maroc")

    assert [source.name for source in jobs.source] == ["talent", "wttj", "france_travail"]
    assert len(jobs.query) == 7
    assert jobs.cadence_minutes == indeed.cadence_minutes == 1440
    assert len(posts.query) == 12
    assert posts.cadence_minutes == 30
    for watched in posts.source[:3]:
        asked = posts.queries(watched)
        assert [query.name for query in asked] == [query.name for query in posts.query]
        assert {query.limit for query in asked} == {500}
    assert indeed.at == "00:01"
    (first, *others) = indeed.source
    assert (first.name, first.fallback) == ("indeed", False)
    assert others
    assert all(one.fallback for one in others)
    assert {query.since_hours for query in indeed.queries(first)} == {24}
    seconds = {one.name: 60 * (ads.cadence_of(one) or 0) for one in ads.source}
    assert seconds == {"avito_ma": 60, "marocannonces": 30}


def test_the_user_s_own_watch_wins_and_is_shown(vigie: Call, tmp_path: Path) -> None:
    """A recipe in the data folder takes the place of a shipped one of its name."""
    folder = tmp_path / "data" / "watches"
    folder.mkdir(parents=True)
    text = 'title = "Les miennes"\nkind = "ad"\n[[source]]\nname = "marocannonces"\n'
    (folder / "annonces-maroc.toml").write_text(text, encoding="utf-8")

    shown = json.loads(vigie("watch", "show", "annonces-maroc").out)
    listed = vigie("watch", "list").out.splitlines()
    asked = vigie("watch", "run", "annonces-maroc", "--dry-run")

    assert shown["title"] == "Les miennes"
    assert [line.split("\t")[0] for line in listed] == NAMES
    lines = [line for line in asked.out.splitlines() if not line.startswith("#")]
    assert len(lines) == 3
    assert all("https://www.marocannonces.com/" in line for line in lines)
    assert "nothing was asked" in asked.err


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_says_exactly_what_would_be_asked(
    vigie: Call, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every source and query is named with the requests that open it: https only, no secret.
    What needs a key says whether it is set; what may follow is said in the source's words."""
    for key in KEYS:
        monkeypatch.setenv(f"VIGIE_LOGINS__{key}", SECRET)
    watch = shipped(name)

    told = vigie("watch", "run", name, "--dry-run")

    assert told.code == 0
    lines = told.out.splitlines()
    requests = [line for line in lines if line[0] not in "#\t"]
    assert [line for line in requests if not REQUEST.fullmatch(line)] == []
    assert SECRET not in told.out + told.err
    assert "not set" not in told.out
    for watched in watch.source:
        source = sources.make(watched.name, watched.settings)
        if getattr(source, "files_only", False):
            assert any(line.startswith(f"# {watched.name}: reads files") for line in lines)
            continue
        (head,) = [line for line in lines if line.startswith(f"# {watched.name} (")]
        assert ("a fallback" in head) is watched.fallback
        for query in watch.queries(watched):
            mine = [line for line in requests
                    if line.startswith(f"{watched.name}\t{query.name}\t")]  # fmt: skip
            first = [f"{one.method} {one.url}" for one in source.first(query)]
            assert [line.split("\t")[2] for line in mine] == first
        if sources.login_class(watched.name) is not None:
            assert any(line.startswith(f"# needs [logins.{watched.name}]") for line in lines)
    visited = [line for line in lines if line.startswith("# may then ask")]
    assert len(visited) >= len({line.split("\t")[0] for line in requests}) - 1
    if requests:
        assert any(line.startswith("# every request carries User-Agent: Vigie/") for line in lines)


def test_a_dry_run_tells_alike_requests_apart(vigie: Call) -> None:
    """Welcome to the Jungle is asked for one page for every query: each says what it is for."""
    told = vigie("watch", "run", "emplois-data-fr", "--dry-run", "-s", "wttj")

    lines = told.out.splitlines()
    same = [place for place, line in enumerate(lines) if line.endswith("/fr/jobs")]
    goals = {lines[place + 1] for place in same if "this one then asks for" in lines[place + 1]}
    assert len(goals) == 7
    assert any("words data engineer, country FR" in goal for goal in goals)


def test_a_dry_run_speaks_plainly(vigie: Call) -> None:
    """No mark of code stands in what a source may ask next."""
    told = "".join(vigie("watch", "run", name, "--dry-run").out for name in NAMES)

    said = [line for line in told.splitlines() if line.startswith("# may then ask")]
    assert len(said) > 10
    assert [line for line in said if "`" in line or "*" in line or "(see " in line] == []


def test_a_name_of_two_words_is_a_phrase_at_bluesky(vigie: Call) -> None:
    """Asked for word by word it would find every post that has both anywhere."""
    told = vigie("watch", "run", "presidentielle-2022", "--dry-run", "-s", "bluesky")

    assert "q=%22Le+Pen%22&" in told.out
    assert "q=Le+Pen" not in told.out


def test_a_dry_run_names_what_is_not_set(vigie: Call) -> None:
    """Without credentials, it says which are missing, and shows the rest all the same."""
    told = vigie("watch", "run", "emplois-data-fr", "--dry-run", "-s", "france_travail")

    assert "not set: client_id, client_secret" in told.out
    assert "client_secret=%3Cclient_secret%3E" in told.out
    assert "talent" not in told.out
    sevens = [line for line in told.out.splitlines() if line.startswith("france_travail\t")]
    assert len(sevens) == 1 + 1 + 7  # signing in, the sentinel, the queries


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('kind = "jobs"', "'jobs' is no kind"),
        ('kind = "job"\nat = "24:00"', "expected HH:MM"),
        ('kind = "job"\ncadence_minutes = 0', "expected more than 0"),
        ('kind = "job"\n[[export]]\npath = "../x.csv"', "below the folder"),
        ('kind = "job"\n[[export]]\npath = "/tmp/x.csv"', "below the folder"),
        ('kind = "job"\n[[export]]\npath = "x.xlsx"', "the ending says the format"),
        ('kind = "job"\n[[export]]\npath = "{user}.csv"', "{user} is unknown"),
        ('kind = "job"\n[[export]]\npath = "{query.name}.csv"', "is unknown"),
        ('kind = "job"\n[[export]]\npath = "x{.csv"', "export x{.csv"),
        ('kind = "job"\n[[export]]\npath = "a.csv"\n[[export]]\npath = "a.csv"', "two exports"),
        ('kind = "job"\n[[export]]\npath = "x.csv"\nsource = ["wttj"]', "no source 'wttj'"),
        ('kind = "job"\n[[export]]\npath = "x.jsonl"\ndialect = "excel-fr"', "for .csv"),
        (SAME_FILE, "make the file name 'a_b'"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_is_told_before_anything_is_asked(
    vigie: Call, tmp_path: Path, text: str, told: str
) -> None:
    """One line names the file and what is wrong in it."""
    folder = tmp_path / "data" / "watches"
    folder.mkdir(parents=True)
    recipe = f'{text}\n[[source]]\nname = "talent"\n'
    (folder / "mine.toml").write_text(recipe, encoding="utf-8")

    outcome = vigie("watch", "run", "mine")

    assert outcome.code == 2
    assert told in outcome.err
    assert "mine.toml" in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-s", "talen"], "Did you mean 'talent'?"),
        (["--query", "data enginer"], "Did you mean 'data engineer'?"),
        (["--every", "--dry-run"], "not both"),
        (["--serve"], "--serve goes with --every"),
    ],
)
def test_a_misspelt_part_of_a_watch_is_told(vigie: Call, arguments: list[str], told: str) -> None:
    """Nothing is asked, and the nearest name is offered."""
    outcome = vigie("watch", "run", "emplois-data-fr", *arguments)

    assert outcome.code == 2
    assert told in outcome.err
    assert outcome.out == ""


def test_an_unknown_column_is_told_before_anything_is_asked(vigie: Call, tmp_path: Path) -> None:
    """A recipe that asks for a column its rows do not have, or for an author, asks nobody."""
    folder = tmp_path / "data" / "watches"
    folder.mkdir(parents=True)
    for column in ("salary", "author_key"):
        (folder / "mine.toml").write_text(
            'kind = "post"\n[[source]]\nname = "mastodon"\n[[export]]\npath = "x.csv"\n'
            f'columns = {{ a = "{column}" }}\n', encoding="utf-8"
        )  # fmt: skip
        outcome = vigie("watch", "run", "mine")
        assert outcome.code == 2
        assert f"a post has no column '{column}'" in outcome.err
