"""Exports: every format holds every listing, with accents and commas intact."""

import csv
import json
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from tests.cli.conftest import Call
from vigie.model.fields import Type
from vigie.model.kinds import KINDS

TITLES = {
    "Développeur Python (H/F)",
    '=HYPERLINK("http://mal.test")',
    "مهندس بيانات",
    "Data engineer",
}


def titles_of(path: Path) -> list[str]:
    """Read an export again, with other readers than our own writers."""
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                return [row["title"] for row in csv.DictReader(file, strict=True)]
        case ".parquet":
            return pl.read_parquet(path)["title"].to_list()
        case ".sqlite":
            connection = sqlite3.connect(path)
            try:
                return [row[0] for row in connection.execute('SELECT title FROM "job"')]
            finally:
                connection.close()
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["title"] for line in lines]


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson", "jsonl", "sqlite"])
def test_every_format_holds_every_listing(offers: Call, tmp_path: Path, ending: str) -> None:
    """The same four titles come back from every format, letter for letter."""
    path = tmp_path / f"jobs.{ending}"

    told = offers("export", "job", "-o", path)

    assert told.err == f"4 listings written to {path}\n"
    assert told.out == ""
    titles = titles_of(path)
    assert len(titles) == 4
    assert set(titles) == TITLES


def test_an_export_of_nothing_has_its_columns(vigie: Call, tmp_path: Path) -> None:
    """A header without rows: programs that read it go on working."""
    for ending in ("csv", "parquet", "sqlite"):
        path = tmp_path / f"ads.{ending}"
        assert vigie("export", "ads", "-o", path).code == 0
    columns = pl.read_parquet(tmp_path / "ads.parquet").columns
    assert columns == [field.name for field in KINDS["ad"].stored if not field.private]
    header = (tmp_path / "ads.csv").read_text(encoding="utf-8").rstrip("\n")
    assert header == ",".join(columns)


def test_filters_narrow_an_export(offers: Call, tmp_path: Path) -> None:
    """Words and filters are those of search."""
    path = tmp_path / "lyon.csv"

    offers("export", "job", "-o", path, "-w", "developpeur", "-f", "place_city=Lyon")

    assert titles_of(path) == ["Développeur Python (H/F)"]


def test_formulas_are_neutralised_for_excel_and_nowhere_else(offers: Call, tmp_path: Path) -> None:
    """In the Excel dialect no text cell begins like a formula; for machines texts stay exact."""
    plain, excel = tmp_path / "plain.csv", tmp_path / "excel.csv"
    offers("export", "job", "-o", plain)
    offers("export", "job", "-o", excel, "--dialect", "excel-fr")

    raw = excel.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with plain.open(encoding="utf-8", newline="") as file:
        exact = list(csv.DictReader(file))
    with excel.open(encoding="utf-8-sig", newline="") as file:
        opened = list(csv.DictReader(file, delimiter=";"))
    assert len(exact) == len(opened) == 4
    assert raw.count(b"\r\n") == 5
    assert {row["title"] for row in exact} == TITLES
    assert exact[1]["company"] == "+33 SARL"
    assert exact[1]["text"] == "- deux jours de télétravail"
    for row, same in zip(opened, exact, strict=True):
        for name, cell in row.items():
            if KINDS["job"][name].type in (Type.MONEY, Type.COORDINATE, Type.NUMBER):
                assert cell == same[name].replace(".", ",")
            else:
                assert cell.removeprefix("'") == same[name]
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert opened[0]["pay_min"] == "45000,00"


def test_parquet_carries_its_dictionary(offers: Call, tmp_path: Path) -> None:
    """The file says what its columns mean, from which question and version it comes."""
    path = tmp_path / "jobs.parquet"
    offers("export", "job", "-o", path, "-f", "place_city=Lyon")

    told = pl.read_parquet_metadata(path)

    assert json.loads(told["vigie.dictionary"])["pay_min"] == KINDS["job"]["pay_min"].meaning
    assert json.loads(told["vigie.query"])["filters"] == {"place_city": ["Lyon"]}
    assert told["vigie.version"]
