"""Captures for the tests of sources."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.model.capture import Capture

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture
def at() -> datetime:
    """When every page of the tests was received."""
    return datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def page(at: datetime) -> Callable[..., Capture]:
    """Make a capture of *body*; other parts by name."""

    def make(body: bytes = b"", **parts: object) -> Capture:
        kept = {"url": "https://site.test/", "at": at} | parts
        return Capture(id="c", source="s", run="r", body=body, **kept)  # type: ignore[arg-type]  # parts are Capture's own

    return make


@pytest.fixture
def data() -> Path:
    """The folder of captured pages and data sets beside the project."""
    if not DATA.is_dir():
        pytest.skip("the captured pages are not beside the project (../shared/data)")
    return DATA
