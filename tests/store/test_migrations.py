"""A database of any version becomes today's; one from the future is left alone."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Float, create_engine, text
from sqlalchemy.dialects.mysql import DOUBLE

from tests.store.batches import batch, seen
from tests.store.conftest import SERVERS, Fresh, at_server, on
from vigie.errors import FromTheFuture, StoreError
from vigie.store import open_store
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


def test_a_database_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    """After a copy beside it; what it held is there, and the views are."""
    path = tmp_path / "v.db"
    store = open_store(f"sqlite:///{path}")
    store.save(batch([seen("1", 1, title="A")]), None)
    before = store.content_hash()
    with store.database.writing() as connection:
        connection.exec_driver_sql("DROP VIEW annonces")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    store.close()

    store = open_store(f"sqlite:///{path}")

    assert store.content_hash() == before
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT titre FROM annonces").scalar_one() == "A"
    store.close()
    assert (tmp_path / f"v.db.before-{HEAD}").exists()


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
