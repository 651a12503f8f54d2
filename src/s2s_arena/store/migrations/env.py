"""Run by Alembic: uses the connection it is given and the project's own version table."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="arena_schema")
with context.begin_transaction():
    context.run_migrations()
