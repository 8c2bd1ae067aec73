"""Small indexes made from tokens, through the real writer and the real files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpus import bm25
from corpus.engines.local import generation
from corpus.engines.local.generation import Fingerprint
from corpus.engines.local.inverted_batch import Bags
from corpus.engines.local.postings import PassageColumns, Postings
from corpus.engines.local.term_keys import term_key
from corpus.engines.local.writer import IndexWriter
from corpus.model import Article, Paragraph

FINGERPRINT = Fingerprint("archive", "analyzer")


def bags_of(documents: Sequence[Sequence[str]]) -> Bags:
    """Return the postings of passages that have exactly these tokens."""
    rows = sorted(
        (term_key(term), passage, count)
        for passage, document in enumerate(documents)
        for term, count in Counter(document).items()
    )
    keys, passages, counts = zip(*rows, strict=True) if rows else ((), (), ())
    return Bags(
        np.array(keys, np.uint64),
        np.array(passages, np.uint32),
        np.array(counts, np.uint16),
        np.array([len(document) for document in documents], np.uint32),
        np.arange(len(documents), dtype=np.uint64),
    )


def write_index(data_dir: Path, documents: Sequence[Sequence[str]]) -> Path:
    """Write and install an index of one article a document; return its folder."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with IndexWriter(data_dir, FINGERPRINT, None) as writer:
        writer.begin_batch(bags_of(documents))
        for number, document in enumerate(documents):
            paragraphs = (Paragraph("".join(document)),)
            article = Article(number, f"{number:06}.md", "t", None, "", "", None, (), paragraphs)
            writer.add(article, b"", ("", "", ()))
        writer.install(writer.merge())
    return generation.current(data_dir)


def read_postings(folder: Path) -> Postings:
    """Open the postings of a generation."""
    manifest = generation.read_manifest(folder)
    lengths = PassageColumns(folder, manifest).lengths
    return Postings(folder, manifest, bm25.length_norms(lengths, manifest.average_length))
