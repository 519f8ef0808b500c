"""What is usual of a source, alarms, what was asked of whom, and what sites have removed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql, postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = (
    sa.String(length=24)
    .with_variant(mysql.DATETIME(fsp=3), "mariadb")
    .with_variant(mysql.DATETIME(fsp=3), "mysql")
    .with_variant(postgresql.TIMESTAMP(timezone=True, precision=3), "postgresql")
)
LONG_TEXT = (
    sa.Text().with_variant(mysql.LONGTEXT(), "mariadb").with_variant(mysql.LONGTEXT(), "mysql")
)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "profiles",
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reading", sa.String(length=8), nullable=False),
        sa.Column("held", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("profile", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("run", "source", "kind", "reading", "held"),
    )
    op.create_index("ix_profiles_source", "profiles", ["source", "kind", "reading", "last_at"])
    op.create_table(
        "alarms",
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("watch", sa.String(length=128), nullable=False),
        sa.Column("query", sa.String(length=255), nullable=False),
        sa.Column("alarm", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("capture_id", sa.String(length=16), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("run", "source", "watch", "query", "alarm", "field"),
    )
    op.create_index("ix_alarms_source", "alarms", ["source", "status"])
    op.create_table(
        "asked",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("pause_seconds", sa.Float(precision=53), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_asked_host", "asked", ["host", "at"])
    op.create_index("ix_asked_at", "asked", ["at"])
    op.create_table(
        "removals",
        sa.Column("name", sa.String(length=191), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_removals_at", "removals", ["known", "at"])
    op.create_table(
        "erasures",
        sa.Column("capture_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("capture_id"),
    )
    op.create_table(
        "struck",
        sa.Column("listing_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("listing_id"),
    )
    op.add_column("quarantine", sa.Column("author_key", sa.String(length=32), nullable=True))
    op.create_index("ix_post_author", "post", ["source", "author_key"])
