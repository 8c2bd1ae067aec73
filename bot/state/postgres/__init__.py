"""The state in PostgreSQL, through psycopg; its tables are Alembic's to bring up to date."""
