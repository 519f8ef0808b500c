"""The recipes that ship: each reads, and its sources accept what it asks."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from vigie import sources
from vigie.model.watch import watch_of
from vigie.sources.files import Files

SHIPPED = sorted((Path(__file__).parents[2] / "watches").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_watch_asks_what_its_sources_understand(path: Path) -> None:
    """Every query of every source opens at least one request; a source of files is imported."""
    watch = watch_of(path.read_text(encoding="utf-8"), path.stem, str(path))

    assert watch.title
    for watched in watch.source:
        source = sources.make(watched.name, watched.settings)
        assert source.kind == watch.kind
        if not isinstance(source, Files):
            names = [query.name for query in watch.queries(watched)]
            assert len(set(names)) == len(names), "two queries of one scope"
            for query in watch.queries(watched):
                assert list(source.first(query))


def test_the_user_s_own_watch_wins_and_is_shown(vigie: Call, tmp_path: Path) -> None:
    """A recipe in the data folder takes the place of a shipped one of its name."""
    folder = tmp_path / "data" / "watches"
    folder.mkdir(parents=True)
    text = 'title = "Les miennes"\nkind = "ad"\n[[source]]\nname = "marocannonces"\n'
    (folder / "annonces-maroc.toml").write_text(text, encoding="utf-8")

    shown = json.loads(vigie("watch", "show", "annonces-maroc").out)
    listed = vigie("watch", "list").out.splitlines()
    asked = vigie("watch", "run", "annonces-maroc", "--dry-run")

    assert shown["title"] == "Les miennes"
    assert [line.split("\t")[0] for line in listed] == [path.stem for path in SHIPPED]
    assert len(asked.out.splitlines()) == 3
    assert all("https://www.marocannonces.com/" in line for line in asked.out.splitlines())
    assert "nothing was asked" in asked.err
