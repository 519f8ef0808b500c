"""Moving everything from one database to another, of whatever kind."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Table

from vigie.errors import StoreError
from vigie.store import dialect
from vigie.store.bulk import insert
from vigie.store.database import Database
from vigie.store.hashing import content_hash
from vigie.store.tables import metadata

ROWS: Final = 500
"""Rows in memory at a time."""


def copy(source: Database, target: Database, told: Callable[[str, int], None]) -> str:
    """Copy every table; return the content hash, which is the same on both sides.

    One transaction on either side: others may go on using *source*, whose state at the start is
    what is copied, and *target* has everything or nothing.

    Args:
        told: Called with each table's name and number of rows once it is copied.

    Raises:
        StoreError: *target* holds something already, or what arrived is not what was sent.
    """
    with source.reading() as old, target.writing() as new:
        for table in metadata.sorted_tables:
            if _holds(new, table):
                raise StoreError(
                    f"{target.where} is not empty (table {table.name}): nothing was copied. "
                    f"Give an empty database."
                )
        for table in metadata.sorted_tables:
            told(table.name, _copy(old, new, table))
        sent, arrived = content_hash(old), content_hash(new)
        if sent != arrived:
            raise StoreError(
                f"the copy in {target.where} differs from {source.where} (content {arrived}, not "
                f"{sent}) and was undone: please report it"
            )
        return sent


def _copy(old: Connection, new: Connection, table: Table) -> int:
    names = [column.name for column in table.columns]
    count = 0
    for part in _parts(old, table, names):
        # A new database on a server has the rows of `counters` that its writers lock.
        insert(new, table, names, part, or_="REPLACE" if table.name == "counters" else "")
        count += len(part)
    dialect.continue_numbers(new, table)
    arrived = new.exec_driver_sql(f'SELECT COUNT(*) FROM "{table.name}"').scalar_one()
    if table.name != "counters" and arrived != count:
        raise StoreError(f"of {count} rows of {table.name}, {arrived} arrived: nothing was copied")
    return count


def _parts(connection: Connection, table: Table, names: list[str]) -> Iterator[list[Any]]:
    columns = ", ".join(f'"{name}"' for name in names)
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    rows = connection.exec_driver_sql(
        f'SELECT {columns} FROM "{table.name}" ORDER BY {keys}',
        execution_options={"stream_results": True},
    )
    for part in rows.partitions(ROWS):
        yield [tuple(row) for row in part]


def _holds(connection: Connection, table: Table) -> bool:
    where = " WHERE name = 'feed' AND value > 0" if table.name == "counters" else ""
    sql = f'SELECT 1 FROM "{table.name}"{where} LIMIT 1'
    return connection.exec_driver_sql(sql).scalar() is not None
