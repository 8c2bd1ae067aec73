"""What Alembic runs: ``env.py`` for each run, and the revisions in ``versions``."""
