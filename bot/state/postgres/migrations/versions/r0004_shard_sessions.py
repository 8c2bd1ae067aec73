"""In which session a worker left a shard, so that the next one resumes it."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns."""
    op.execute("ALTER TABLE shard_lease ADD COLUMN session text, ADD COLUMN left_at timestamptz")
