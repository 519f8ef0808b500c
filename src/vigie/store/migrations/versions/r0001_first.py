"""The first schema."""

from alembic import op

from vigie.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table as `vigie.store.tables` declares it."""
    metadata.create_all(op.get_bind())
