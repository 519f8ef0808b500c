"""Creating tables alike on every database, whatever the defaults of its server are."""

from typing import Any

from alembic import op


def create_table(name: str, *parts: Any, **options: Any) -> None:
    """Create a table; on MySQL and MariaDB whatever the database's own defaults are."""
    dialect: Any = op.get_bind().dialect
    # Without padding: "a" and "a " are two names, as everywhere else.
    nopad = "utf8mb4_nopad_bin" if getattr(dialect, "is_mariadb", False) else "utf8mb4_0900_bin"
    op.create_table(
        name, *parts, **options,
        mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_collate=nopad,
    )  # fmt: skip
