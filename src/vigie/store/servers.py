"""Engines on PostgreSQL and on MySQL or MariaDB, whose rows come back as SQLite's would.

A session speaks UTC, strict SQL and Unicode whatever the server's defaults are, waits no longer
for another's lock than SQLite's does, and is asked whether it lives before it is used: a server
may be restarted under a process that runs for months.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import NoSuchModuleError

from vigie.errors import Missing
from vigie.store import dialect
from vigie.store.rows import Stamp

LOCK_SECONDS: Final = 30
CONNECT_SECONDS: Final = 10
IDLE_SECONDS: Final = 1800
"""Connections idle for longer are opened anew: proxies and MySQL drop them."""

_POSTGRESQL: Final = (
    "SET TIME ZONE 'UTC'",
    "SET datestyle = 'ISO'",
    "SET bytea_output = 'hex'",
    "SET standard_conforming_strings = on",
    f"SET lock_timeout = '{LOCK_SECONDS}s'",
    "SET client_encoding = 'UTF8'",
)
_MYSQL: Final = (
    "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',"
    f" innodb_lock_wait_timeout = {LOCK_SECONDS}"
)


def server_engine(url: URL) -> Engine:
    """Return an engine for the address of a server; nothing is connected yet.

    Raises:
        Missing: the driver is not installed; the message says what to type.
    """
    mysql = dialect.named(url.get_backend_name()) is dialect.MYSQL
    connect: Callable[[URL], Engine] = _mysql if mysql else _postgresql
    try:
        engine = connect(url)
    except (ImportError, NoSuchModuleError):
        what, extra = ("MySQL", "mysql") if mysql else ("PostgreSQL", "postgresql")
        raise Missing(f"a store on {what}", extra) from None

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _speak(
        _connection: Connection, _cursor: Any, statement: str, given: Any, context: Any, _many: bool
    ) -> tuple[str, Any]:
        # SQLAlchemy's own statements (migrations, reflection) are in the server's words already.
        ours = context is None or (context.compiled is None and not context.isddl)
        if not ours:
            return statement, given
        return dialect.spoken(statement, mysql), (_without_stamps if mysql else _without_nul)(given)

    return engine


def _postgresql(url: URL) -> Engine:
    from psycopg.adapt import Loader

    class Instant(Loader):
        def load(self, data: Any) -> str:
            return _instant(bytes(data).decode("ascii"))

    class Amount(Loader):
        def load(self, data: Any) -> int:
            return _cents(bytes(data).decode("ascii"))

    class Double(Loader):
        def load(self, data: Any) -> float:
            return _double(bytes(data).decode("ascii"))

    class Flag(Loader):
        def load(self, data: Any) -> int:
            return int(bytes(data) == b"t")

    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True, pool_recycle=IDLE_SECONDS, hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "vigie", **url.query},
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        loaders = {"timestamptz": Instant, "numeric": Amount, "float8": Double, "bool": Flag}
        for name, loader in loaders.items():
            connection.adapters.register_loader(name, loader)
        with connection.cursor() as cursor:
            cursor.execute("; ".join(_POSTGRESQL))
        connection.commit()

    return engine


def _mysql(url: URL) -> Engine:
    from pymysql.constants import FIELD_TYPE
    from pymysql.converters import conversions

    turns = {
        FIELD_TYPE.DATETIME: _instant, FIELD_TYPE.TIMESTAMP: _instant,
        FIELD_TYPE.DECIMAL: _cents, FIELD_TYPE.NEWDECIMAL: _cents, FIELD_TYPE.DOUBLE: _double,
    }  # fmt: skip
    return create_engine(
        url.set(drivername="mysql+pymysql", query={**url.query, "charset": "utf8mb4"}),
        pool_pre_ping=True, pool_recycle=IDLE_SECONDS, hide_parameters=True,
        connect_args={
            "conv": {**conversions, **turns}, "init_command": _MYSQL,
            "connect_timeout": CONNECT_SECONDS,
        },
    )  # fmt: skip


def _without_stamps(given: Any) -> Any:
    """Return the values of one row, or of many, with instants as MySQL reads them."""
    if isinstance(given, list):
        return [_without_stamps(row) for row in given]
    if any(type(value) is Stamp for value in given):
        return tuple(dialect.plain(v) if type(v) is Stamp else v for v in given)
    return given


def _without_nul(given: Any) -> Any:
    """Return the values of one row, or of many, without what PostgreSQL has in no text."""
    if isinstance(given, list):
        return [_without_nul(row) for row in given]
    if any(isinstance(value, str) and "\0" in value for value in given):
        return tuple(v.replace("\0", "") if isinstance(v, str) else v for v in given)
    return given


def _instant(text: str) -> Stamp:
    """Return "2026-03-01 08:00:00.12+00" as `vigie.store.rows.iso` writes it."""
    day, _, rest = text.partition(" ")
    time, _, part = rest.partition("+")[0].partition(".")
    return Stamp(f"{day}T{time}.{part[:3]:0<3}Z")


def _cents(text: str) -> int:
    """Return an amount of two decimals in cents, and a sum of whole numbers as it is."""
    return int(text.replace(".", ""))


def _double(text: str) -> float:
    """Return a number; zero without the sign that SQLite does not keep."""
    return float(text) + 0.0
