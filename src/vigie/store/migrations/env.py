"""Run by Alembic: migrations happen on the connection that `vigie.store.database` gives."""

from alembic import context

from vigie.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
