"""What an import says of each file: read, empty or unreadable and why; the exit code agrees."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from vigie import sources

FOLDER = Path(sources.__file__).parent
CASES = FOLDER / "marocannonces" / "cases"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def told_of(vigie: Call, *arguments: str | Path) -> tuple[int, dict[str, dict[str, object]]]:
    told = vigie("import", *arguments, "--json")
    files = json.loads(told.out)["files"]
    return told.code, {file["file"]: file for file in files}


def test_a_picture_is_no_page(vigie: Call, tmp_path: Path) -> None:
    """A file of another shape, alone, is schema drift: exit code 5, and its line says so."""
    picture = tmp_path / "page.html"
    picture.write_bytes(PNG)

    told = vigie("import", picture, "--source", "marocannonces")

    assert told.code == 5
    assert "page.html: unreadable: " in told.err


def test_good_files_are_kept_beside_bad_ones(vigie: Call, tmp_path: Path) -> None:
    """Some read, some not: partial. What could be read is stored."""
    for name, body in (
        ("good.html", (CASES / "cards" / "page.html").read_bytes()),
        ("none.html", (CASES / "no_ads" / "page.html").read_bytes()),
        ("picture.html", PNG), ("nothing.html", b""), ("torn.html.gz", b"\x1f\x8b\x08torn"),
    ):  # fmt: skip
        (tmp_path / "pages").mkdir(exist_ok=True)
        (tmp_path / "pages" / name).write_bytes(body)

    code, files = told_of(vigie, tmp_path / "pages", "--source", "marocannonces")

    assert code == 3
    assert {name: file["state"] for name, file in files.items()} == {
        "good.html": "read", "none.html": "empty", "picture.html": "unreadable",
        "nothing.html": "unreadable", "torn.html.gz": "unreadable",
    }  # fmt: skip
    assert files["good.html"]["found"] == 4
    assert "no bytes" in str(files["nothing.html"]["why"])
    assert "cannot be unpacked" in str(files["torn.html.gz"]["why"])
    assert vigie("stats", "ad").out.startswith("ad\t3 open")
    failed = json.loads(vigie("runs", "show", "--json").out)["queries"][0]["failures"]
    assert failed == 2


def test_an_honest_empty_page_is_no_failure(vigie: Call) -> None:
    """A page that says by its structure that it lists nothing: exit code 0."""
    code, files = told_of(vigie, CASES / "no_ads" / "page.html", "--source", "marocannonces")

    assert code == 0
    assert files["page.html"]["state"] == "empty"


def test_a_challenge_is_refused(vigie: Call) -> None:
    """A challenge instead of the page: nothing collected, exit code 4."""
    page = FOLDER / "indeed" / "cases" / "challenge" / "page.html"

    code, files = told_of(vigie, page, "--source", "indeed")

    assert code == 4
    assert files["page.html"]["state"] == "unreadable"


@pytest.mark.parametrize("body", [b"PAR1 and then nothing", PNG, b"ref;autre\n1;2\n"])
def test_a_wrong_table_is_told(offers: Call, tmp_path: Path, body: bytes) -> None:
    """A broken Parquet file, a picture, another table: never read in silence."""
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(body)

    told = offers("import", wrong, "--map", "offres")

    assert told.code in (4, 5), told
    assert "wrong.csv: unreadable: " in told.err


def test_a_table_that_breaks_off_is_partial(offers: Call, table: Path, tmp_path: Path) -> None:
    """What was whole is read; that the rest is missing is told."""
    rows = table.read_bytes() + b"".join(b"%d,Titre,X,Lyon,,,\n" % n for n in range(10, 20_000))
    packed = gzip.compress(rows)
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(packed[: len(packed) // 2])

    told = offers("import", torn, "--map", "offres")

    assert told.code == 3
    assert "torn.csv.gz: read " in told.err
    assert "ends early" in told.err


def test_records_that_none_can_be_read_of_are_told(offers: Call, tmp_path: Path) -> None:
    """A file of records without one that can be read is not a file that was read."""
    lines = tmp_path / "rows.jsonl"
    lines.write_text('{"intitulé": "Sans ref", "société": "X", "ref": ""}\n' * 3, encoding="utf-8")

    told = offers("import", lines, "--map", "offres")

    assert told.code == 5
    assert "rows.jsonl: unreadable: none of its 3 records can be read (no_id)" in told.err
    assert told.out == "3 found: 3 quarantined\n"


def test_a_table_that_no_map_fits_stops_no_other(offers: Call, table: Path) -> None:
    """Without `--map`, one file without a map is told, the others are read."""
    (table.parent / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    code, files = told_of(offers, table, table.parent / "other.csv")

    assert code == 3
    assert files["offres.csv"]["state"] == "read"
    assert "no map fits" in str(files["other.csv"]["why"])


def test_spooled_only_tells_the_files_too(vigie: Call, tmp_path: Path) -> None:
    """`--spool-only --json` says what each file is; nothing has a fate yet."""
    picture = tmp_path / "page.html"
    picture.write_bytes(PNG)

    told = vigie("import", picture, "-s", "marocannonces", "--spool-only", "--json")

    assert told.code == 5
    assert json.loads(told.out)["fates"] is None


def test_imports_say_nothing_of_the_site(vigie: Call, tmp_path: Path) -> None:
    """However files are and however often they come: the source's state is its visits' alone."""
    picture = tmp_path / "page.html"
    picture.write_bytes(PNG)
    vigie("import", picture, "-s", "marocannonces")
    vigie("import", CASES / "cards" / "page.html", "-s", "marocannonces")

    rows = json.loads(vigie("sources", "list", "--json").out)

    row = next(row for row in rows if row["source"] == "marocannonces")
    assert (row["state"], row["last_run"], row["why"]) == ("not_scheduled", None, None)
    assert row["imported_found"] == 4
    assert row["imported"].startswith("4 on 20")
    assert row["open"] == 3


def test_nobody_waits_for_the_next_import(vigie: Call) -> None:
    """Imports of three days in a row make no hour late."""
    for day in (16, 17, 18):
        vigie("import", CASES / "cards" / "page.html", "-s", "marocannonces",
              "--captured-at", f"2026-11-{day}T10:00")  # fmt: skip

    rows = json.loads(vigie("sources", "coverage", "--since", "3650d", "--format", "json").out)

    assert {row["state"] for row in rows} == {"ok"}
    assert len(rows) == 3
