"""Who has which shard of the gateway, and when the next login is allowed.

None of it outlives the processes it tells of, so it is neither moved nor copied.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = (
    """CREATE TABLE worker (
        id text PRIMARY KEY,
        application bigint NOT NULL,
        host text NOT NULL,
        version text NOT NULL,
        place text NOT NULL,
        pinned integer[],
        started_at timestamptz NOT NULL,
        steady_since timestamptz NOT NULL,
        seen_at timestamptz NOT NULL
    )""",
    """CREATE TABLE shard_lease (
        application bigint NOT NULL,
        shard integer NOT NULL,
        count integer NOT NULL,
        worker text REFERENCES worker (id) ON DELETE SET NULL,
        taken_at timestamptz,
        PRIMARY KEY (application, shard)
    )""",
    "CREATE INDEX shard_lease_worker ON shard_lease (worker)",
    """CREATE TABLE identify_turn (
        application bigint NOT NULL,
        bucket integer NOT NULL,
        next_at timestamptz NOT NULL,
        PRIMARY KEY (application, bucket)
    )""",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _TABLES:
        op.execute(statement)
