"""Small indexes made from tokens, through the real writer and the real files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpus import bm25
from corpus.engine import FilterKeys, Fingerprint
from corpus.engines.local import generation
from corpus.engines.local.inverted_batch import InvertedBatch
from corpus.engines.local.postings import PassageColumns, Postings
from corpus.engines.local.term_keys import term_key
from corpus.engines.local.writer import LocalWriter
from corpus.model import Article, Paragraph

FINGERPRINT = Fingerprint("archive", "analyzer")
NO_KEYS = FilterKeys("", "", ())


def inverted(documents: Sequence[Sequence[str]]) -> InvertedBatch:
    """Return the postings of passages that have exactly these tokens."""
    rows = sorted(
        (term_key(term), passage, count)
        for passage, document in enumerate(documents)
        for term, count in Counter(document).items()
    )
    keys, passages, counts = zip(*rows, strict=True) if rows else ((), (), ())
    return InvertedBatch(
        np.array(keys, np.uint64),
        np.array(passages, np.uint32),
        np.array(counts, np.uint16),
        np.array([len(document) for document in documents], np.uint32),
        np.arange(len(documents), dtype=np.uint64),
        ["".join(document) for document in documents],
    )


def write_index(data_dir: Path, documents: Sequence[Sequence[str]]) -> Path:
    """Write and install an index of one article a document; return its folder."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with LocalWriter(data_dir, FINGERPRINT) as writer:
        writer.begin_batch(inverted(documents))
        for number, document in enumerate(documents):
            paragraphs = (Paragraph("".join(document)),)
            article = Article(number, f"{number:06}.md", "t", None, "", "", None, (), paragraphs)
            writer.add(article, b"", NO_KEYS)
        writer.commit(None, lambda: None)
    return generation.current(data_dir)


def read_postings(folder: Path, postings_class: type[Postings] = Postings) -> Postings:
    """Open the postings of a generation."""
    manifest = generation.read_manifest(folder)
    lengths = PassageColumns(folder, manifest).lengths
    return postings_class(folder, manifest, bm25.length_norms(lengths, manifest.average_length))
