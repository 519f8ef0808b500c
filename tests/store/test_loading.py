"""Many rows at once, on a session that an earlier failure left as it was."""

import pytest

from tests.store.conftest import Fresh
from vigie.errors import StoreError
from vigie.store import SqlStore, loading, open_store
from vigie.store.tables import LISTINGS

pytestmark = pytest.mark.service
NAMES = ("id", "source", "native_id", "status", "first_seen_at", "seen_capture", "carried")


def test_an_update_that_was_broken_off_leaves_nothing_behind(fresh: Fresh) -> None:
    """On MySQL a session keeps its temporary table; the next update on it works all the same."""
    store = open_store(fresh("mariadb"))
    ids, table = [f"{n:016x}" for n in range(30)], LISTINGS["job"]
    at = "2026-11-01T00:00:00.000Z"
    with store.database.writing() as connection:
        rows = [(one, "site", one, "open", at, "c", 0) for one in ids]
        loading.insert(connection, table, NAMES, rows, "")

    other = store.database.engine.connect()
    other.exec_driver_sql("BEGIN")
    other.exec_driver_sql("SELECT id FROM job WHERE id = ? FOR UPDATE", (ids[3],)).all()
    with pytest.raises(StoreError, match="another process has held"):
        update(store, ids, "first")
    other.rollback()
    other.close()
    for title in ("second", "third"):
        update(store, ids, title)

    with store.database.reading() as connection:
        told = connection.exec_driver_sql("SELECT DISTINCT title FROM job").scalars().all()
    assert told == ["third"]
    store.close()


def update(store: SqlStore, ids: list[str], title: str) -> None:
    with store.database.writing() as connection:
        connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
        loading.update(connection, LISTINGS["job"], ("title", "id"), [(title, one) for one in ids])
