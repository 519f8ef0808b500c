"""What is said when something is wrong: one line, what to do next, and the documented exit code."""

import os
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Outcome


def refused(told: Outcome, code: int, *parts: str) -> None:
    """The command ended with *code*, nothing on standard output and one line that has *parts*."""
    assert told.code == code, told
    assert told.out == ""
    assert [part for part in parts if part not in told.err] == []
    assert "Traceback" not in told.err
    assert told.err.count("error: ") == 1
    assert len(told.err.splitlines()) == 1


def test_a_command_that_does_not_exist_is_2_with_the_nearest(vigie: Call) -> None:
    """A mistyped command is answered with the one that was meant."""
    told = vigie("colect")

    assert told.code == 2
    assert told.out == ""
    assert "No such command 'colect'. Did you mean 'collect'?" in told.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["search", "-k", "jop"], "no kind is called 'jop': use job, ad, post, figure"),
        (["search", "-f", "colour=red"], "colour: no such field. Known: source"),
        (["search", "-f", "contract"], "write FIELD=VALUE"),
        (["search", "--facet", "colour"], "'colour' is no facet of jobs: there are company"),
        (["search", "--sort", "price"], "jobs cannot be sorted by 'price'"),
        (["search", "--status", "gone"], "use open, closed or all"),
        (["search", "--since", "soon"], "write 24h, 7d or 2w"),
        (["show", "nothing"], "no listing has the id 'nothing'"),
        (["import", "none.csv"], "there is no file or folder at none.csv"),
        (["import", "none", "-s", "avito_ma"], "there is no file or folder at none"),
        (["import", ".", "-s", "avito_ma"], "nothing to import in .: known endings are"),
        (["import", ".", "-s", "avitoma"], "Did you mean avito_ma?"),
        (["import", ".", "-s", "avito_ma", "--map", "x"], "not both"),
        (["import", ".", "--captured-at", "lately"], "'lately' is not a time: write 2024-09-26"),
        (["replay", "--from", "lately"], "'lately' is not a time"),
        (["collect", "linkedin_ds"], "reads files: use `vigie import FILE --map linkedin_ds`"),
        (["collect", "marocannonces", "-w", "auto", "--dry-run"], "cannot be narrowed"),
        (["watch", "show", "annonce-maroc"], "Did you mean 'annonces-maroc'?"),
        (["watch", "run", "annonces-maroc", "-s", "avito"], "Did you mean 'avito_ma'?"),
        (["watch", "run", "annonce-maroc", "--stack"], "Did you mean 'annonces-maroc'?"),
        (["watch", "run", "linkedin-datasets"], "looks at files only: use `vigie import"),
        (["sources", "show", "avito"], "Did you mean 'avito_ma'?"),
        (["runs", "show", "x"], "there is no run 'x': see `vigie runs list`"),
        (["sources", "release", "avito_ma", "--run", "nope"], "there is no run 'nope'"),
        (["runs", "show"], "nothing was run yet: vigie collect, or vigie import"),
        (["export", "job", "-o", "jobs.xlsx"], "the ending says the format; known: .csv"),
        (["export", "job", "-o", "none/jobs.csv"], "there is no folder none"),
        (["export", "job", "-o", "j.csv", "--dialect", "fr"], "use rfc4180 or excel-fr"),
        (["db", "backup", "none/copy.db"], "there is no folder none"),
        (["init", "none"], "there is no folder none"),
        (["--config", "none.toml", "stats"], "there is no settings file at none.toml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_exist_is_2(vigie: Call, arguments: list[str], told: str) -> None:
    """Naming something that is not there, or that cannot be combined, ends with 2 and a hint."""
    refused(vigie(*arguments), 2, told)


def test_a_wrong_setting_is_2(vigie: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown setting names the nearest, whatever the command."""
    monkeypatch.setenv("VIGIE_SERVE__PROT", "80")
    refused(vigie("stats"), 2, "serve.prot", "Did you mean 'port'?")


def test_a_wrong_watch_is_2_and_names_its_file(vigie: Call, tmp_path: Path) -> None:
    """`config validate` reads every recipe, so a mistake is found before the night."""
    watches = tmp_path / "data" / "watches"
    watches.mkdir(parents=True)
    (watches / "mine.toml").write_text("kind = 'ad'\nsources = []\n", encoding="utf-8")

    refused(vigie("config", "validate"), 2, "mine.toml", "sources")


def test_a_table_that_no_map_fits_is_2_and_shows_its_columns(vigie: Call, tmp_path: Path) -> None:
    """The message has what is needed to write the map."""
    path = tmp_path / "stock.csv"
    path.write_text("ref,colour\n1,red\n", encoding="utf-8")

    refused(vigie("import", path), 2, "no map fits stock.csv", "ref, colour", "--map FILE.toml")


def test_a_database_from_the_future_is_1_and_not_touched(offers: Call, tmp_path: Path) -> None:
    """What a newer Vigie wrote is refused in one line; `doctor` says the same and ends with 5."""
    path = tmp_path / "data" / "vigie.db"
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    refused(offers("stats"), 1, "written by a newer Vigie", "9999", "upgrade Vigie")

    checked = offers("doctor")
    assert checked.code == 5
    assert "wrong database" in checked.out
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    database.close()


def test_a_folder_that_cannot_be_made_is_2(tmp_path: Path, vigie: Call) -> None:
    """A file stands where the data folder should be: a setting is wrong, whatever the command."""
    (tmp_path / "data").touch()

    for command in (["stats"], ["search", "x"], ["process"], ["config", "validate"],
                    ["import", str(Path(__file__)), "-s", "avito_ma"]):  # fmt: skip
        refused(vigie(*command), 2, "data_dir", str(tmp_path / "data"), "--data-dir")
    assert (tmp_path / "data").read_bytes() == b""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc")
def test_a_folder_below_one_that_takes_none_is_2(vigie: Call) -> None:
    """`--data-dir` names it."""
    refused(vigie("--data-dir", "/proc/nope", "stats"), 2, "/proc/nope", "--data-dir")


@pytest.mark.skipif(
    os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="not on this system: an administrator may write anywhere",
)
def test_a_read_only_folder_is_1(tmp_path: Path, vigie: Call) -> None:
    """One line names the folder."""
    (tmp_path / "data").mkdir(mode=0o555)

    refused(vigie("stats"), 1, str(tmp_path / "data"))


def test_export_keeps_the_old_file_when_it_fails(offers: Call, tmp_path: Path) -> None:
    """A file appears whole under its name or stays as it was."""
    path = tmp_path / "jobs.csv"
    path.write_text("mine", encoding="utf-8")

    assert offers("export", "job", "-o", path, "-f", "colour=red").code == 2

    assert path.read_text(encoding="utf-8") == "mine"
    assert [found.name for found in tmp_path.glob("*.part")] == []


def test_one_broken_watch_does_not_stop_the_others(vigie: Call, tmp_path: Path) -> None:
    """A typo in one recipe is told where it stands, and only there."""
    folder = tmp_path / "data" / "watches"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "broken.toml").write_text("junk{", encoding="utf-8")

    assert vigie("watch", "show", "annonces-maroc").code == 0
    refused(vigie("watch", "show", "broken"), 2, "broken.toml", "not valid TOML")


def test_no_secret_is_shown(vigie: Call) -> None:
    """The key of the pseudonyms is a field of its sources, and printed by no command."""
    for form in ((), ("--json",)):
        told = vigie("sources", "show", "x_api", *form)
        assert told.code == 0
        assert "author_secret" not in told.out
