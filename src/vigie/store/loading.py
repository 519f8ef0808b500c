"""Moving many rows to a server at once.

PostgreSQL takes them by COPY into a table of the session, from which one statement merges them;
MySQL in statements of many rows, each of about a megabyte, which its default limit holds.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import Connection, Table

from vigie.store import dialect
from vigie.store.dialect import POSTGRESQL

Or = Literal["", "IGNORE", "REPLACE"]
Rows = Sequence[Sequence[Any]]

FEW: Final = 20
"""Rows up to which a statement each costs less than COPY and a merge."""


def insert(connection: Connection, table: Table, names: Sequence[str], rows: Rows, or_: Or) -> None:
    """Insert *rows*; *or_* says what becomes of those whose key exists (`bulk.insert`)."""
    words = dialect.of(connection)
    made = dialect.fitted(words, table, names, _last_of_each(table, names, rows, or_))
    columns = _columns(names)
    end = dialect.upsert(words, table, names, overwrite=or_ == "REPLACE") if or_ else ""
    if words is not POSTGRESQL or len(made) <= FEW:
        marks = ", ".join("?" * len(names))
        sql = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks}) {end}'
        connection.exec_driver_sql(sql, list(made))
    elif not or_:
        _copy(connection, table.name, columns, made)
    else:
        stage = _stage(connection, table)
        _copy(connection, stage, columns, made)
        connection.exec_driver_sql(
            f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM "{stage}" {end}'
        )


def update(connection: Connection, table: Table, names: Sequence[str], rows: Rows) -> None:
    """Set columns of rows that exist; the last of *names* is the key's, its values are distinct."""
    words = dialect.of(connection)
    made = dialect.fitted(words, table, names, rows)
    *others, key = names
    if len(made) <= FEW:
        sets = ", ".join(f'"{name}" = ?' for name in others)
        sql = f'UPDATE "{table.name}" SET {sets} WHERE "{key}" = ?'
        connection.exec_driver_sql(sql, list(made))
        return
    if words is POSTGRESQL:
        stage = _stage(connection, table)
        _copy(connection, stage, _columns(names), made)
        sets = ", ".join(f'"{name}" = s."{name}"' for name in others)
        connection.exec_driver_sql(
            f'UPDATE "{table.name}" SET {sets} FROM "{stage}" s WHERE "{table.name}"."{key}"'
            f' = s."{key}"'
        )
        return
    _update_mysql(connection, table, names, made)


def _update_mysql(connection: Connection, table: Table, names: Sequence[str], rows: Rows) -> None:
    *others, key = names
    # A statement that was broken off leaves its table in the session, and sessions are used again.
    stage, columns = f"stage_{table.name}_{secrets.token_hex(4)}", _columns(names)
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE "{stage}" (PRIMARY KEY ("{key}"))'
        f' SELECT {columns} FROM "{table.name}" LIMIT 0'
    )
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(
        f'INSERT INTO "{stage}" ({columns}) VALUES ({marks})', [tuple(row) for row in rows]
    )
    sets = ", ".join(f't."{name}" = s."{name}"' for name in others)
    connection.exec_driver_sql(
        f'UPDATE "{table.name}" t JOIN "{stage}" s ON t."{key}" = s."{key}" SET {sets}'
    )
    connection.exec_driver_sql(f'DROP TEMPORARY TABLE "{stage}"')


def _last_of_each(table: Table, names: Sequence[str], rows: Rows, or_: Or) -> Rows:
    """Return the last row of each key: PostgreSQL overwrites no row twice in one statement."""
    if or_ != "REPLACE":
        return rows
    places = [names.index(key) for key in dialect.key_of(table)]
    return list({tuple(row[place] for place in places): row for row in rows}.values())


def _stage(connection: Connection, table: Table) -> str:
    """Return the session's empty table with the columns of *table*."""
    stage = f"stage_{table.name}"
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE IF NOT EXISTS "{stage}" ON COMMIT DELETE ROWS AS'
        f' SELECT * FROM "{table.name}" WITH NO DATA'
    )
    connection.exec_driver_sql(f'TRUNCATE "{stage}"')
    return stage


def _copy(connection: Connection, name: str, columns: str, rows: Rows) -> None:
    driver: Any = connection.connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _columns(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
