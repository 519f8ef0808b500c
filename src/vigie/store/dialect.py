"""What databases say differently; every other statement of the store is written once.

Statements are written in the SQL that SQLite and PostgreSQL share, with ``?`` for a value and
``"name"`` for a name. On its way to a server each is put into that server's words (`spoken`). Rows
are given and come back in SQLite's values (cents, ISO 8601 text, 0 and 1), whatever the server
keeps: `fitted` turns them on the way out, `vigie.store.servers` on the way in.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import Boolean, Connection, Table
from sqlalchemy.types import TypeEngine

from vigie.store.types import INSTANT, MONEY

Turn = Callable[[Any], Any]


@dataclass(frozen=True)
class Dialect:
    """The words of one database."""

    name: str
    now: str
    """A statement that returns the time, as `vigie.store.rows.iso` writes it."""
    hour: str
    """An expression for the hour of ``{}``, an instant: its first 13 characters."""
    money: Turn | None = None
    """What an amount in cents is turned into for the driver; None: it is given as it is."""
    boolean: Turn | None = None
    instant: Turn | None = None

    @property
    def is_server(self) -> bool:
        return self.name != "sqlite"


def plain(at: str) -> str:
    """Return an instant without the T and Z that MySQL does not read."""
    return f"{at[:10]} {at[11:23]}"


def _amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


SQLITE: Final = Dialect(
    "sqlite", now="SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", hour="substr({}, 1, 13)"
)
POSTGRESQL: Final = Dialect(
    "postgresql",
    now="SELECT clock_timestamp()",
    hour="to_char({}, 'YYYY-MM-DD\"T\"HH24')",
    money=_amount,
    boolean=bool,
)
MYSQL: Final = Dialect(
    "mysql",
    now="SELECT UTC_TIMESTAMP(3)",
    hour="DATE_FORMAT({}, '%Y-%m-%dT%H')",
    money=_amount,
    instant=plain,
)
"""MySQL and MariaDB."""

_ALL: Final = {
    "sqlite": SQLITE,
    "postgresql": POSTGRESQL,
    "postgres": POSTGRESQL,  # as some hosts write it
    "mysql": MYSQL,
    "mariadb": MYSQL,
}


def of(connection: Connection) -> Dialect:
    """Return the dialect of the connection's database."""
    return _ALL[connection.dialect.name]


def named(backend: str) -> Dialect | None:
    """Return the dialect of an address's backend; None when there is no store for it."""
    return _ALL.get(backend)


def now(connection: Connection) -> str:
    """Return the database's time, as `vigie.store.rows.iso` writes it."""
    return str(connection.exec_driver_sql(of(connection).now).scalar_one())


def hour(connection: Connection, column: str) -> str:
    """Return an expression for the hour of an instant (``2026-03-01T08``)."""
    return of(connection).hour.format(column)


def continue_numbers(connection: Connection, table: Table) -> None:
    """Let the table's own numbers go on after the highest one that was given to it.

    Only PostgreSQL counts on without looking at the rows.
    """
    number = table.autoincrement_column
    if of(connection) is not POSTGRESQL or number is None or number.name != "number":
        return
    connection.exec_driver_sql(
        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'number'), MAX(number))"
        f' FROM "{table.name}" HAVING MAX(number) IS NOT NULL'
    )


_TOKENS: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\?|%")
_UPSERT: Final = re.compile(r"\bON CONFLICT \([^)]*\) DO UPDATE SET\b")
_EXCLUDED: Final = re.compile(r'\bexcluded\.("?\w+"?)')


@lru_cache(maxsize=1024)
def spoken(sql: str, mysql: bool) -> str:
    """Return a statement in the words of a server's driver: ``%s`` for values; MySQL's upsert.

    Names in double quotes stay: the sessions on MySQL are told to read them so.
    """

    def word(found: re.Match[str]) -> str:
        text = found[0]
        return "%s" if text == "?" else text.replace("%", "%%")

    made = _TOKENS.sub(word, sql)
    if mysql and "ON CONFLICT" in made:
        made = _EXCLUDED.sub(r"VALUES(\1)", _UPSERT.sub("ON DUPLICATE KEY UPDATE", made))
    return made


def upsert(dialect: Dialect, table: Table, names: Sequence[str], *, overwrite: bool) -> str:
    """Return the end of an INSERT that meets rows of the same key: what becomes of them."""
    keys = key_of(table)
    others = [name for name in names if name not in keys]
    if overwrite and others:
        target = ", ".join(f'"{key}"' for key in keys)
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in others)
        return f"ON CONFLICT ({target}) DO UPDATE SET {sets}"
    if dialect is MYSQL:  # it has DO NOTHING only together with ignoring every error
        return f'ON DUPLICATE KEY UPDATE "{keys[0]}" = "{table.name}"."{keys[0]}"'
    return "ON CONFLICT DO NOTHING"


@cache
def key_of(table: Table) -> tuple[str, ...]:
    """Return the columns that tell the table's rows apart for whoever writes them."""
    for index in table.indexes:
        if index.unique:  # beside it, the primary key is only a number
            return tuple(column.name for column in index.columns)
    return tuple(column.name for column in table.primary_key)


def fitted(
    dialect: Dialect, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Sequence[Sequence[Any]]:
    """Return *rows*, given as SQLite keeps them, as the server's columns take them."""
    turns = _turns(dialect, table, tuple(names))
    if not turns:
        return [tuple(row) for row in rows]
    made = []
    for row in rows:
        values = list(row)
        for place, turn in turns:
            if values[place] is not None:
                values[place] = turn(values[place])
        made.append(tuple(values))
    return made


@lru_cache(maxsize=256)
def _turns(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[tuple[int, Turn], ...]:  # fmt: skip
    """Return the places whose values are turned, and how."""
    return tuple(
        (place, turn)
        for place, name in enumerate(names)
        if (turn := _turn(dialect, table.c[name].type)) is not None
    )


def _turn(dialect: Dialect, kind: TypeEngine[Any]) -> Turn | None:
    if kind is INSTANT:
        return dialect.instant
    if kind is MONEY:
        return dialect.money
    return dialect.boolean if isinstance(kind, Boolean) else None
