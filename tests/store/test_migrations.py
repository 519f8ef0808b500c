"""A database of any version becomes today's; one from the future is left alone."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Float, create_engine, text
from sqlalchemy.dialects.mysql import DOUBLE
from sqlalchemy.engine import make_url

from tests.store.batches import batch, seen
from tests.store.conftest import SERVERS, Fresh, at_server, on
from vigie.errors import FromTheFuture, StoreError
from vigie.store import SqlStore, dialect, open_store
from vigie.store.migrations.versions import HEAD
from vigie.store.tables import metadata


def schema(url: str) -> list[tuple[str, str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type <> 'view' ORDER BY 1")
        ).fetchall()
    engine.dispose()
    return [(name, " ".join((sql or "").split())) for name, sql in rows if "alembic" not in name]


def test_the_migrations_make_what_is_declared(tmp_path: Path) -> None:
    """Migrating an empty database gives the tables of `vigie.store.tables`, to the letter."""
    migrated, declared = f"sqlite:///{tmp_path / 'm.db'}", f"sqlite:///{tmp_path / 'd.db'}"
    open_store(migrated).close()
    engine = create_engine(declared)
    metadata.create_all(engine)
    with create_engine(migrated).connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    connection.engine.dispose()
    engine.dispose()
    assert schema(migrated) == schema(declared)


def doubles_are_floats(_context: Any, _one: Any, _other: Any, found: Any, told: Any) -> bool | None:
    """MySQL's DOUBLE is what FLOAT(53) makes there."""
    return False if isinstance(found, DOUBLE) and isinstance(told, Float) else None


