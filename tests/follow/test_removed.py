"""What is erased leaves every place; one that is away holds up neither the others nor the index."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.batches import batch, seen
from vigie.config import load
from vigie.errors import ViewError
from vigie.model.ask import Ask
from vigie.model.identity import listing_id
from vigie.wiring import Instance

pytest.importorskip("deltalake", reason="needs deltalake: ./vigie extras")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Instance]:
    given = {"data_dir": tmp_path, "lake": {"url": str(tmp_path / "lake")}}
    with Instance(load(given, environ={}, folder=tmp_path).settings) as made:
        yield made


def found(here: Instance, word: str) -> int:
    return here.search.ask(Ask(kind="ad", text=word, status="all")).total


def test_a_place_that_is_away_loses_its_part_later(here: Instance, tmp_path: Path) -> None:
    """The lake cannot be read: the listing leaves the index, files and what is stored later come
    up to date, and the lake's part stays noted until it is done."""
    here.store.save(batch([seen("1", 0, title="Canari"), seen("2", 0, title="Vélo")]), None)
    here.bring_up_to_date()
    (tmp_path / "lake" / "_vigie.json").mkdir(parents=True)
    recipe = tmp_path / "watches" / "broken.toml"
    recipe.parent.mkdir()
    recipe.write_text("kind = 3", encoding="utf-8")
    with pytest.raises(ViewError):
        here.erase([listing_id("site", "1")])
    assert found(here, "canari") == 0
    here.store.save(batch([seen("3", 1, title="Nouveau")]), None)
    here.process()
    assert found(here, "nouveau") == 1
    assert here.store.to_strike() == [listing_id("site", "1")]
    (tmp_path / "lake" / "_vigie.json").rmdir()
    here.process()
    assert here.store.to_strike() == []
