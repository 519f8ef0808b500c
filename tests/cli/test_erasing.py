"""`vigie erase`: what somebody wants to be gone is gone, and said."""

import json
from pathlib import Path

from tests.cli.conftest import ROWS, Call, Outcome


def test_a_listing_is_erased_everywhere(offers: Call) -> None:
    """Looked at first, then gone from search and database; an id that is none erases nothing."""
    one, other = listed(offers)[:2]

    looked = offers("erase", one, "--dry-run")
    wrong = offers("erase", one, "no-such-id")
    assert (looked.code, looked.out) == (0, "1 would be erased\n")
    assert f"{one}: job, shown by 1 capture(s)" in looked.err
    assert (wrong.code, "no listing has the id no-such-id" in wrong.err) == (2, True)
    assert offers("show", one).code == 0

    told = offers("erase", one, one)
    assert (told.code, told.out) == (0, "1 erased\n")
    assert offers("show", one).code == 2
    assert one not in listed(offers)
    assert other in listed(offers)


def test_what_was_erased_is_refused_until_it_is_let_back(offers: Call, tmp_path: Path) -> None:
    """The file that shows it still is read again: the others are there, it is not."""
    one, other = listed(offers)[:2]
    offers("erase", one)

    def once_more(text: str) -> Outcome:
        file = tmp_path / "again.csv"
        file.write_text(ROWS.replace("Brest", text), encoding="utf-8")
        return offers("import", file, "--captured-at", "2026-11-21T09:00:00Z")

    told = once_more("Nantes")
    assert "1 rejected" in told.out
    assert one not in listed(offers)
    assert other in listed(offers)
    run = told.err.rpartition(" Run ")[2].split()[0]
    assert "erased_here" in offers("runs", "show", "--json", run).out

    assert offers("erase", one, "--let-back").out == "1 no longer refused\n"
    assert offers("erase", one, "--let-back").out == "0 no longer refused\n"
    once_more("Rennes")
    assert one in listed(offers)


def listed(offers: Call) -> list[str]:
    told = offers("search", "--format", "ndjson").out
    return [json.loads(line)["id"] for line in told.splitlines()]
