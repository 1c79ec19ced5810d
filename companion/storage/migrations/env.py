"""Alembic's entry: runs on the connection it is handed, inside the transaction that is open there."""

from alembic import context

from companion.storage.tables import Row

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Row.metadata, render_as_batch=True
)
context.run_migrations()
