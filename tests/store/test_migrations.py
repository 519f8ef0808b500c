"""A database of any version becomes today's; one from the future is left alone."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from tests.store.batches import batch, seen
from vigie.errors import FromTheFuture
from vigie.store import open_store
from vigie.store.tables import metadata


def schema(url: str) -> list[tuple[str, str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE name <> 'alembic_version' ORDER BY 1")
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
