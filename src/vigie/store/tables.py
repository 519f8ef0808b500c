"""The tables of the store, derived from the kinds declared in `vigie.model`.

Per kind one table of listings; beside them what happened to them (changes, sightings, scopes),
what was asked (runs, pages, quarantine), the feed, the positions, and the collectors' agenda.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import DATETIME, LONGTEXT
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

from vigie.model.fields import Field, Kind, Type
from vigie.model.frames import PAGES
from vigie.model.kinds import KINDS

metadata = MetaData()

# SQLite has neither exact decimals nor timestamps: cents and ISO 8601 text stand for them.
MONEY: Final = Numeric(14, 2).with_variant(Integer(), "sqlite")
INSTANT: Final = (
    String(24)
    .with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")
    .with_variant(DATETIME(fsp=3), "mysql", "mariadb")
)
LONG_TEXT: Final = Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def _ascii(length: int) -> TypeEngine[Any]:
    """Ids and codes: compared byte by byte on every database."""
    return String(length).with_variant(
        String(length).with_variant(String(length, collation="ascii_bin"), "mysql", "mariadb"),
        "mysql", "mariadb",
    )  # fmt: skip


_COLUMN_TYPES: Final[dict[Type, TypeEngine[Any]]] = {
    Type.TEXT: LONG_TEXT,
    Type.TEXTS: LONG_TEXT,
    Type.ENUM: String(32),
    Type.MONEY: MONEY,
    Type.INSTANT: INSTANT,
    Type.INTEGER: BigInteger(),
    Type.NUMBER: Float(53),
    Type.COORDINATE: Float(53),
    Type.BOOLEAN: Boolean(create_constraint=False),
}


def _column(field: Field) -> Column[Any]:
    kind: TypeEngine[Any] = _COLUMN_TYPES[field.type]
    if field.name in {"id", "cluster", "capture_id"}:
        kind = String(16)
    elif field.name == "source":
        kind = String(64)
    required = field.name in {"id", "source", "native_id", "status", "first_seen_at"}
    return Column(field.name, kind, primary_key=field.name == "id", nullable=not required)


def _listings(kind: Kind) -> Table:
    return Table(
        kind.name,
        metadata,
        *(_column(field) for field in kind.stored),
        Column("seen_capture", String(16), nullable=False),
        Column("carried", BigInteger, nullable=False),
        Index(f"ix_{kind.name}_cluster", "cluster"),
    )


LISTINGS: Final = {name: _listings(kind) for name, kind in KINDS.items()}
Index("ix_post_author", LISTINGS["post"].c.source, LISTINGS["post"].c.author_key)

STATE_COLUMNS: Final = ("seen_capture", "carried")
"""Beside the kind's stored fields: the capture last seen in, and all the bits ever carried."""

