"""What is usual of a source, alarms, what was asked of whom, and what sites have removed."""

import sqlalchemy as sa
from alembic import op

from vigie.store.migrations.creating import create_table
from vigie.store.types import INSTANT, LONG_TEXT, SEQUENCE, short

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_table(
        "profiles",
        sa.Column("run", short(32), nullable=False),
        sa.Column("source", short(64), nullable=False),
        sa.Column("kind", short(8), nullable=False),
        sa.Column("reading", short(8), nullable=False),
        sa.Column("held", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("profile", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("run", "source", "kind", "reading", "held"),
    )
    op.create_index("ix_profiles_source", "profiles", ["source", "kind", "reading", "last_at"])
    create_table(
        "alarms",
        sa.Column("run", short(32), nullable=False),
        sa.Column("source", short(64), nullable=False),
        sa.Column("watch", short(128), nullable=False),
        sa.Column("query", short(255), nullable=False),
        sa.Column("alarm", short(32), nullable=False),
        sa.Column("field", short(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("capture_id", short(16), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("status", short(16), nullable=False),
        sa.PrimaryKeyConstraint("run", "source", "watch", "query", "alarm", "field"),
    )
    op.create_index("ix_alarms_source", "alarms", ["source", "status"])
    create_table(
        "asked",
        sa.Column("number", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("host", short(255), nullable=False),
        sa.Column("source", short(64), nullable=False),
        sa.Column("method", short(8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", short(32), nullable=False),
        sa.Column("rule", short(32), nullable=False),
        sa.Column("pause_seconds", sa.Float(precision=53), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_asked_host", "asked", ["host", "at"])
    op.create_index("ix_asked_at", "asked", ["at"])
    create_table(
        "removals",
        sa.Column("name", short(191), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_removals_at", "removals", ["known", "at"])
    create_table(
        "erasures",
        sa.Column("capture_id", short(16), nullable=False),
        sa.PrimaryKeyConstraint("capture_id"),
    )
    create_table(
        "struck",
        sa.Column("listing_id", short(16), nullable=False),
        sa.PrimaryKeyConstraint("listing_id"),
    )
    op.add_column("quarantine", sa.Column("author_key", short(32), nullable=True))
    op.create_index(
        "ix_post_author",
        "post",
        ["source", "author_key"],
        mysql_length={"author_key": 64},  # the name of a text: it needs a length to be indexed
    )
