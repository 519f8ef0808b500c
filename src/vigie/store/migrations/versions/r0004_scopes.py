"""How every query was visited is read without reading every run."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_runs_scope", "runs", ["source", "watch", "query", "started_at"])
