"""Tables of figures from the command line: a folder of workbooks, found by year, round and name."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from vigie import sources

CASES = Path(sources.__file__).parent / "election_results" / "cases"


@pytest.fixture
def results(vigie: Call, tmp_path: Path) -> Call:
    """`vigie` on a folder of which one file is a workbook and one is text."""
    pytest.importorskip("python_calamine", reason="./vigie extras")
    folder = tmp_path / "results"
    folder.mkdir()
    shutil.copy(next(CASES.glob("workbook/page.*")), folder / "presidentielle-2017-t2.xlsx")
    shutil.copy(next(CASES.glob("departements/page.*")), folder / "presidentielle-2022-t1.csv")
    told = vigie("import", folder, "--source", "election_results")
    assert told.code == 0, told.err
    assert "presidentielle-2017-t2.xlsx: read " in told.err
    return vigie


def items(vigie: Call, *arguments: str) -> list[dict[str, Any]]:
    told = vigie("search", "-k", "figure", *arguments, "--json", "-n", "1000")
    assert told.code == 0, told.err
    found: list[dict[str, Any]] = json.loads(told.out)["items"]
    return found


def test_year_and_round_narrow(results: Call) -> None:
    """Both are filters, and columns of the table."""
    every = items(results)
    years = {row["year"] for row in every}
    assert len(years) == 2

    for year in sorted(years):
        found = items(results, "-f", f"year={year}")
        assert {row["year"] for row in found} == {year}
        assert 0 < len(found) < len(every)
    rounds = {row["round"] for row in items(results, "-f", "round=1")}
    assert rounds <= {1}
    assert " year " in results("search", "-k", "figure").out.splitlines()[0]


def test_a_candidate_is_found_by_name(results: Call) -> None:
    """`subject` is searched, whatever the accents."""
    subjects = {str(row["subject"]) for row in items(results) if row["subject"]}
    name = sorted(subjects)[0]

    found = items(results, name)

    assert found
    assert {row["subject"] for row in found} == {name}
