"""Where listings rest: their rows, their history, what was asked, and the feed of changes."""

from vigie.store.agenda import StoreAgenda
from vigie.store.database import Database
from vigie.store.feed import StoreFeed
from vigie.store.sql import SqlStore

__all__ = ["Database", "SqlStore", "StoreAgenda", "StoreFeed", "open_store"]


def open_store(url: str) -> SqlStore:
    """Open the store at an SQLAlchemy address, migrated to this version.

    Raises:
        ConfigError: the address is wrong as it is written.
        FromTheFuture: a newer Vigie wrote it.
        StoreError: it cannot be opened.
    """
    return SqlStore(Database(url))
