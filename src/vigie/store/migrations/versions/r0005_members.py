"""What a scope no longer shows is found without reading the listings of all scopes."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_scope_members_scope", "scope_members", ["scope"])
