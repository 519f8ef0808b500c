"""A server that is not there, lets nobody in or is full of something else is told in one line."""

import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from tests.store.batches import batch, seen
from tests.store.conftest import SERVERS, Fresh, at_server, need_driver
from vigie.errors import ConfigError, FromTheFuture, Missing, StoreError, UsageError
from vigie.store import open_store
from vigie.store.advice import place
from vigie.store.migrations.versions import HEAD

SECRET = "a-secret/word"


def changed(url: str, **parts: Any) -> str:
    return make_url(url).set(**parts).render_as_string(hide_password=False)


def told(url: str) -> str:
    """The error of opening *url*, which never holds a password."""
    with pytest.raises(StoreError) as caught:
        open_store(url)
    line = str(caught.value)
    assert SECRET not in line
    assert (make_url(url).password or "?") not in line
    assert "\n" not in line
    return line


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "postgresql+psycopg", "mysql+pymysql"])
def test_nobody_answers(scheme: str) -> None:
    """The address is named, and what to do."""
    need_driver(scheme)
    line = told(f"{scheme}://vigie:{SECRET.replace('/', '%2F')}@127.0.0.1:9/vigie")

    assert line.startswith("no server answers at 127.0.0.1:9/vigie (")
    assert line.endswith("start it, or mend store.url.")


@pytest.mark.parametrize("url", ["oracle://u:a-secret@h/d", "nonsense a-secret", "://a-secret"])
def test_what_is_no_store(url: str) -> None:
    with pytest.raises(ConfigError, match="use sqlite:///PATH, postgresql://") as caught:
        open_store(url)
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "option",
    ["postgresql:foo=1", "mysql:foo=1", "postgresql:connect_timeout=abc", "mysql:ssl_ca=/nope",
     "mysql:connect_timeout=abc", "postgresql:sslmode=foo", "postgresql:port=abc"],
)  # fmt: skip
def test_an_option_that_the_driver_does_not_know(option: str) -> None:
    """It is named, whoever notices it, and nobody is told to try again."""
    scheme, _, given = option.partition(":")
    need_driver(scheme)
    line = told(f"{scheme}://vigie:a-password@127.0.0.1:9/vigie?{given}")

    named = given.partition("=")[0]
    assert line.startswith(
        f"store.url: the driver does not know what follows the question mark ({named}): "
    )
    assert line.endswith("Mend it or leave it out.")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
@pytest.mark.parametrize("password", ["p@hush", "p/a@hush", "p@hush/rd", "p@hush/r@d"])
def test_a_password_that_is_not_escaped(scheme: str, password: str) -> None:
    """No part of it is told; what to write instead is."""
    need_driver(scheme)
    with pytest.raises(ConfigError, match="write %40 for @") as caught:
        open_store(f"{scheme}://u:{password}@127.0.0.1:9/v")

    assert "hush" not in str(caught.value)
    assert "hush" not in place(make_url(f"{scheme}://u:{password}@127.0.0.1:9/v"))


@pytest.mark.parametrize("backend", SERVERS)
def test_a_connection_lost_while_committing(
    request: pytest.FixtureRequest, fresh: Fresh, backend: str
) -> None:
    """Nobody knows whether it was kept, and the message does not say that it was not."""
    store, server = open_store(fresh(backend)), request.getfixturevalue(backend)
    with (  # noqa: PT012  # it is raised at the end of the block
        pytest.raises(StoreError, match=r"may or may not have been kept\. Give it again"),
        store.database.writing("agenda") as connection,
    ):
        connection.exec_driver_sql("DELETE FROM hosts")
        server.kill()
    server.start()
    store.close()


def test_a_file_that_another_holds_is_told_without_a_time_that_did_not_pass(
    tmp_path: Path,
) -> None:
    path = tmp_path / "v.db"
    store = open_store(f"sqlite:///{path}")
    other = open_store(f"sqlite:///{path}")
    with other.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")  # of the one that is used again
    with (
        store.database.writing(),
        pytest.raises(StoreError, match=r"v\.db is held by another process; try again"),
    ):
        other.save(batch([seen("1", 1, title="A")]), None)
    other.close()
    store.close()


def test_a_wrong_password(server_url: str) -> None:
    line = told(changed(server_url, password=SECRET))

    assert "does not let vigie in: check user and password in store.url." in line


def test_a_database_that_is_missing(server_url: str) -> None:
    assert told(changed(server_url, database="nowhere")).startswith("there is no database nowhere")


