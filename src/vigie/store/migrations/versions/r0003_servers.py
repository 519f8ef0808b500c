"""PostgreSQL and MySQL: the rows that writers lock, so that they go one after another.

The views that people read (`vigie.store.views`) are made anew after every migration.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the rows; an SQLite file is locked as a whole."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute("INSERT INTO counters (name, value) VALUES ('feed', 0), ('agenda', 0)")
