"""`vigie replay`: rehearsed, done as one act of ours, and taken back."""

import json
from pathlib import Path

import polars as pl
import pytest

from vigie.cli.differences import print_differences

from .conftest import Call

MENDED = ('company = "société"', 'company = "ville"')


def mend(tmp_path: Path, old: str, new: str) -> None:
    """Let the map of the four offers read another column."""
    kept = tmp_path / "data" / "maps" / "offres.toml"
    text = kept.read_text(encoding="utf-8")
    assert old in text
    kept.write_text(text.replace(old, new), encoding="utf-8")


def content_hash(vigie: Call) -> object:
    return json.loads(vigie("db", "status", "--json").out)["content_hash"]


def companies(vigie: Call) -> dict[str, list[dict[str, object]]]:
    """Return employer → history of each offer."""
    shown = [
        json.loads(vigie("show", json.loads(line)["id"], "--json").out)
        for line in vigie("search", "--format", "ndjson").out.splitlines()
    ]
    return {str(one["company"]): one["history"] for one in shown}


def test_a_rehearsal_counts_each_field_and_shows_old_beside_new(
    offers: Call, tmp_path: Path
) -> None:
    """Per field how many listings, and as many examples as asked for; nothing is changed."""
    mend(tmp_path, *MENDED)
    before = content_hash(offers)

    head, field, *examples = offers("replay", "--dry-run", "--examples", "3").out.splitlines()
    bare = offers("replay", "--dry-run", "--examples", "0").out.splitlines()

    assert head == "4 listings would read differently; nothing was changed"
    assert field == "company\t4"
    assert len(examples) == 3
    assert all(line.startswith("  ") and "  →  " in line for line in examples)
    assert '"Éclair & Fils"  →  "Lyon"' in " ".join(examples) + " ".join(
        offers("replay", "--dry-run", "--examples", "4").out.splitlines()
    )
    assert bare == [head, field]
    assert content_hash(offers) == before


@pytest.mark.parametrize(
    ("arguments", "listings"),
    [
        ((), 4), (("--source", "offres"), 4), (("--source", "avito_ma"), 0),
        (("--from", "2001-01-01"), 4), (("--from", "2999-01-01"), 0), (("--to", "2001-01-01"), 0),
        (("--from", "2001-01-01", "--to", "2999-01-01"), 4),
    ],
)  # fmt: skip
def test_it_can_be_narrowed(
    offers: Call, tmp_path: Path, arguments: tuple[str, ...], listings: int
) -> None:
    """By source and by the days on which pages were received: rehearsal and replay look at the
    same captures."""
    mend(tmp_path, *MENDED)

    rehearsed = offers("replay", *arguments, "--dry-run").out
    done = offers("replay", *arguments).out

    assert rehearsed.startswith(f"{listings} listings would read differently")
    assert done == f"{listings} listings read differently\n"


def test_a_replay_is_ours_and_done_once(offers: Call, tmp_path: Path) -> None:
    """Every line of history that it writes says `reread`; a second time there is nothing to do."""
    mend(tmp_path, *MENDED)

    offers("replay")
    again = offers("replay").out
    rehearsed = offers("replay", "--dry-run").out

    assert again == "0 listings read differently\n"
    assert rehearsed == "0 listings would read differently; nothing was changed\n"
    for company, history in companies(offers).items():
        assert [line["cause"] for line in history] == ["reread"]
        assert [line["field"] for line in history] == ["company"]
        assert history[0]["new"] == company


def test_a_replay_is_taken_back_by_another(offers: Call, tmp_path: Path) -> None:
    """The old reader over the same captures gives the old values and the same content hash; what
    was done and undone stays in the history."""
    before, names = content_hash(offers), companies(offers).keys()
    mend(tmp_path, *MENDED)
    offers("replay")
    assert content_hash(offers) != before

    mend(tmp_path, *reversed(MENDED))
    told = offers("replay").out

    assert told == "4 listings read differently\n"
    assert content_hash(offers) == before
    assert companies(offers).keys() == names
    for history in companies(offers).values():
        assert [line["cause"] for line in history] == ["reread", "reread"]


@pytest.mark.parametrize(
    "arguments",
    [("--source", "ofres"), ("--from", "2026-11-20", "--to", "2026-11-20"), ("--from", "soon")],
)
def test_what_cannot_be_replayed_is_told(offers: Call, arguments: tuple[str, ...]) -> None:
    """An unknown source, an empty span and a day that is none: one line, exit code 2."""
    told = offers("replay", *arguments)

    assert told.code == 2
    assert told.err.startswith("error: ")


def test_a_listing_of_several_captures_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Counted once a field, from what it holds now to what the last capture says; what comes out
    as it was is not told."""
    schema = dict.fromkeys(("id", "field", "old", "new"), pl.String())
    parts = [
        pl.DataFrame([("a", "pay", None, "1"), ("b", "pay", "1", "2")], schema, orient="row"),
        pl.DataFrame([("a", "pay", None, "3"), ("b", "pay", "1", "1")], schema, orient="row"),
        pl.DataFrame([("c", "", None, '"New"')], schema, orient="row"),
    ]

    print_differences(iter(parts), 2)

    assert capsys.readouterr().out.splitlines() == [
        "2 listings would read differently; nothing was changed",
        "(listing not read before)\t1", '  c  null  →  "New"', "pay\t1", "  a  null  →  3",
    ]  # fmt: skip
