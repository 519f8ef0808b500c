"""The developer's stack: real servers come up, survive a kill with their data, and go for good."""

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy

from tests.cli.conftest import Call
from tests.servers import _CACHE
from vigie.errors import ServerError, ServerMissing
from vigie.wiring.stack import S3, SERVERS, Kafka, MariaDB, PostgreSQL, Server
from vigie.wiring.stack import jars as jars_module
from vigie.wiring.stack import running as running_module

pytestmark = pytest.mark.service


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a stack of the test's own lives; nothing of it runs afterwards."""
    made = Path(tempfile.mkdtemp(prefix="vigie-stack-"))
    made.chmod(0o755)
    monkeypatch.setattr(running_module, "cache_folder", lambda: _CACHE)
    yield made
    for name in SERVERS:
        SERVERS[name](made, cache=_CACHE).kill()
    shutil.rmtree(made)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_servers_come_up_are_told_and_go(vigie: Call, folder: Path) -> None:
    """`up` starts and says how to use them; `status` agrees; `down` leaves nothing running."""
    pytest.importorskip("psycopg", reason="needs psycopg: ./vigie extras")
    told = vigie("stack", "up", "postgresql", "--folder", folder)
    if told.code == 2:
        pytest.skip(told.err)  # says which program is missing
    assert told.code == 0, told.err
    assert told.out.startswith("export VIGIE_STORE__URL=postgresql+psycopg://vigie:")

    again = vigie("stack", "up", "postgresql", "--folder", folder)
    found = json.loads(vigie("stack", "status", "--json", "--folder", folder).out)
    mine = {one["name"]: one for one in found}["postgresql"]
    assert again.out == told.out
    assert mine["running"]
    assert {one["name"] for one in found} == set(SERVERS)
    assert sqlalchemy_answers(mine["url"])
    table = vigie("stack", "status", "--folder", folder).out
    assert "kafka       never started" in table
    assert ":***@127.0.0.1" in table

    assert vigie("stack", "down", "--folder", folder).out == "stopped postgresql\n"
    assert vigie("stack", "down", "--folder", folder).out == "nothing was running\n"
    assert not answers(urlsplit(mine["url"]).port or 0)
    with pytest.raises(ProcessLookupError):
        os.kill(mine["pid"], 0)


def sqlalchemy_answers(url: str) -> bool:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT 1").scalar() == 1
    finally:
        engine.dispose()


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_a_killed_database_comes_back_with_its_data(
    name: str, request: pytest.FixtureRequest
) -> None:
    """What was committed before SIGKILL is there after a restart, on the same port."""
    server: PostgreSQL | MariaDB = request.getfixturevalue(name)
    engine = sqlalchemy.create_engine(server.url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO kept VALUES (42)")
    port = server.port

    server.kill()
    assert server.pid is None
    server.restart()

    assert server.port == port
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT n FROM kept").scalar() == 42
        connection.exec_driver_sql("DROP TABLE kept")
    engine.dispose()


def test_a_killed_broker_comes_back_on_its_port(kafka: Kafka) -> None:
    """The address that clients know stays right."""
    url = kafka.url
    kafka.kill()
    assert not answers(kafka.port)

    kafka.restart()

    assert kafka.url == url
    assert answers(kafka.port)


def test_the_emulator_answers(s3: S3) -> None:
    """A bucket can be made and a file put into it; the one that its settings name is there."""
    obstore = pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")
    import urllib.request

    put = urllib.request.Request(f"{s3.url}/first-bucket", method="PUT")  # noqa: S310  # ours
    urllib.request.urlopen(put, timeout=10).close()  # noqa: S310  # ours
    store = obstore.store.from_url("s3://first-bucket")
    obstore.put(store, "a/b", b"hello")
    assert bytes(obstore.get(store, "a/b").bytes()) == b"hello"
    assert s3.settings()["VIGIE_SPOOL__URL"].startswith("s3://vigie/")
    # Other tests keep captures in that bucket: only a folder of this test's is known to be empty.
    assert list(obstore.list(obstore.store.from_url("s3://vigie/of-no-other-test"))) == []
    with pytest.raises(obstore.exceptions.BaseError, match="NoSuchBucket"):
        list(obstore.list(obstore.store.from_url("s3://no-such-bucket")))


def test_a_program_that_is_missing_is_named(
    vigie: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what is not here and which package has it."""
    monkeypatch.setenv("PATH", str(folder))
    told = vigie("stack", "up", "kafka", "--folder", folder)
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines()[0].startswith("kafka: starting")
    assert told.err.endswith(
        "error: kafka needs Java 17 or later, which is not here: apt install "
        "openjdk-17-jre-headless, or your system's like of it\n"
    )
    told = vigie("stack", "up", "oracle", "--folder", folder)
    assert told.code == 2
    assert "no server is called 'oracle'" in told.err


def test_without_maven_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java alone does not bring Kafka."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerMissing, match="apt install maven"):
        jars_module.kafka_jars(tmp_path / "cache")


class Liar(Server):
    """A server that ends at once, after a word."""

    name = "liar"
    url = ""

    def check(self) -> None: ...

    def prepare(self, state: object) -> None: ...

    def command(self, state: object) -> list[str]:
        return ["sh", "-c", "echo no memory today; exit 3"]

    def ready(self, log: str) -> bool:
        return False

    def settings(self) -> dict[str, str]:
        return {}


def test_why_a_server_did_not_start_is_told(tmp_path: Path) -> None:
    """The end of its own log stands in the error."""
    liar = Liar(tmp_path, cache=tmp_path)
    with pytest.raises(ServerError, match="ended at once: no memory today"):
        liar.start()
    assert liar.pid is None


class Interrupted(Liar):
    """A server that is slow to come up, and somebody who does not wait."""

    name = "slow"

    def command(self, state: object) -> list[str]:
        return ["sleep", "600"]

    def ready(self, log: str) -> bool:
        raise KeyboardInterrupt


def test_interrupted_while_it_starts_nothing_is_left(tmp_path: Path) -> None:
    """Ctrl-C during `up`: the server that was coming up is ended too."""
    slow = Interrupted(tmp_path, cache=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        slow.start()
    assert slow.pid is None


class Sleeper(Liar):
    """A server that does nothing for long."""

    name = "sleeper"

    def command(self, state: object) -> list[str]:
        return ["sleep", "600"]

    def ready(self, log: str) -> bool:
        return True


@pytest.mark.parametrize("how", [Server.stop, Server.kill])
def test_a_number_that_is_another_process_is_left_alone(
    tmp_path: Path, how: Callable[[Server], None]
) -> None:
    """The pid file of a machine that was rebooted names somebody else: it is not stopped."""
    sleeper = Sleeper(tmp_path, cache=tmp_path)
    sleeper.start()
    state = tmp_path / "sleeper" / "server.json"
    told = json.loads(state.read_text())
    stranger = told["process"] | {"pid": os.getpid(), "born": "1"}
    state.write_text(json.dumps(told | {"process": stranger}))
    assert sleeper.pid is None
    how(sleeper)
    state.write_text(json.dumps(told))
    assert sleeper.pid is not None
    how(sleeper)
    assert sleeper.pid is None
    assert state.stat().st_mode & 0o777 == 0o600
