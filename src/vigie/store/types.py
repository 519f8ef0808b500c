"""Column types, the same for the tables and for every migration: what one means never changes.

SQLite has neither exact decimals nor timestamps: cents and ISO 8601 text stand for them. Short
texts (ids, names, codes) are compared and sorted byte by byte on every database, as SQLite does.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeEngine

INSTANT: Final[TypeEngine[Any]] = (
    sa.String(length=24)
    .with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")
    .with_variant(postgresql.TIMESTAMP(timezone=True, precision=3), "postgresql")
)
LONG_TEXT: Final[TypeEngine[Any]] = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
MONEY: Final[TypeEngine[Any]] = sa.Numeric(precision=14, scale=2).with_variant(
    sa.Integer(), "sqlite"
)
SEQUENCE: Final[TypeEngine[Any]] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def short(length: int) -> TypeEngine[Any]:
    """Return the type of texts of at most *length* characters that are compared byte by byte."""
    return sa.String(length=length).with_variant(
        sa.String(length=length, collation="C"), "postgresql"
    )
