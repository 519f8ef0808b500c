"""Each of the five watches, run from end to end: sites, spool, steps, store, files."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.cli.conftest import Call
from tests.cli.watch_stage import (
    NOW,
    asking,
    at,
    contents,
    coverage_of,
    header_of,
    on_stage,
    rows_in,
)
from vigie.cli.visiting import PARTIAL, print_visit
from vigie.demo import Fault
from vigie.demo.jobs import folded
from vigie.errors import ConfigError
from vigie.model.watch import slug, watch_of
from vigie.wiring import Instance
from vigie.wiring.watching import Chosen, run_watch

JOBS = ("talent", "wttj", "france_travail")


def test_jobs_are_collected_apart_cleaned_apart_and_merged(tmp_path: Path) -> None:
    """Every offer that the sites hold for the seven queries is in its source's file, and in one
    row of the merged one, whose first columns are its users'."""
    with on_stage(tmp_path, "emplois-data-fr", jobs=300, ads=1) as (here, watch, stage, stand_in):
        done = run_watch(here, watch, stand_in=stand_in)
        held = {
            job.number
            for job in stage.world.jobs
            for query in watch.query
            if all(word in job.search for word in folded(query.words).split())
        }

    exports = tmp_path / "exports"
    merged = rows_in(exports / "merged_jobs.csv")
    assert {str(report.state) for report in done.reports} == {"ok", "empty"}
    assert header_of(exports / "merged_jobs.csv").startswith(
        "offre,entreprise,adresse,lien de description,cluster,sources,links,members,fallback,"
    )
    cleaned = {name: rows_in(exports / f"cleaned_{name}.csv") for name in JOBS}
    assert {name: len(rows) for name, rows in cleaned.items()} == dict.fromkeys(JOBS, len(held))
    every = [row for rows in cleaned.values() for row in rows]
    assert {row["cluster"] for row in merged} == {row["cluster"] for row in every}
    assert len(merged) == len({row["cluster"] for row in every})
    assert sum(int(row["members"]) for row in merged) == len(every)
    assert all(row["offre"] and row["lien de description"].startswith("http") for row in merged)
    assert {row["fallback"] for row in every} == {"false"}
    assert all(json.loads(row["queries"]) for row in every)
    days = [row["posted_at"] for row in merged]
    assert days == sorted(days, reverse=True)


def test_a_cluster_is_one_row_that_answers_to_all_its_members(tmp_path: Path) -> None:
    """What the fullest member lacks comes from the others; sources and links are those of all."""
    with on_stage(tmp_path, "emplois-data-fr", jobs=120, ads=1) as (here, watch, _, stand_in):
        run_watch(here, watch, stand_in=stand_in)
        exports = tmp_path / "exports"
        before = rows_in(exports / "merged_jobs.csv")
        every = {name: rows_in(exports / f"cleaned_{name}.csv") for name in JOBS}
        ends = {
            name: next(row for row in rows if row["title"] == every["talent"][0]["title"])
            for name, rows in every.items()
        }
        link(here, [row["id"] for row in ends.values()])
        run_watch(here, watch, stand_in=stand_in)

    after = rows_in(exports / "merged_jobs.csv")
    (joined,) = [row for row in after if row["members"] == "3"]
    assert len(after) == len(before) - 2
    assert json.loads(joined["sources"]) == sorted(JOBS)
    assert set(json.loads(joined["links"])) == {row["url"] for row in ends.values()}
    assert joined["text"] == max((row["text"] for row in ends.values()), key=len)
    assert joined["lien de description"] == json.loads(joined["links"])[0]


def link(here: Instance, ids: list[str]) -> None:
    """Let these listings be one offer, as matching would."""
    import polars as pl

    here.store.link(pl.DataFrame({
        "left": ids[:-1], "right": ids[1:], "verdict": ["same"] * (len(ids) - 1),
        "reason": ["test"] * (len(ids) - 1), "by": ["test"] * (len(ids) - 1),
    }))  # fmt: skip


