"""The bot, whose questions a cluster may answer as slowly as a busy machine makes it."""

import sys

from bot.__main__ import main
from corpus.engines.opensearch import cluster

if __name__ == "__main__":
    cluster.QUESTION_SECONDS, cluster.REQUEST_SECONDS = 25.0, 20.0
    sys.exit(main())
