"""Views for people who read the database with other programs; made anew after every migration.

`annonces` has the columns of the table that older programs read. On PostgreSQL every kind has a
view of its plural name: the fields that may be shown to anyone, lists as JSON.
"""

from typing import Final

from sqlalchemy import Connection

from vigie.model.fields import Field, Kind, Type
from vigie.model.kinds import KINDS
from vigie.model.owners import OWNERS
from vigie.store import dialect

_ANNONCES: Final = (
    ("id", "id"),
    ("source", "source"),
    ("category", "category"),
    ("sous_categorie", "subcategory"),
    ("titre", "title"),
    ("prix", "{price}"),
    ("localisation", "COALESCE(place_city, place_raw)"),
    ("url", "url"),
    ("image_url", "{image}"),
    ("date_text", "posted_raw"),
    ("timestamp_scraped", "last_seen_at"),
    ("created_at", "first_seen_at"),
)
_FIRST_IMAGE: Final = {
    "sqlite": "json_extract(images, '$[0]')",
    "postgresql": "CAST(images AS json) ->> 0",
    "mysql": "JSON_UNQUOTE(JSON_EXTRACT(images, '$[0]'))",
}
_INNER: Final = frozenset({"native_id", "html", "layer", "capture_id"})
"""Fields that say how a listing came here, not what it says."""


_THERE: Final = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = 'annonces'",
    "postgresql": "SELECT 1 WHERE to_regclass('annonces') IS NOT NULL",
    "mysql": "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_name = 'annonces'",
}


def exist(connection: Connection) -> bool:
    """Return whether the views were made: all of them are, or none."""
    there = _THERE[dialect.of(connection).name]
    return connection.exec_driver_sql(there).scalar() is not None


def drop(connection: Connection) -> None:
    """Remove the views, so that the tables under them can be altered."""
    for name in _names(connection):
        connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')


def create(connection: Connection) -> None:
    """Make the views of this version."""
    words = dialect.of(connection)
    parts = {
        "price": "price / 100.0" if words is dialect.SQLITE else "price",  # it keeps cents
        "image": _FIRST_IMAGE[words.name],
    }
    columns = ", ".join(f"{what.format(**parts)} AS {name}" for name, what in _ANNONCES)
    connection.exec_driver_sql(f"CREATE VIEW annonces AS SELECT {columns} FROM ad")
    if words is dialect.POSTGRESQL:
        for kind in KINDS.values():
            columns = ", ".join(
                _shown(field)
                for field in kind.stored
                if not field.private
                and field.name not in _INNER
                and field.name not in OWNERS.get(kind.name, ())
            )
            connection.exec_driver_sql(
                f'CREATE VIEW "{kind.plural}" AS SELECT {columns} FROM "{kind.name}"'
            )


def _names(connection: Connection) -> list[str]:
    kinds: list[Kind] = list(KINDS.values())
    on_postgresql = dialect.of(connection) is dialect.POSTGRESQL
    return ["annonces", *(kind.plural for kind in kinds if on_postgresql)]


def _shown(field: Field) -> str:
    if field.type is Type.TEXTS:
        return f'CAST("{field.name}" AS jsonb) AS "{field.name}"'
    return f'"{field.name}"'
