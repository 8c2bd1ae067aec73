"""``python -m corpus``: the child process that builds an index, see :mod:`corpus.reindex`."""

import sys

from corpus.reindex import main

sys.exit(main())