def test_one_source_that_fails_leaves_two_complete(tmp_path: Path) -> None:
    """A site that breaks and a setting that is wrong take nothing from the others; the file says
    what it lacks."""
    with on_stage(tmp_path, "emplois-data-fr", jobs=120, ads=1) as (here, watch, stage, stand_in):
        stage.fail("wttj", Fault(kind="layout_changed"))
        wrong = asking(watch, "france_travail", settings={"most_per_query": "many"})
        done = run_watch(here, wrong, stand_in=stand_in)
        code = print_visit(here, wrong, done, spool_only=False)

    exports = tmp_path / "exports"
    assert code == PARTIAL
    assert "most_per_query" in done.broken["france_travail"]
    assert len(rows_in(exports / "cleaned_talent.csv")) > 20
    assert rows_in(exports / "cleaned_wttj.csv") == []
    told = {one["source"]: one for one in coverage_of(exports / "merged_jobs.csv")["sources"]}
    assert {name: one["state"] for name, one in told.items()} == {
        "talent": "ok", "wttj": "layout_changed", "france_travail": "not_scheduled",
    }  # fmt: skip
    assert told["talent"]["rows"] > 20
    assert told["wttj"]["rows"] == 0


@pytest.mark.parametrize(
    ("name", "world"),
    [
        ("emplois-data-fr", {"jobs": 90, "ads": 1}),
        ("presidentielle-2022", {"jobs": 1, "ads": 1}),
        ("indeed-data", {"jobs": 400, "ads": 1}),
        ("annonces-maroc", {"jobs": 1, "ads": 90}),
    ],
)
def test_a_second_run_without_change_writes_the_same_bytes(
    tmp_path: Path, name: str, world: dict[str, int]
) -> None:
    """Same facts, same files; each sidecar holds its file's SHA-256, terms and states."""
    import hashlib

    exports = tmp_path / "exports"
    with on_stage(tmp_path, name, **world) as (here, watch, stage, _):
        run_watch(here, watch, stand_in=at(stage, NOW))
        first = contents(exports)
        run_watch(here, watch, stand_in=at(stage, NOW))
        again = contents(exports)
        run_watch(here, watch, stand_in=at(stage, NOW + timedelta(minutes=20)))
        later = contents(exports)

    assert first == again
    moved = {path for path in first if later[path] != first[path]}
    assert moved <= {"annonces.csv"}  # `date_text` is as the site shows it: "il y a 20 minutes"
    assert len(first) >= 1
    for path, content in first.items():
        if path in moved:
            continue
        told = coverage_of(exports / path)
        assert told["sha256"] == hashlib.sha256(content).hexdigest()
        assert told["rows"] == content.count(b"\n") - path.endswith(".csv") or b'"' in content
        for source in told["sources"]:
            assert source["terms"]["attribution"]
            assert source["state"] in ("ok", "empty", "not_scheduled")
    assert not list(exports.rglob("*.part"))


