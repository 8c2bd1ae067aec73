"""How often a test repeats what it does, and the table of what it measured: see tests/soak.py."""

pytest_plugins = ["tests.soak"]
