"""Importing and processing from the command line: twice is once, and nothing is lost."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from vigie import sources
from vigie.wiring.stack import S3

CARDS = Path(sources.__file__).parent / "marocannonces" / "cases" / "cards" / "page.html"


def content_hash(vigie: Call) -> str:
    told = json.loads(vigie("db", "status", "--json").out)
    assert told["feed"] == told["index"]
    return str(told["content_hash"])


def test_the_same_import_twice_changes_nothing(vigie: Call) -> None:
    """A page said at the same time is the same capture: no new row, no history, equal content."""
    one = ("import", CARDS, "-s", "marocannonces", "--captured-at", "2026-11-20T10:00")
    assert vigie(*one).out == "4 found: 3 new, 1 quarantined\n"
    before = content_hash(vigie)

    again = vigie(*one)

    assert again.out == "4 found: 3 unchanged, 1 quarantined\n"
    assert content_hash(vigie) == before


def test_a_map_given_once_is_known_by_the_header(offers: Call, table: Path) -> None:
    """The second import of the table needs no `--map`, and finds nothing new."""
    assert offers("import", table).out == "4 found: 4 unchanged\n"
    assert offers("stats", "job").out.startswith("job\t4 open\t0 closed")


def test_a_changed_row_changes_one_listing(offers: Call, table: Path) -> None:
    """A later file moves what it moves; the old value stays in the history."""
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("45-55 k€", "50-60 k€"), encoding="utf-8", newline="")

    told = offers("import", table)

    assert told.out == "4 found: 1 changed, 3 unchanged\n"
    (line,) = offers("search", "developpeur", "--format", "ndjson").out.splitlines()
    history = json.loads(offers("show", json.loads(line)["id"], "--json").out)["history"]
    (raw,) = (change for change in history if change["field"] == "pay_raw")
    assert (raw["old"], raw["new"], raw["cause"]) == (
        "45-55 k€ brut/an", "50-60 k€ brut/an", "site",
    )  # fmt: skip


def test_a_bad_row_costs_one_row(vigie: Call, table: Path) -> None:
    """Rows without an id and rows that do not fit are set apart with a reason; the sum is told."""
    with table.open("a", encoding="utf-8") as file:
        file.write(",Sans référence,X,Lyon,,,\n5,Trop,de,cellules,a,b,2026-11-01,c,d\n")

    told = vigie("import", table, "--map", table.with_suffix(".toml"))

    assert told.code == 0
    assert told.out == "6 found: 4 new, 2 quarantined\n"
    report = vigie("runs", "show").out
    assert "6 found = 4 new + 0 changed + 0 unchanged + 0 duplicate + 0 rejected" in report
    assert "DOES NOT ADD UP" not in report
    assert "no_id" in report
    assert "bad_row" in report


def test_spooled_only_is_processed_later(vigie: Call) -> None:
    """`--spool-only` keeps the captures; `process` drains them, once."""
    vigie("import", CARDS, "-s", "marocannonces", "--spool-only")
    assert vigie("stats", "ad").out.startswith("ad\t0 open")

    assert vigie("process").out == "4 found: 3 new, 1 quarantined\n"
    assert vigie("process").out == "0 found\n"


def test_a_page_without_its_date_leaves_relative_dates_unknown(vigie: Call) -> None:
    """Without `--captured-at` "today" means nothing: null, not the day of the import."""
    vigie("import", CARDS, "-s", "marocannonces")
    found = json.loads(vigie("search", "citadine", "-k", "ad", "--json").out)["items"]
    assert [(ad["posted_raw"], ad["posted_at"]) for ad in found] == [("Aujourd'hui 10:20", None)]

    vigie("import", CARDS, "-s", "marocannonces", "--captured-at", "2026-11-20T10:00")
    found = json.loads(vigie("search", "citadine", "-k", "ad", "--json").out)["items"]
    assert [ad["posted_at"] for ad in found] == ["2026-11-20T09:20:00Z"]


def test_two_complete_imports_without_a_row_close_it(offers: Call, table: Path) -> None:
    """Absence counts when it is said to be complete, as often as `-k` asks, and not before."""
    offers("import", table, "--complete", "-k", "2")
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(lines[:4]), encoding="utf-8", newline="")

    offers("import", table, "--complete", "-k", "2")
    assert offers("stats", "job").out.startswith("job\t4 open\t0 closed")
    offers("import", table, "--complete", "-k", "2")

    assert offers("stats", "job").out.startswith("job\t3 open\t1 closed")
    assert offers("search", "data engineer").err == "0 found, 0 shown\n"
    assert offers("search", "data engineer", "--status", "closed").err == "1 found, 1 shown\n"


def test_replay_shows_what_a_mended_map_would_change(offers: Call, tmp_path: Path) -> None:
    """The rehearsal counts and shows, and changes nothing; the replay does it, marked as reread."""
    kept = tmp_path / "data" / "maps" / "offres.toml"
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace('company = "société"', 'company = "ville"'), encoding="utf-8")
    before = content_hash(offers)

    rehearsed = offers("replay", "--source", "offres", "--dry-run")

    assert rehearsed.out.startswith("4 listings would read differently; nothing was changed")
    assert "Éclair & Fils" in rehearsed.out
    assert content_hash(offers) == before
    assert offers("replay", "--source", "offres").out == "4 listings read differently\n"
    (line,) = offers("search", "developpeur", "--format", "ndjson").out.splitlines()
    shown = json.loads(offers("show", json.loads(line)["id"], "--json").out)
    assert shown["company"] == "Lyon"
    assert {change["cause"] for change in shown["history"]} == {"reread"}


def test_the_spool_alone_gives_the_same_database_again(vigie: Call, tmp_path: Path) -> None:
    """Without its database an instance is made anew from its captures, index included."""
    vigie("import", CARDS, "-s", "marocannonces", "--captured-at", "2026-11-20T10:00")
    before = content_hash(vigie)
    for path in (tmp_path / "data").glob("vigie.db*"):
        path.unlink()

    assert vigie("process").out == "4 found: 3 new, 1 quarantined\n"

    assert content_hash(vigie) == before
    assert vigie("search", "-k", "ad").err == "3 found, 3 shown\n"


def test_a_backup_is_a_whole_database(offers: Call, tmp_path: Path) -> None:
    """A copy, opened as a database of its own, holds the same content."""
    copy = tmp_path / "other" / "vigie.db"
    copy.parent.mkdir()

    assert offers("db", "backup", copy).code == 0
    assert offers("db", "backup", copy).code == 2

    url = f"sqlite:///{copy.as_posix()}"
    settings = tmp_path / "copy.toml"
    settings.write_text(f'[store]\nurl = "{url}"\n', encoding="utf-8")
    stats = offers("--config", settings, "stats", "job")
    assert stats.out.startswith("job\t4 open")


@pytest.mark.service
def test_an_import_into_a_bucket_is_read_at_once(
    vigie: Call, s3: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is brought is sealed before it is processed: nobody waits for the next import."""
    pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")
    for name, value in s3.settings().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VIGIE_SPOOL__URL", f"s3://vigie/{tmp_path.name}")
    examples = Path(__file__).parents[2] / "docs" / "examples"

    told = vigie("import", examples / "offres.csv", "--map", examples / "offres.toml")

    assert (told.code, told.out) == (0, "4 found: 4 new\n"), told.err
