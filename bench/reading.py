"""``python -m bench reading``: what of the articles is lost, and what of their pages is kept?

Each site's posts are compared with a reference of their own, see `bench.visible_text`.
*Loss* is the share of the articles' text that is not read, captions, navigation and bylines aside;
*noise* is the share of what is read that is none of the articles' text. Feeds and plain text have
no page to compare with and are left out.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.visible_text import Line, article_lines, letters, lines_of, noise_keys, repeated_keys
from corpus.analysis.sentences import sentence_spans
from corpus.archive import files, liquid, post
from corpus.archive.front_matter import split_front_matter
from corpus.archive.markup import html_of
from corpus.archive.omissions import Reason, chars_by_reason
from corpus.errors import ArticleError

_POSTS = 500
_MIN_NOISE_CHARS = 12


@dataclass(frozen=True, slots=True)
class Post:
    """A post, as it was read and as it is seen."""

    path: str
    reading: post.Reading
    html: str
    seen: list[Line]


@dataclass(slots=True)
class Figures:
    """The sums over the posts of a site, in characters."""

    posts: int = 0
    seen: int = 0
    """All that is visible."""
    text: int = 0
    """Of it, text of the articles."""
    lost: int = 0
    read: int = 0
    noise: int = 0
    left_out: Counter[str] = field(default_factory=Counter[str])

    @property
    def loss(self) -> float:
        """Share of the text that is lost, in per cent."""
        return 100 * self.lost / max(1, self.text)

    @property
    def noise_share(self) -> float:
        """Share of noise in what is read, in per cent."""
        return 100 * self.noise / max(1, self.read)

    def add(self, other: "Figures") -> None:
        """Add another site's figures."""
        for name in ("posts", "seen", "text", "lost", "read", "noise"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.left_out.update(other.left_out)


Extractor = Callable[[Post], list[str]]
"""Returns the lines of text that are read of a post."""


def main(arguments: Sequence[str]) -> int:
    """Read a sample of an archive and print the figures of each site."""
    parser = argparse.ArgumentParser(prog="python -m bench reading", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=_POSTS, metavar="N", help="posts (500)")
    parser.add_argument("--peers", action="store_true", help="also trafilatura and jusText")
    parser.add_argument(
        "--show", action="store_true", help="print the text that is lost, and noise"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    sites = _sites(options.archive)
    repeated = {site: repeated_keys(p.seen for p in posts) for site, posts in sites.items()}
    sample = {site: posts for site, posts in _sample(sites, options.limit).items() if posts}
    extractors: dict[str, Extractor] = {"footnote": _ours}
    if options.peers:
        extractors |= {"trafilatura": _trafilatura, "jusText": _justext}
    report: dict[str, dict[str, Figures]] = {}
    for name, extract in extractors.items():
        report[name] = {
            site: _figures(posts, repeated[site], extract, show=options.show)
            for site, posts in sample.items()
        }
        total = Figures()
        for figures in report[name].values():
            total.add(figures)
        report[name]["all"] = total
    if options.json:
        rows = {
            name: {site: _row(f) for site, f in sites.items()} for name, sites in report.items()
        }
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        _print(report)
    return 0


def _sites(root: Path) -> dict[str, list[Post]]:
    sites: dict[str, list[Post]] = defaultdict(list)
    for path in track(files.scan(root), console=Console(stderr=True), transient=True):
        if files.is_feed(path) or path.endswith(files.TEXT_SUFFIX):
            continue
        try:
            raw = files.read_bytes(root, path)
            reading = post.read(path, raw)
        except ArticleError:
            continue
        front = split_front_matter(raw.decode("utf-8", "replace").replace("\r\n", "\n"))
        markdown = Path(path).suffix.lower() not in files.HTML_SUFFIXES
        html = html_of(liquid.render(front.body, front.values), markdown=markdown)
        sites[reading.article.source].append(Post(path, reading, html, lines_of(html)))
    return dict(sorted(sites.items(), key=lambda item: -len(item[1])))


def _sample(sites: dict[str, list[Post]], limit: int) -> dict[str, list[Post]]:
    """Return as many posts of each site as it has, up to an equal share, spread over its paths."""
    sample: dict[str, list[Post]] = {}
    for i, (site, posts) in enumerate(sorted(sites.items(), key=lambda item: len(item[1]))):
        share = (limit - sum(map(len, sample.values()))) / (len(sites) - i)
        number = min(len(posts), round(share))
        sample[site] = [posts[k * len(posts) // number] for k in range(number)]
    return {site: sample[site] for site in sites}


def _figures(
    posts: Sequence[Post], repeated: frozenset[str], extract: Extractor, *, show: bool
) -> Figures:
    figures = Figures(posts=len(posts))
    for seen in posts:
        title = seen.reading.article.title
        texts = extract(seen)
        read = letters(title) + "".join(map(letters, texts))
        figures.seen += sum(len(line.key) for line in seen.seen)
        figures.read += sum(len(letters(text)) for text in texts)
        for line in article_lines(seen.seen, repeated, title):
            figures.text += len(line.key)
            if line.key not in read:
                for piece in _pieces(line.text):
                    if (key := letters(piece)) not in read:
                        figures.lost += len(key)
                        if show:
                            _show("lost", seen, piece)
        keys = [letters(text) for text in texts]
        body = "".join(keys)
        for key in noise_keys(seen.seen, repeated):
            # A short one may stand in a sentence, too.
            if key in (body if len(key) >= _MIN_NOISE_CHARS else keys):
                figures.noise += len(key)
                if show:
                    _show("noise", seen, key)
        figures.left_out.update(chars_by_reason(seen.reading.body.omissions))
    return figures


def _pieces(text: str) -> Iterator[str]:
    for start, end in sentence_spans(text):
        yield text[start:end]


def _show(what: str, seen: Post, text: str) -> None:
    reasons = [
        o.reason.value for o in seen.reading.body.omissions if letters(text) in letters(o.text)
    ]
    reason = reasons[0] if reasons else "?"
    sys.stdout.write(f"{what}\t{reason}\t{seen.reading.article.source}\t{seen.path}\t{text}\n")


def _ours(seen: Post) -> list[str]:
    headings = dict.fromkeys(p.heading for p in seen.reading.article.paragraphs)
    return [*headings, *(p.text for p in seen.reading.article.paragraphs)]


def _trafilatura(seen: Post) -> list[str]:
    trafilatura: Any = import_module("trafilatura")  # not installed where nobody asks for it
    text = trafilatura.extract(_document(seen), include_comments=True, favor_recall=True)
    return str(text or "").splitlines()


def _justext(seen: Post) -> list[str]:
    justext: Any = import_module("justext")
    # It has no list of Chinese stop words: only its measures of length and links count.
    paragraphs = justext.justext(
        _document(seen).encode(),
        frozenset(),
        encoding="utf-8",
        length_low=20,
        length_high=60,
        stopwords_low=0,
        stopwords_high=0,
    )
    return [paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate]


def _document(seen: Post) -> str:
    return f"<html><body>{seen.html}</body></html>"


def _row(figures: Figures) -> dict[str, object]:
    return {
        "posts": figures.posts,
        "visible": figures.seen,
        "text": figures.text,
        "read": figures.read,
        "loss": round(figures.loss, 3),
        "noise": round(figures.noise_share, 3),
        "left_out": dict(figures.left_out.most_common()),
    }


def _print(report: dict[str, dict[str, Figures]]) -> None:
    console = Console(width=200)
    for name, sites in report.items():
        reasons = [r.value for r in Reason] if name == "footnote" else []
        table = Table("site", title=name)
        for column in ["posts", "visible", "text", "read", "loss %", "noise %", *reasons]:
            table.add_column(column, justify="right", overflow="fold")
        for site, f in sites.items():
            counts = [f"{n:,}" for n in (f.posts, f.seen, f.text, f.read)]
            left_out = [f"{f.left_out[reason]:,}" for reason in reasons]
            table.add_row(site, *counts, f"{f.loss:.2f}", f"{f.noise_share:.2f}", *left_out)
        console.print(table)
