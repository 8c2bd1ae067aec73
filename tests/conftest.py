"""How often a test repeats what it does, and the table of what it measured: see tests/soak.py."""

import os

pytest_plugins = ["tests.soak"]


def pytest_xdist_auto_num_workers() -> int:
    """Return how many tests run at a time: most wait for other processes more than they work."""
    return 2 * (os.cpu_count() or 1)
