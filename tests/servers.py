"""Real servers for tests: started when a test first asks for one, stopped with the session.

`VIGIE_TEST_STACK=FOLDER` names a set that runs already (`vigie stack up --folder FOLDER`): it is
used and left running. A server that cannot be had here skips its tests with a line that says what
is missing. Tests may `kill` and `restart` what they are given: it comes back on the same port with
the same data, and must run again when the test is over.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from vigie.errors import ServerError
from vigie.wiring.stack import S3, SERVERS, Kafka, MariaDB, PostgreSQL, Server
from vigie.wiring.stack.running import cache_folder

# Read now: tests that give themselves a home of their own move what `platformdirs` answers.
_CACHE = cache_folder()
_RUNNING = os.environ.get("VIGIE_TEST_STACK", "")


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """Where this worker's servers live: servers that run as other users can come there."""
    if _RUNNING:
        yield Path(_RUNNING)
        return
    folder = Path(tempfile.mkdtemp(prefix="vigie-stack-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


CLIENTS = {
    "kafka": "confluent_kafka", "postgresql": "psycopg", "mariadb": "pymysql", "s3": "obstore",
}  # fmt: skip
"""What talks to each server: an optional part, so a server alone is of no use to a test."""


def _server(name: str, folder: Path) -> Iterator[Server]:
    pytest.importorskip(CLIENTS[name], reason=f"needs {CLIENTS[name]}: ./vigie extras")
    server = SERVERS[name](folder, cache=_CACHE, with_parent=not _RUNNING)
    if _RUNNING and server.pid is None:
        pytest.skip(f"needs a real server: {name} does not run in {_RUNNING}")
    try:
        server.start()
    except ServerError as error:
        pytest.skip(f"needs a real server: {error}")
    yield server
    if not _RUNNING:
        server.kill()


def _up(server: Server) -> None:
    """Start it again after a test that killed it."""
    server.start()


@pytest.fixture(scope="session")
def _kafka(stack_folder: Path) -> Iterator[Server]:
    yield from _server("kafka", stack_folder)


@pytest.fixture(scope="session")
def _postgresql(stack_folder: Path) -> Iterator[Server]:
    yield from _server("postgresql", stack_folder)


@pytest.fixture(scope="session")
def _mariadb(stack_folder: Path) -> Iterator[Server]:
    yield from _server("mariadb", stack_folder)


@pytest.fixture(scope="session")
def _s3(stack_folder: Path) -> Iterator[Server]:
    yield from _server("s3", stack_folder)


@pytest.fixture
def kafka(_kafka: Kafka) -> Iterator[Kafka]:
    """A Kafka broker at `kafka.url` (HOST:PORT), with topics of other tests in it."""
    yield _kafka
    _up(_kafka)


@pytest.fixture
def postgresql(_postgresql: PostgreSQL) -> Iterator[PostgreSQL]:
    """A PostgreSQL server; `postgresql.url` is the SQLAlchemy address of its database `vigie`."""
    yield _postgresql
    _up(_postgresql)


@pytest.fixture
def mariadb(_mariadb: MariaDB) -> Iterator[MariaDB]:
    """A MariaDB server; `mariadb.url` is the SQLAlchemy address of its database `vigie`."""
    yield _mariadb
    _up(_mariadb)


@pytest.fixture
def s3(_s3: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """An S3 emulator at `s3.url`; the environment has the keys that it takes."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "vigie"), ("AWS_SECRET_ACCESS_KEY", _s3.password),
        ("AWS_REGION", "eu-west-3"), ("AWS_DEFAULT_REGION", "eu-west-3"),
        ("AWS_ENDPOINT_URL", _s3.url), ("AWS_ALLOW_HTTP", "true"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    yield _s3
    _up(_s3)
