"""``python -m tests.cluster [NODES]``: a cluster on loopback for trying things out, until Enter."""

import sys
import tempfile
from pathlib import Path

from tests.cluster.nodes import Cluster, NoClusterError, class_path, prepare


def main() -> int:
    """Start the nodes, say where they are, and end them when a line or the end of input comes."""
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            prepare(folder)
        except NoClusterError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        with Cluster(class_path(folder), folder, nodes) as cluster:
            sys.stdout.write(f"SEARCH_URL=http://{cluster.hosts}/footnote\n")
            sys.stdout.flush()
            sys.stdin.readline()
    return 0


if __name__ == "__main__":
    sys.exit(main())
