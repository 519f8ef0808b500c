"""Statements that move many rows at once, written for the database's own driver."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Table

from vigie.model.fields import Field, Kind
from vigie.store import dialect, loading
from vigie.store.loading import Or
from vigie.store.rows import from_rows
from vigie.store.tables import LISTINGS, STATE_COLUMNS

CHUNK: Final = 900  # SQLite's limit on parameters was 999 for long
STATE_SCHEMA: Final[dict[str, pl.DataType]] = {"seen_capture": pl.String(), "carried": pl.Int64()}


def insert(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]],
    *, or_: Or = "",
) -> None:  # fmt: skip
    """Insert *rows*; *or_* ``IGNORE`` leaves what exists, ``REPLACE`` overwrites it.

    Of rows with one key, ``IGNORE`` keeps the first and ``REPLACE`` the last.
    """
    if not rows:
        return
    if dialect.of(connection).is_server:
        loading.insert(connection, table, names, rows, or_)
        return
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    # Not OR REPLACE: that would give the row a new number, where a server leaves it its own.
    end = dialect.upsert(dialect.SQLITE, table, names, overwrite=or_ == "REPLACE") if or_ else ""
    sql = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks}) {end}'
    connection.exec_driver_sql(sql, [tuple(row) for row in rows])


def update(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Set the columns *names* of the rows whose ``id`` comes last in each of *rows*."""
    if not rows:
        return
    if dialect.of(connection).is_server:
        loading.update(connection, table, (*names, "id"), rows)
        return
    sets = ", ".join(f'"{name}" = ?' for name in names)
    connection.exec_driver_sql(
        f'UPDATE "{table.name}" SET {sets} WHERE "id" = ?', [tuple(row) for row in rows]
    )


def listing_names(kind: Kind) -> list[str]:
    """Return the columns of the kind's table, in the order of `read_listings`."""
    return [*(field.name for field in kind.stored), *STATE_COLUMNS]


def write_listings(connection: Connection, kind: Kind, rows: Sequence[Sequence[Any]]) -> None:
    """Insert or overwrite whole rows, given in the order of `listing_names`."""
    insert(connection, LISTINGS[kind.name], listing_names(kind), rows, or_="REPLACE")


def read_listings(connection: Connection, kind: Kind, ids: Sequence[str]) -> pl.DataFrame:
    """Return the rows of *ids* with `STATE_COLUMNS`, in no particular order."""
    return _read(connection, kind, ids, kind.stored, STATE_SCHEMA)


def read_columns(
    connection: Connection, kind: Kind, ids: Sequence[str], names: Collection[str]
) -> pl.DataFrame:
    """Return the columns *names* of the rows of *ids*, in no particular order."""
    return _read(connection, kind, ids, [one for one in kind.stored if one.name in names], {})


def _read(
    connection: Connection, kind: Kind, ids: Sequence[str], fields: Sequence[Field],
    more: dict[str, pl.DataType],
) -> pl.DataFrame:  # fmt: skip
    columns = ", ".join(f'"{name}"' for name in (*(one.name for one in fields), *more))
    found: list[Any] = []
    for part in chunks(ids):
        sql = f'SELECT {columns} FROM "{kind.name}" WHERE id IN ({marks(part)})'
        found += connection.exec_driver_sql(sql, tuple(part)).fetchall()
    return from_rows(found, fields, more)


def select_in(connection: Connection, sql: str, ids: Sequence[str], *more: Any) -> list[Any]:
    """Run *sql*, whose ``{ids}`` stands for a list, for all *ids*; *more* come after them."""
    found: list[Any] = []
    for part in chunks(ids):
        statement = sql.format(ids=marks(part))
        found += connection.exec_driver_sql(statement, (*part, *more)).fetchall()
    return found


def chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def marks(part: Sequence[str]) -> str:
    return ", ".join("?" * len(part))
