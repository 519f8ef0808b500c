"""The files of a watch: whole or as before, safe to open, without what is erased, documented."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.watch_stage import (
    asking,
    contents,
    coverage_of,
    on_stage,
    rows_in,
)
from vigie.errors import ViewError
from vigie.wiring.export_rows import header
from vigie.wiring.watching import run_watch


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    """The reader of a file never meets half of one."""
    with on_stage(tmp_path, "annonces-maroc", jobs=1, ads=20) as (here, watch, _, stand_in):
        (tmp_path / "exports" / "annonces.csv").mkdir(parents=True)
        with pytest.raises(ViewError, match=r"annonces\.csv cannot be written"):
            run_watch(here, watch, stand_in=stand_in)

    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["annonces.csv"]


def test_excel_gets_cells_that_it_cannot_run(offers: Call, tmp_path: Path) -> None:
    """Only the dialect for a French Excel defuses formulas; machines get every text exactly."""
    recipe = (
        'kind = "job"\n[[source]]\nname = "offres"\n[[export]]\npath = "machines.csv"\n'
        '[[export]]\npath = "personnes.csv"\ndialect = "excel-fr"\n'
        'columns = { offre = "title", "société" = "company" }\nonly_columns = true\n'
    )
    folder = tmp_path / "data" / "watches"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(recipe, encoding="utf-8")

    assert offers("watch", "export", "mine").code == 0

    exact = rows_in(tmp_path / "data/exports/machines.csv")
    shown = (tmp_path / "data/exports/personnes.csv").read_bytes()
    assert {row["title"] for row in exact} >= {'=HYPERLINK("http://mal.test")'}
    assert shown.startswith("\ufeffoffre;société\r\n".encode())
    assert b"'=HYPERLINK" in shown
    assert b"'+33 SARL" in shown


def test_what_is_erased_leaves_the_files(tmp_path: Path) -> None:
    """No byte of an erased listing is left below `exports`, landed files of earlier runs
    included; sidecars agree with what they stand beside."""
    import hashlib

    exports = tmp_path / "exports"
    with on_stage(tmp_path, "indeed-data", jobs=900, ads=1) as (here, watch, _, stand_in):
        run_watch(here, asking(watch, "indeed", place="France"), stand_in=stand_in)
        landing = exports / "scrapy-bucket-indeed/data/jobs_20261120T093000Z.jsonl"
        gone = json.loads(landing.read_text(encoding="utf-8").splitlines()[0])
        rows = coverage_of(landing)["rows"]
        here.erase([gone["id"]])

    for content in contents(exports).values():
        assert gone["id"].encode() not in content
        assert gone["native_id"].encode() not in content
    told = coverage_of(landing)
    assert told["rows"] == rows - 1
    assert told["sha256"] == hashlib.sha256(landing.read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", ["job", "ad", "post", "figure", "clusters"])
def test_headers_are_documented(kind: str) -> None:
    """The page of watches lists every column of every file, in order."""
    page = (Path(__file__).parents[2] / "docs/how-to/watches.md").read_text(encoding="utf-8")
    told = [tuple(" ".join(block.split()).split(", ")) for block in page.split("```")[1::2]]

    expected = header("job", "clusters") if kind == "clusters" else header(kind)
    assert expected in told
