"""The site over a real store and a real search, with a still clock."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.web.cargo import NOW
from tests.web.harbour import SOURCES, Harbour, populate
from tests.web.weather import weather
from vigie.settings import ServeSettings
from vigie.web.app import create_app

HTML = {"accept": "text/html"}


@pytest.fixture(scope="session")
def harbour() -> Iterator[Harbour]:
    made = Harbour()
    populate(made)
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(harbour: Harbour) -> Iterator[TestClient]:
    """Anyone: not on this machine."""
    app = create_app(harbour.store, harbour.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    with TestClient(app, client=("203.0.113.7", 40000)) as made:
        yield made


@pytest.fixture(scope="session")
def owner(harbour: Harbour) -> Iterator[TestClient]:
    """The person at this machine."""
    app = create_app(harbour.store, harbour.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    with TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 40000)) as made:
        yield made


@pytest.fixture(scope="session")
def stormy() -> Iterator[Harbour]:
    made = Harbour()
    weather(made)
    yield made
    made.close()


@pytest.fixture(scope="session")
def passer_by(stormy: Harbour) -> Iterator[TestClient]:
    """Anyone, where not everything went well."""
    app = create_app(stormy.store, stormy.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    with TestClient(app, client=("203.0.113.7", 40000)) as made:
        yield made


@pytest.fixture(scope="session")
def keeper(stormy: Harbour) -> Iterator[TestClient]:
    """The person at that machine."""
    app = create_app(stormy.store, stormy.search, ServeSettings(), sources=SOURCES,
                     now=lambda: NOW)  # fmt: skip
    with TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 40000)) as made:
        yield made
