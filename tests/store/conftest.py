"""The stores that every promise is tested on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vigie.store import SqlStore, open_store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'v.db'}"
    opened = open_store(url)
    yield opened
    opened.close()
