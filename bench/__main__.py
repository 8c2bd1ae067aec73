"""``python -m bench COMMAND …``: side-by-side measurements, for anyone to repeat."""

import importlib
import sys

_COMMANDS = {
    "capacity": "the machines that a community needs, computed from measured costs",
    "costs": "of a question and of a passage: processor time, memory, disk, also in a cluster",
    "engines": "our engine, rank-bm25, bm25s, tantivy and SQLite FTS5 on the same tokens",
    "index": "a full, an unchanged and a slightly changed reindex, beside bare segmentation",
    "quality": "how often the right passage comes first",
    "reading": "what of the articles is lost, and what of their pages is read with them",
    "people": "the same for questions as people ask them, of a real archive",
    "meaning": "what a sentence encoder would add to the search by words",
    "screens": "how much of a phone an answer takes, with its controls and marks",
    "scale": "our engine beside clusters of OpenSearch, on an archive of any size",
    "search": "how long a whole search takes, stage by stage, beside another commit",
    "state": "the pages and completions of a bot over a million logged questions",
    "fit-ranking": "the weights that rerank candidates and tell an answer from the closest",
    "fit-answer": "the weights that choose the answering sentence",
}


def main() -> int:
    """Run one of the measurements."""
    name, *arguments = sys.argv[1:] or [""]
    if name not in _COMMANDS:
        print("usage: python -m bench COMMAND [--help]\n", file=sys.stderr)
        for command, what in _COMMANDS.items():
            print(f"  {command:12} {what}", file=sys.stderr)
        return 0 if name in {"-h", "--help"} else 2
    # Each needs other packages: those of the one that is asked for are enough.
    return importlib.import_module(f"bench.{name.replace('-', '_')}").main(arguments)


if __name__ == "__main__":
    sys.exit(main())