changes = Table(
    "changes", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("listing_id", String(16), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("capture_id", String(16), nullable=False),
    Column("field", String(64), nullable=False),
    Column("old", LONG_TEXT),
    Column("new", LONG_TEXT),
    Column("cause", String(16), nullable=False),
    Index("ix_changes_listing", "listing_id"),
)  # fmt: skip

sightings = Table(
    "sightings", metadata,
    Column("listing_id", String(16), primary_key=True),
    Column("at", INSTANT, primary_key=True),
    Column("capture_id", String(16), primary_key=True),
    Column("carried", BigInteger, nullable=False),
    Column("reading", String(8), nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

scopes = Table(
    "scopes", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("watch", String(128), nullable=False),
    Column("query", String(255), nullable=False),
    Index("ux_scopes", "source", "watch", "query", unique=True),
)  # fmt: skip

scope_members = Table(
    "scope_members", metadata,
    Column("listing_id", String(16), primary_key=True),
    Column("scope", Integer, primary_key=True),
    Column("last_run", String(32), nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

FATE_COLUMNS: Final = ("new", "changed", "unchanged", "duplicate", "rejected", "quarantined")

runs = Table(
    "runs", metadata,
    Column("run", String(32), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("watch", String(128), primary_key=True),
    Column("query", String(255), primary_key=True),
    Column("started_at", INSTANT, nullable=False),
    Column("last_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("scan", String(16)),
    Column("state", String(16), nullable=False),
    Column("why", Text),
    Column("held", String(64)),
    Column("misses", Integer),
    Column("announced", BigInteger),
    Column("pages", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("found", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in FATE_COLUMNS),
    Column("closed", BigInteger, nullable=False),
    Column("reopened", BigInteger, nullable=False),
    Index("ix_runs_source", "source", "started_at"),
)  # fmt: skip

_PAGE_TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "at": INSTANT, "url": Text(), "why": Text(), "status": Integer(), "found": Integer(),
    "total": BigInteger(), "body_bytes": BigInteger(), "capture_id": String(16),
    "run": String(32), "source": String(64), "watch": String(128), "query": String(255),
}  # fmt: skip

pages = Table(
    "pages", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    *(Column(name, _PAGE_TYPES.get(name, String(32))) for name in PAGES),
    *(Column(name, BigInteger, nullable=False) for name in FATE_COLUMNS),
    Index("ix_pages_run", "run"),
    Index("ix_pages_at", "at"),
    Index("ix_pages_capture", "capture_id"),
)  # fmt: skip

quarantine = Table(
    "quarantine", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", INSTANT, nullable=False),
    Column("run", String(32), nullable=False),
    Column("source", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("capture_id", String(16), nullable=False),
    Column("item", Integer, nullable=False),
    Column("native_id", Text),
    Column("fate", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("detail", Text),
    Column("author_key", String(32)),
    Index("ux_quarantine", "run", "capture_id", "item", unique=True),
)  # fmt: skip

profiles = Table(
    "profiles", metadata,
    Column("run", String(32), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("reading", String(8), primary_key=True),
    Column("held", Integer, primary_key=True, autoincrement=False),
    Column("last_at", INSTANT, nullable=False),
    Column("profile", LONG_TEXT, nullable=False),
    Index("ix_profiles_source", "source", "kind", "reading", "last_at"),
)  # fmt: skip

alarms = Table(
    "alarms", metadata,
    Column("run", String(32), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("watch", String(128), primary_key=True),
    Column("query", String(255), primary_key=True),
    Column("alarm", String(32), primary_key=True),
    Column("field", String(64), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("expected", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("capture_id", String(16), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Index("ix_alarms_source", "source", "status"),
)  # fmt: skip

feed = Table(
    "feed", metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True,
           autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("listing_id", String(16), nullable=False),
    Column("what", String(16), nullable=False),
    Column("at", INSTANT, nullable=False),
)  # fmt: skip

counters = Table(
    "counters", metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)  # fmt: skip

positions = Table(
    "positions", metadata,
    Column("consumer", String(64), primary_key=True),
    Column("partition", String(191), primary_key=True),
    Column("ordinal", BigInteger, nullable=False),
)  # fmt: skip

edges = Table(
    "edges", metadata,
    Column("left", String(16), primary_key=True),
    Column("right", String(16), primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(32), nullable=False),
)  # fmt: skip

removals = Table(
    "removals", metadata,
    Column("name", String(191), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("known", Integer, nullable=False),
    Index("ix_removals_at", "known", "at"),
)  # fmt: skip
"""What sites have removed: ids of listings, and ``author SOURCE KEY``; refused if seen again."""

erasures = Table("erasures", metadata, Column("capture_id", String(16), primary_key=True))
"""Captures that the spool has still to erase."""

struck = Table("struck", metadata, Column("listing_id", String(16), primary_key=True))
"""Erased listings whose rows are still to be taken out of the watches' files."""

hosts = Table(
    "hosts", metadata,
    Column("host", String(255), primary_key=True),
    Column("next_at", INSTANT, nullable=False),
    Column("refused_until", INSTANT),
)  # fmt: skip

asked = Table(
    "asked", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", INSTANT, nullable=False),
    Column("host", String(255), nullable=False),
    Column("source", String(64), nullable=False),
    Column("method", String(8), nullable=False),
    Column("url", Text, nullable=False),
    Column("status", Integer),
    Column("outcome", String(32), nullable=False),
    Column("rule", String(32), nullable=False),
    Column("pause_seconds", Float(53), nullable=False),
    Column("next_at", INSTANT),
    Index("ix_asked_host", "host", "at"),
    Index("ix_asked_at", "at"),
)  # fmt: skip
"""What was asked of whom: every request, robots.txt and logins included."""

resumes = Table(
    "resumes", metadata,
    Column("source", String(64), primary_key=True),
    Column("query", String(255), primary_key=True),
    Column("place", Text),
)  # fmt: skip

leases = Table(
    "leases", metadata,
    Column("name", String(191), primary_key=True),
    Column("owner", String(128), nullable=False),
    Column("until", INSTANT, nullable=False),
)  # fmt: skip
