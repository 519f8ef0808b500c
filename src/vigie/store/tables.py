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
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from vigie.model.fields import Field, Kind, Type
from vigie.model.frames import PAGES
from vigie.model.kinds import KINDS
from vigie.store.types import INSTANT, LONG_TEXT, MONEY, SEQUENCE, short

metadata = MetaData()

_COLUMN_TYPES: Final[dict[Type, TypeEngine[Any]]] = {
    Type.TEXT: LONG_TEXT,
    Type.TEXTS: LONG_TEXT,
    Type.ENUM: short(32),
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
        kind = short(16)
    elif field.name == "source":
        kind = short(64)
    required = field.name in {"id", "source", "native_id", "status", "first_seen_at"}
    return Column(field.name, kind, primary_key=field.name == "id", nullable=not required)


def _listings(kind: Kind) -> Table:
    return Table(
        kind.name,
        metadata,
        *(_column(field) for field in kind.stored),
        Column("seen_capture", short(16), nullable=False),
        Column("carried", BigInteger, nullable=False),
        Index(f"ix_{kind.name}_cluster", "cluster"),
    )


LISTINGS: Final = {name: _listings(kind) for name, kind in KINDS.items()}
Index("ix_post_author", LISTINGS["post"].c.source, LISTINGS["post"].c.author_key,
      mysql_length={"author_key": 64})  # fmt: skip

STATE_COLUMNS: Final = ("seen_capture", "carried")
"""Beside the kind's stored fields: the capture last seen in, and all the bits ever carried."""

changes = Table(
    "changes", metadata,
    Column("number", SEQUENCE, primary_key=True, autoincrement=True),
    Column("listing_id", short(16), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("capture_id", short(16), nullable=False),
    Column("field", short(64), nullable=False),
    Column("old", LONG_TEXT),
    Column("new", LONG_TEXT),
    Column("cause", short(16), nullable=False),
    Index("ix_changes_listing", "listing_id"),
)  # fmt: skip

sightings = Table(
    "sightings", metadata,
    Column("listing_id", short(16), primary_key=True),
    Column("at", INSTANT, primary_key=True),
    Column("capture_id", short(16), primary_key=True),
    Column("carried", BigInteger, nullable=False),
    Column("reading", short(8), nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

scopes = Table(
    "scopes", metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("source", short(64), nullable=False),
    Column("watch", short(128), nullable=False),
    Column("query", short(255), nullable=False),
    Index("ux_scopes", "source", "watch", "query", unique=True),
)  # fmt: skip

scope_members = Table(
    "scope_members", metadata,
    Column("listing_id", short(16), primary_key=True),
    Column("scope", Integer, primary_key=True),
    Column("last_run", short(32), nullable=False),
    Index("ix_scope_members_scope", "scope"),
    sqlite_with_rowid=False,
)  # fmt: skip

FATE_COLUMNS: Final = ("new", "changed", "unchanged", "duplicate", "rejected", "quarantined")

runs = Table(
    "runs", metadata,
    Column("run", short(32), primary_key=True),
    Column("source", short(64), primary_key=True),
    Column("watch", short(128), primary_key=True),
    Column("query", short(255), primary_key=True),
    Column("started_at", INSTANT, nullable=False),
    Column("last_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("scan", short(16)),
    Column("state", short(16), nullable=False),
    Column("why", Text),
    Column("held", short(64)),
    Column("misses", Integer),
    Column("announced", BigInteger),
    Column("pages", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("found", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in FATE_COLUMNS),
    Column("closed", BigInteger, nullable=False),
    Column("reopened", BigInteger, nullable=False),
    Index("ix_runs_source", "source", "started_at"),
    Index("ix_runs_scope", "source", "watch", "query", "started_at"),
)  # fmt: skip

_PAGE_TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "at": INSTANT, "url": Text(), "why": Text(), "status": Integer(), "found": Integer(),
    "total": BigInteger(), "body_bytes": BigInteger(), "capture_id": short(16),
    "run": short(32), "source": short(64), "watch": short(128), "query": short(255),
}  # fmt: skip

pages = Table(
    "pages", metadata,
    Column("number", SEQUENCE, primary_key=True, autoincrement=True),
    *(Column(name, _PAGE_TYPES.get(name, short(32))) for name in PAGES),
    *(Column(name, BigInteger, nullable=False) for name in FATE_COLUMNS),
    Index("ix_pages_run", "run"),
    Index("ix_pages_at", "at"),
    Index("ix_pages_capture", "capture_id"),
)  # fmt: skip

quarantine = Table(
    "quarantine", metadata,
    Column("number", SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", INSTANT, nullable=False),
    Column("run", short(32), nullable=False),
    Column("source", short(64), nullable=False),
    Column("kind", short(8), nullable=False),
    Column("capture_id", short(16), nullable=False),
    Column("item", Integer, nullable=False),
    Column("native_id", Text),
    Column("fate", short(16), nullable=False),
    Column("reason", short(64), nullable=False),
    Column("detail", Text),
    Column("author_key", short(32)),
    Index("ux_quarantine", "run", "capture_id", "item", unique=True),
)  # fmt: skip

profiles = Table(
    "profiles", metadata,
    Column("run", short(32), primary_key=True),
    Column("source", short(64), primary_key=True),
    Column("kind", short(8), primary_key=True),
    Column("reading", short(8), primary_key=True),
    Column("held", Integer, primary_key=True, autoincrement=False),
    Column("last_at", INSTANT, nullable=False),
    Column("profile", LONG_TEXT, nullable=False),
    Index("ix_profiles_source", "source", "kind", "reading", "last_at"),
)  # fmt: skip

alarms = Table(
    "alarms", metadata,
    Column("run", short(32), primary_key=True),
    Column("source", short(64), primary_key=True),
    Column("watch", short(128), primary_key=True),
    Column("query", short(255), primary_key=True),
    Column("alarm", short(32), primary_key=True),
    Column("field", short(64), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("expected", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("capture_id", short(16), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("status", short(16), nullable=False),
    Index("ix_alarms_source", "source", "status"),
)  # fmt: skip

feed = Table(
    "feed", metadata,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=False),
    Column("kind", short(8), nullable=False),
    Column("listing_id", short(16), nullable=False),
    Column("what", short(16), nullable=False),
    Column("at", INSTANT, nullable=False),
)  # fmt: skip

counters = Table(
    "counters", metadata,
    Column("name", short(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)  # fmt: skip

positions = Table(
    "positions", metadata,
    Column("consumer", short(64), primary_key=True),
    Column("partition", short(191), primary_key=True),
    Column("ordinal", BigInteger, nullable=False),
)  # fmt: skip

edges = Table(
    "edges", metadata,
    Column("left", short(16), primary_key=True),
    Column("right", short(16), primary_key=True),
    Column("verdict", short(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", short(32), nullable=False),
)  # fmt: skip

removals = Table(
    "removals", metadata,
    Column("name", short(191), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("known", Integer, nullable=False),
    Index("ix_removals_at", "known", "at"),
)  # fmt: skip
"""What is refused if seen again: ids of listings, and ``author SOURCE KEY``. Known 0 and 1: its
site has removed it, of which nothing or something was here; 2: somebody here had it erased."""

erasures = Table("erasures", metadata, Column("capture_id", short(16), primary_key=True))
"""Captures that the spool has still to erase."""

struck = Table("struck", metadata, Column("listing_id", short(16), primary_key=True))
"""Erased listings whose rows are still to be taken out of the watches' files."""

hosts = Table(
    "hosts", metadata,
    Column("host", short(255), primary_key=True),
    Column("next_at", INSTANT, nullable=False),
    Column("refused_until", INSTANT),
)  # fmt: skip

asked = Table(
    "asked", metadata,
    Column("number", SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", INSTANT, nullable=False),
    Column("host", short(255), nullable=False),
    Column("source", short(64), nullable=False),
    Column("method", short(8), nullable=False),
    Column("url", Text, nullable=False),
    Column("status", Integer),
    Column("outcome", short(32), nullable=False),
    Column("rule", short(32), nullable=False),
    Column("pause_seconds", Float(53), nullable=False),
    Column("next_at", INSTANT),
    Index("ix_asked_host", "host", "at"),
    Index("ix_asked_at", "at"),
)  # fmt: skip
"""What was asked of whom: every request, robots.txt and logins included."""

resumes = Table(
    "resumes", metadata,
    Column("source", short(64), primary_key=True),
    Column("query", short(255), primary_key=True),
    Column("place", Text),
)  # fmt: skip

leases = Table(
    "leases", metadata,
    Column("name", short(191), primary_key=True),
    Column("owner", short(128), nullable=False),
    Column("until", INSTANT, nullable=False),
)  # fmt: skip