def test_topics_are_independent_and_a_post_stays_with_the_first(tmp_path: Path) -> None:
    """Each candidate has a file of the posts that its queries found; one found for two stands in
    both, keeps its topic in later runs, and nobody's name is anywhere."""
    exports = tmp_path / "exports"
    with on_stage(tmp_path, "presidentielle-2022", jobs=1, ads=1) as (here, watch, stage, there):
        two = msgspec.structs.replace(
            watch, query=(*watch.query, msgspec.structs.replace(watch.query[6], name="Second"))
        )
        done = run_watch(here, two, stand_in=there)
        posts = {post.candidate: 0 for post in stage.world.posts}
        for post in stage.world.posts:
            posts[post.candidate] += post.repeats is None
        topics = {row["id"]: row["topic"] for row in rows_in(exports / "posts_macron.csv")}
        run_watch(here, two, stand_in=there)
        again = {row["id"]: row["topic"] for row in rows_in(exports / "posts_macron.csv")}
        changed = here.store.runs(500)["changed"].sum()

    for query in watch.query:
        rows = rows_in(exports / f"posts_{slug(query.name)}.csv")
        mine = [report.listed for report in done.reports if report.query == query.name]
        assert len(rows) == sum(mine)
        assert len([row for row in rows if row["source"] == "x_api"]) >= posts[query.name] > 20
        assert all(query.name in json.loads(row["queries"]) for row in rows)
        assert all(1 <= int(row["weekday"]) <= 7 and int(row["length"]) > 0 for row in rows)
    assert topics == again
    assert changed == 0
    second = {row["id"] for row in rows_in(exports / "posts_second.csv")}
    both = [row for row in rows_in(exports / "posts_merged.csv")
            if {"Macron", "Second"} <= set(json.loads(row["queries"]))]  # fmt: skip
    assert len(both) == len(second & topics.keys()) > 20
    merged = [row["id"] for row in rows_in(exports / "posts_merged.csv")]
    assert len(merged) == len(set(merged))
    assert len(rows_in(exports / "election_results.csv")) > 100
    everything = b"".join(contents(exports).values()).decode()
    assert "compte_" not in everything
    assert "author" not in header_of(exports / "posts_macron.csv")
    assert "é" in everything
    assert "ال" in everything


def test_the_merge_is_written_once_a_day(tmp_path: Path) -> None:
    """Topics' files come with every run, the merge with the first of a day; `watch export` writes
    all."""
    merged = tmp_path / "exports" / "posts_merged.csv"
    with on_stage(tmp_path, "presidentielle-2022", jobs=1, ads=1) as (here, watch, stage, _):
        few = Chosen(sources=("bluesky",), queries=("Macron",))
        more = Chosen(sources=("bluesky",), queries=("Zemmour",))
        run_watch(here, watch, only=few, stand_in=at(stage, NOW))
        first = merged.read_bytes()
        run_watch(here, watch, only=more, stand_in=at(stage, NOW + timedelta(hours=1)))
        same_day = merged.read_bytes()
        run_watch(here, watch, only=few, stand_in=at(stage, NOW + timedelta(days=1)))
        next_day = merged.read_bytes()

    assert first == same_day
    assert len(next_day) > len(first)


def test_an_archive_of_2022_is_filed_under_its_candidates(vigie: Call, tmp_path: Path) -> None:
    """Imported posts stand in the files of the candidates that they name, or were imported for;
    what names nobody in none."""
    archive = tmp_path / "posts.csv"
    archive.write_text(
        "id,text,created_at,username\n"
        "1,Débat de Macron et Le Pen ce soir,2022-04-20T20:00:00Z,camille_fictif\n"
        "2,Il pleut à Brest,2022-04-20T20:01:00Z,camille_fictif\n"
        "3,Vive le vent #LePen,2022-04-20T20:02:00Z,camille_fictif\n"
        "4,Le pendule avance,2022-04-20T20:03:00Z,camille_fictif\n",
        encoding="utf-8",
    )
    vigie("import", archive, "--source", "posts_archive")
    told = vigie("watch", "export", "presidentielle-2022")

    exports = tmp_path / "data" / "exports"
    assert told.code == 0, told.err
    assert len(told.out.splitlines()) == 12 + 2
    natives = {
        name: [row["native_id"] for row in rows_in(exports / f"posts_{name}.csv")]
        for name in ("macron", "le_pen", "zemmour")
    }
    assert natives == {"macron": ["1"], "le_pen": ["3", "1"], "zemmour": []}
    assert len(rows_in(exports / "posts_merged.csv")) == 2
    assert "camille_fictif" not in (exports / "posts_macron.csv").read_text(encoding="utf-8")
    sources = {one["source"]: one["state"] for one in
               coverage_of(exports / "posts_macron.csv")["sources"]}  # fmt: skip
    assert sources["posts_archive"] == "ok"
    assert sources["bluesky"] == "not_scheduled"


