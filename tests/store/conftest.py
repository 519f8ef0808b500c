"""The stores that every promise is tested on: SQLite always, servers where there are any."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url

from vigie.store import Database, SqlStore, open_store
from vigie.store.tables import metadata

SERVERS = [
    pytest.param("postgresql", marks=pytest.mark.service),
    pytest.param("mariadb", marks=pytest.mark.service),
]
_NUMBERS = count()

Fresh = Callable[[str], str]
"""Name of a backend → the address of an empty database, migrated already on a server."""


def at_server(url: str, *statements: str) -> None:
    """Run statements of whoever looks after the server."""
    need_driver(url)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def need_driver(url: str) -> None:
    """Skip the test when the driver for the address is not installed."""
    for scheme, module in (("postgresql", "psycopg"), ("m", "pymysql")):
        if url.startswith(scheme):
            pytest.importorskip(module, reason=f"needs {module}: ./vigie extras")


def on(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def _pg_template(_postgresql: Any) -> str:
    # Sorted as in French: what Vigie compares byte by byte must not depend on the server's habits.
    name = "vigie_template"
    at_server(
        _postgresql.url,
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        " LOCALE_PROVIDER icu ICU_LOCALE 'fr-FR'",
        f"ALTER DATABASE {name} SET timezone = 'Asia/Tokyo'",
    )
    open_store(on(_postgresql.url, name)).close()
    return name


@pytest.fixture(scope="session")
def _my_database(_mariadb: Any) -> str:
    name = "vigie_store"
    at_server(
        _mariadb.url,
        f"CREATE DATABASE {name} CHARACTER SET latin1",
        "SET GLOBAL innodb_flush_log_at_trx_commit = 2",  # a kill loses nothing, a power cut might
    )
    open_store(on(_mariadb.url, name)).close()
    return name


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    made: list[tuple[str, str]] = []

    def make(backend: str) -> str:
        if backend == "memory":
            return "sqlite://"
        if backend == "sqlite":
            return f"sqlite:///{tmp_path / f'{next(_NUMBERS)}.db'}"
        server = request.getfixturevalue(backend)
        if backend == "mariadb":
            url = on(server.url, request.getfixturevalue("_my_database"))
            _empty(url)
            return url
        template, name = request.getfixturevalue("_pg_template"), f"t{next(_NUMBERS)}"
        at_server(server.url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        at_server(server.url, f"ALTER DATABASE {name} SET timezone = 'Asia/Tokyo'")
        made.append((server.url, name))
        return on(server.url, name)

    yield make
    for url, name in made:
        at_server(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["memory", "sqlite", *SERVERS])
def store(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[SqlStore]:
    opened = open_store(fresh(request.param))
    with without_warnings(opened.database):
        yield opened
    opened.close()


@pytest.fixture(params=SERVERS)
def server_url(request: pytest.FixtureRequest, fresh: Fresh) -> str:
    return fresh(request.param)


class without_warnings:  # noqa: N801  # reads as a word
    """MySQL warns where it guesses what a value means; a store leaves nothing to guess."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def __enter__(self) -> None:
        event.listen(self._engine, "after_cursor_execute", self._check)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "after_cursor_execute", self._check)

    def _check(self, _connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        assert not getattr(cursor, "warning_count", 0), statement


def _empty(url: str) -> None:
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    at_server(
        url,
        *(f"DELETE FROM `{name}`" for name in tables),  # noqa: S608  # the model's names
        "INSERT INTO counters VALUES ('feed', 0), ('agenda', 0)",
    )
