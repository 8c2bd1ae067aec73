"""What several processes share that one process has in files or in memory."""

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    """CREATE TABLE synonyms (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        text text NOT NULL
    )""",
    "INSERT INTO synonyms (text) VALUES ('')",
    'CREATE TABLE hidden_article (path text COLLATE "C" PRIMARY KEY, address text NOT NULL)',
    """CREATE TABLE reindex_request (
        key text PRIMARY KEY,
        at double precision NOT NULL,
        is_full boolean NOT NULL,
        outcome text
    )""",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)