def test_indeed_alone_is_asked_while_it_answers(tmp_path: Path) -> None:
    """Fallbacks are left alone; what the run found lands as JSON Lines, named for the run."""
    with on_stage(tmp_path, "indeed-data", jobs=900, ads=1) as (here, watch, stage, stand_in):
        everywhere = asking(watch, "indeed", place="France")
        done = run_watch(here, everywhere, stand_in=stand_in)
        held = {
            job.number
            for job in stage.world.jobs
            for query in watch.query
            if all(word in job.search for word in folded(query.words).split())
            and stage.today - job.created <= timedelta(days=1)
        }
        asked = {name: len(stage.asked(name)) for name in stage.names()}

    landing = tmp_path / "exports/scrapy-bucket-indeed/data/jobs_20261120T093000Z.jsonl"
    rows = [json.loads(line) for line in landing.read_text(encoding="utf-8").splitlines()]
    assert done.fallback == ()
    assert {name for name, count in asked.items() if count} == {"indeed"}
    assert len(rows) == len({row["id"] for row in rows}) == len(held) > 0
    assert {(row["source"], row["fallback"]) for row in rows} == {("indeed", False)}
    assert all(isinstance(row["queries"], list) and row["title"] for row in rows)


def test_a_blocked_indeed_is_said_and_others_are_labelled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report shows Indeed as blocked and whom that left to be asked; every row from there
    says `fallback`; what cannot be asked for words is narrowed to them."""
    with on_stage(tmp_path, "indeed-data", jobs=900, ads=1) as (here, watch, stage, stand_in):
        stage.fail("indeed", Fault(kind="challenge"))
        done = run_watch(here, watch, stand_in=stand_in)
        code = print_visit(here, watch, done, spool_only=False)
        stage.fail("indeed", None)
        everywhere = asking(watch, "indeed", place="France")
        later = run_watch(here, everywhere, stand_in=at(stage, NOW + timedelta(hours=2)))

    told = capsys.readouterr()
    exports = tmp_path / "exports"
    rows = [
        json.loads(line)
        for line in (exports / "scrapy-bucket-indeed/data/jobs_20261120T093000Z.jsonl")
        .read_text(encoding="utf-8").splitlines()
    ]  # fmt: skip
    assert code == PARTIAL
    assert done.instead_of == ("indeed",)
    assert done.fallback == ("arbeitnow", "adzuna", "hn_who_is_hiring")
    assert "indeed could not be seen: arbeitnow, adzuna, hn_who_is_hiring asked instead" in told.err
    lines = told.out.splitlines()
    assert all("blocked" in line for line in lines if line.startswith("indeed "))
    assert all(" fallback" in line for line in lines if line.startswith("arbeitnow "))
    assert {row["source"] for row in rows} == set(done.fallback)
    assert all(row["fallback"] is True for row in rows)
    assert later.fallback == ()
    every = rows_in(exports / "indeed-data.csv")
    labels = {(row["source"], row["fallback"]) for row in every}
    assert labels == {
        ("indeed", "false"), ("arbeitnow", "true"), ("adzuna", "true"),
        ("hn_who_is_hiring", "true"),
    }  # fmt: skip
    for row in every:
        if row["source"] == "arbeitnow":
            assert row["remote"] in ("remote", "hybrid")
            names = json.loads(row["queries"])
            assert names
            assert all(word in folded(row["title"]) for word in names[0].split())
    states = {one["source"]: one["fallback"] for one in
              coverage_of(exports / "indeed-data.csv")["sources"]}  # fmt: skip
    assert states == {name: name != "indeed" for name in states}


def test_an_empty_indeed_is_no_reason_for_a_fallback(tmp_path: Path) -> None:
    """An honest nothing is an answer."""
    with on_stage(tmp_path, "indeed-data", jobs=9, ads=1) as (here, watch, stage, stand_in):
        stage.fail("indeed", Fault(kind="empty"))
        done = run_watch(here, watch, stand_in=stand_in)

    assert done.fallback == ()
    assert {str(report.state) for report in done.reports} == {"empty"}


def test_ads_of_two_sites_stand_in_one_file(tmp_path: Path) -> None:
    """Every ad that the visits listed is in `annonces.csv` once, under the names its users know."""
    with on_stage(tmp_path, "annonces-maroc", jobs=1, ads=120) as (here, watch, stage, stand_in):
        done = run_watch(here, watch, stand_in=stand_in)
        fresh = [ad for ad in stage.world.ads if stage.today - ad.listed <= timedelta(hours=24)]

    rows = rows_in(tmp_path / "exports" / "annonces.csv")
    assert header_of(tmp_path / "exports" / "annonces.csv").startswith(
        "id,source,category,sous_categorie,titre,prix,localisation,url,image_url,date_text,"
        "created_at,"
    )
    assert len(rows) == sum(report.listed for report in done.reports)
    assert len({row["url"] for row in rows}) == len(rows)
    assert len([row for row in rows if row["source"] == "avito_ma"]) >= len(fresh) > 0
    assert {row["category"] for row in rows if row["source"] == "marocannonces"} == {
        "Auto-Moto", "Immobilier", "Multimédia",
    }  # fmt: skip
    assert any(row["image_url"].startswith("https://") for row in rows)


def test_data_sets_are_imported_and_exported(vigie: Call, tmp_path: Path) -> None:
    """A watch of files asks nobody: it says how to import, and its files hold what was."""
    cases = Path(__file__).parents[2] / "src/vigie/sources/files/cases"
    (case,) = [path for path in cases.iterdir() if path.name.startswith("linkedin_postings")][:1]
    page = next(path for path in case.iterdir() if path.name.startswith("page"))

    refused = vigie("watch", "run", "linkedin-datasets")
    vigie("import", page, "--map", "linkedin_postings")
    told = vigie("watch", "export", "linkedin-datasets")

    exports = tmp_path / "data" / "exports"
    assert refused.code == 2
    assert "vigie import FILE --map NAME" in refused.err
    assert told.code == 0, told.err
    rows = rows_in(exports / "linkedin-datasets.csv")
    assert len(rows) > 0
    assert {row["source"] for row in rows} == {"linkedin_postings"}
    assert len(rows_in(exports / "linkedin-merged.csv")) == len({row["cluster"] for row in rows})
    assert (exports / "linkedin-datasets.parquet").read_bytes()[:4] == b"PAR1"


def test_a_watch_is_not_called_as_imports_are() -> None:
    """Else its listings and those that were imported could not be told apart."""
    with pytest.raises(ConfigError, match="choose another file name"):
        watch_of('kind = "job"\nsource = [{ name = "talent" }]', "import", "import.toml")


def test_a_recipe_of_one_s_own_takes_every_setting() -> None:
    """A source's own query of a name takes the watch's place; defaults of the source and of the
    watch fill what a query does not say."""
    watch = watch_of(
        """
        kind = "job"
        limit = 500
        query = [{ name = "a", words = "a" }, { name = "b", words = "b", limit = 3 }]
        [[source]]
        name = "talent"
        place = "Lyon"
        since_hours = 24
        options = { x = "1", y = "2" }
        query = [{ name = "b", words = "bb", options = { x = "9" } }, { name = "c" }]
        [[source]]
        name = "arbeitnow"
        matching = true
        [[source]]
        name = "figures"
        kind = "figure"
        """,
        "w", "w.toml",
    )  # fmt: skip

    a, b, c = watch.queries(watch.source[0])
    assert (a.words, a.place, a.since_hours, a.limit) == ("a", "Lyon", 24, 500)
    assert (b.words, b.options, b.limit) == ("bb", {"x": "9", "y": "2"}, 500)
    assert (c.name, c.place) == ("c", "Lyon")
    assert [query.words for query in watch.queries(watch.source[1])] == [""]
    assert [query.name for query in watch.queries(watch.source[2])] == [""]
    assert [query.name for query in watch.topics()] == ["a", "b", "c"]
