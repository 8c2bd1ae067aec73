"""Run by Alembic: applies the revisions on the connection that it is handed."""

from alembic import context

from bot.state.postgres.schema import SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    version_table_schema=SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