def test_the_migrations_make_what_is_declared_on_a_server(server_url: str) -> None:
    """The same columns, types, indexes and keys; texts compared byte by byte."""
    open_store(server_url).close()
    engine = create_engine(server_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": doubles_are_floats})
        assert compare_metadata(context, metadata) == []
        byte_by_byte = "SELECT CASE WHEN MAX(name) = 'é' THEN 1 END FROM leases WHERE name > 'z'"
        insert = "INSERT INTO leases (name, owner, until) VALUES"
        rows = "('a', 'x', {0}), ('a ', 'x', {0}), ('A', 'x', {0}), ('é', 'x', {0})"
        connection.execute(text(f"{insert} {rows.format('CURRENT_TIMESTAMP')}"))
        assert connection.execute(text(byte_by_byte)).scalar() == 1
    engine.dispose()


def as_before(store: SqlStore) -> None:
    """Make the store what an earlier version left."""
    with store.database.writing("agenda") as connection:
        connection.exec_driver_sql("DROP VIEW annonces")
        for table, index in (
            ("runs", "ix_runs_scope"), ("scope_members", "ix_scope_members_scope"),
        ):  # fmt: skip
            on = f" ON {table}" if store.database.dialect is dialect.MYSQL else ""
            connection.exec_driver_sql(f"DROP INDEX {index}{on}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")


def test_a_database_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    """After a copy beside it; what it held is there, and the views are. A copy is never lost."""
    path = tmp_path / "v.db"
    store = open_store(f"sqlite:///{path}")
    store.save(batch([seen("1", 1, title="A")]), None)
    before = store.content_hash()
    for _ in range(2):
        as_before(store)
        store.close()
        store = open_store(f"sqlite:///{path}")

    assert store.content_hash() == before
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT titre FROM annonces").scalar_one() == "A"
    store.close()
    kept = tmp_path / f"v.db.before-{HEAD}"
    assert {one.name for one in tmp_path.iterdir()} == {"v.db", kept.name, f"{kept.name}-2"}
    assert revision(kept) == "0003"


def revision(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def opened_at_once(url: str, processes: int) -> list[str]:
    """What each of several processes says that open *url* at the same moment."""
    code = (
        "import sys; from vigie.store import open_store; import alembic.command\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "store = open_store(sys.argv[1]); print(store.feed.last()); store.close()"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(processes)
    ]  # fmt: skip
    for one in running:
        assert one.stdout is not None
        one.stdout.readline()
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return [one.communicate()[0].strip() for one in running]


def test_a_new_file_is_opened_by_several_processes_at_once(tmp_path: Path) -> None:
    """One makes the tables; the others wait and find them. Nothing else is left in the folder."""
    for number in range(3):
        path = tmp_path / str(number) / "v.db"
        assert opened_at_once(f"sqlite:///{path}", 4) == ["0"] * 4
        assert [one.name for one in path.parent.iterdir()] == ["v.db"]


def test_an_upgrade_by_several_processes_keeps_what_was_before(tmp_path: Path) -> None:
    """The copy beside it is of the version before, whoever comes second."""
    path = tmp_path / "v.db"
    store = open_store(f"sqlite:///{path}")
    store.save(batch([seen(str(n), 1, item=n, text="x" * 5_000) for n in range(2_000)]), None)
    as_before(store)
    store.close()

    assert opened_at_once(f"sqlite:///{path}", 3) == ["2000"] * 3

    kept = tmp_path / f"v.db.before-{HEAD}"
    assert {one.name for one in tmp_path.iterdir()} == {"v.db", kept.name}
    assert (revision(kept), revision(path)) == ("0003", HEAD)


def test_a_copy_that_was_broken_off_is_made_anew(tmp_path: Path) -> None:
    """Half a copy never has the name of a whole one."""
    path, part = tmp_path / "v.db", tmp_path / f"v.db.before-{HEAD}.part"
    store = open_store(f"sqlite:///{path}")
    as_before(store)
    store.close()
    part.write_bytes(b"half")

    open_store(f"sqlite:///{path}").close()

    assert revision(tmp_path / f"v.db.before-{HEAD}") == "0003"
    assert not part.exists()


@pytest.mark.parametrize("backend", ["sqlite", *SERVERS])
def test_views_that_were_not_finished_are_made_at_the_next_start(
    fresh: Fresh, backend: str
) -> None:
    """Where every statement of a migration is committed at once, the last ones may be missing."""
    url = fresh(backend)
    open_store(url).close()
    at_server(url, "DROP VIEW annonces")

    open_store(url).close()

    at_server(url, "SELECT titre FROM annonces")


@pytest.mark.service
def test_who_may_make_no_view_is_told_so_until_the_right_is_there(
    request: pytest.FixtureRequest,
) -> None:
    """In one line, at every start; with the right, the next start goes on."""
    server = request.getfixturevalue("mariadb")
    user, most = "maker@'127.0.0.1'", "CREATE, ALTER, DROP, INDEX, SELECT, INSERT, UPDATE, DELETE"
    at_server(server.url, "CREATE DATABASE views", f"CREATE USER {user} IDENTIFIED BY 'm'",
              f"GRANT {most} ON views.* TO {user}")  # fmt: skip
    url = make_url(on(server.url, "views")).set(username="maker", password="m")
    address = url.render_as_string(hide_password=False)
    try:
        for _ in range(2):
            with pytest.raises(StoreError, match=r"maker may not make views at .*grant it all"):
                open_store(address)
        at_server(server.url, f"GRANT ALL ON views.* TO {user}")
        store = open_store(address)
        with store.database.reading() as connection:
            assert connection.exec_driver_sql("SELECT COUNT(*) FROM annonces").scalar_one() == 0
        store.close()
    finally:
        at_server(server.url, f"DROP USER {user}", "DROP DATABASE views")


@pytest.mark.parametrize("backend", ["sqlite", *SERVERS])
def test_tables_of_somebody_else_are_left_alone(
    request: pytest.FixtureRequest, fresh: Fresh, backend: str
) -> None:
    """Or of a first start that was interrupted, where tables are not made in a transaction."""
    url = fresh("sqlite")
    if backend != "sqlite":
        server = request.getfixturevalue(backend)
        at_server(server.url, "CREATE DATABASE half")
        url = on(server.url, "half")
    at_server(url, "CREATE TABLE job (id INTEGER)")
    try:
        with pytest.raises(StoreError, match="has a table job that no Vigie finished"):
            open_store(url)
        at_server(url, "DROP TABLE job")
        open_store(url).close()
    finally:
        if backend != "sqlite":
            at_server(server.url, "DROP DATABASE half")


def test_a_database_from_the_future_is_refused(tmp_path: Path) -> None:
    """One line, and not a byte of it is changed."""
    path = tmp_path / "v.db"
    store = open_store(f"sqlite:///{path}")
    store.save(batch([seen("1", 1, title="A")]), None)
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    before = path.read_bytes()

    with pytest.raises(FromTheFuture, match="newer Vigie"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before
