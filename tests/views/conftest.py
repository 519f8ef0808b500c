"""An index to ask, empty at first, and the listings that go into it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.views.listings import Shown, native
from vigie.model.ask import Ask
from vigie.views.search.index import SearchIndex


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture(params=["disk", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path, shown: Shown) -> Iterator[SearchIndex]:
    """An empty index, on disk and in memory: both keep every promise."""
    path = tmp_path / "search" if request.param == "disk" else None
    with SearchIndex(path, members=shown.members) as opened:
        yield opened


@pytest.fixture
def find(shown: Shown, index: SearchIndex) -> Callable[..., list[str]]:
    """Ask for jobs; return the native ids found, in order."""

    def ask(text: str = "", **how: Any) -> list[str]:
        return native(shown, index.ask(Ask(text=text, **{"kind": "job"} | how)))

    return ask