@pytest.mark.parametrize("backend", SERVERS)
def test_a_user_without_rights(request: pytest.FixtureRequest, fresh: Fresh, backend: str) -> None:
    """Who may read and not write is told so when a batch comes; it can be given again."""
    url = fresh(backend)
    name = make_url(url).database
    server = request.getfixturevalue(backend)
    if backend == "postgresql":
        at_server(url, "CREATE USER reader PASSWORD 'r'", "GRANT pg_read_all_data TO reader")
    else:
        at_server(server.url, "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'r'",
                  f"GRANT SELECT ON {name}.* TO reader@'127.0.0.1'")  # fmt: skip
    try:
        store = open_store(changed(url, username="reader", password="r"))
        assert store.counts("ad")["open"] == 0
        with pytest.raises(StoreError, match=f"reader may not do this.*grant it all.*{name}"):
            store.save(batch([seen("1", 1, title="A")]), None)
        store.close()
    finally:
        at_server(url, "DROP USER reader" + ("" if backend == "postgresql" else "@'127.0.0.1'"))


def test_a_text_that_is_too_long_for_its_column(server_url: str) -> None:
    """Nothing of the batch is kept; the store goes on."""
    store = open_store(server_url)
    with pytest.raises(StoreError, match="a text is longer than its column"):
        store.save(batch([seen("1", 1, title="A", source="s" * 70)]), None)

    assert store.counts("ad")["open"] == 0
    assert store.save(batch([seen("1", 1, title="A")]), None).new == 1
    store.close()


def test_two_that_wait_for_each_other(server_url: str) -> None:
    """A program beside ours may lock rows in another order: one is set aside and told so."""
    store, other = open_store(server_url), open_store(server_url)
    store.save(batch([seen("1", 1, title="A"), seen("2", 1, item=1, title="B")]), None)
    with pytest.raises(StoreError, match="give it again"):
        ring(store, other)
    for one in (store, other):
        one.close()


def ring(store: Any, other: Any) -> None:
    """Raise what the one is told that was set aside."""

    def also() -> None:
        with other.database.writing("agenda") as second:
            second.exec_driver_sql("UPDATE ad SET title = 'x' WHERE title = 'B'")
            both.wait()
            second.exec_driver_sql("UPDATE ad SET title = 'x' WHERE title = 'A'")

    both = threading.Barrier(2)
    failed: list[StoreError] = []

    def guarded() -> None:
        try:
            also()
        except StoreError as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    try:
        with store.database.writing() as first:
            first.exec_driver_sql("UPDATE ad SET title = 'y' WHERE title = 'A'")
            both.wait()
            first.exec_driver_sql("UPDATE ad SET title = 'y' WHERE title = 'B'")
    finally:
        thread.join()
    raise failed[0]


def test_a_database_from_the_future_is_refused_on_a_server(server_url: str) -> None:
    at_server(server_url, "UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(FromTheFuture, match="newer Vigie"):
            open_store(server_url)
    finally:
        at_server(server_url, f"UPDATE alembic_version SET version_num = '{HEAD}'")  # noqa: S608  # ours


@pytest.mark.parametrize(
    ("scheme", "module", "extra"),
    [("postgresql", "psycopg.adapt", "postgresql"), ("mysql", "pymysql.converters", "mysql"),
     ("mariadb", "pymysql.converters", "mysql"), ("postgres", "psycopg.adapt", "postgresql")],
)  # fmt: skip
def test_a_driver_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, scheme: str, module: str, extra: str
) -> None:
    """One line says what to type."""
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(Missing, match=rf"./vigie extras .*{extra}"):
        open_store(f"{scheme}://u:{SECRET}@127.0.0.1:9/d".replace("/word", ""))


def test_without_the_row_that_writers_lock_nothing_is_written(server_url: str) -> None:
    """Two writers that do not wait for each other would overwrite each other."""
    store = open_store(server_url)
    at_server(server_url, "DELETE FROM counters WHERE name = 'feed'")

    with pytest.raises(StoreError, match="counters has no row 'feed'"):
        store.save(batch([seen("1", 1, title="A")]), None)

    at_server(server_url, "INSERT INTO counters VALUES ('feed', 0)")
    assert store.save(batch([seen("1", 1, title="A")]), None).new == 1
    store.close()


def test_a_backup_of_a_server_is_the_servers_own(server_url: str, tmp_path: Path) -> None:
    store = open_store(server_url)
    with pytest.raises(UsageError, match=r"copy it with (pg_dump|mysqldump)"):
        store.database.backup(tmp_path / "b.db")
    store.close()
