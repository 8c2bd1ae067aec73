"""`python -m tests.e2e.questions COUNT`: answer so many questions; print how memory grew.

Each is searched in the sample and rendered as its first page. What is loaded at the first questions
does not count: memory is read after a tenth of them and at the end.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import corpus
from bot.localization import Texts
from bot.messages import answer
from bot.messages.passages import group_by_article
from corpus.indexing.process_memory import give_back_freed
from corpus.library import Library
from corpus.model import Filters, Sort

SAMPLE = Path(corpus.__file__).with_name("sample")
WORD = re.compile(r"\w{4,}")


async def main(count: int) -> None:
    rng = random.Random(3)
    t = Texts().get("zh-TW")
    texts = [path.read_text("utf-8") for path in sorted(SAMPLE.rglob("*.md"))]
    words = sorted({word for text in texts for word in WORD.findall(text)})
    with TemporaryDirectory() as folder:
        async with Library(SAMPLE, Path(folder)) as library:
            await library.reindex()
            early = 0.0
            for number in range(count):
                if number == count // 10:
                    early = own_megabytes()
                word = rng.choice(words)
                start = rng.randrange(len(word) - 1)
                question = word[start : start + 12] + rng.choice(["", "是什麼", rng.choice(words)])
                result = await library.search(question)
                if result.hits:
                    answer.page(result, group_by_article(result.hits)[:3], Filters(), t)
                else:
                    answer.nothing(result, Filters(), Sort.RELEVANCE, t)
            print(json.dumps({"questions": count, "grown_mb": own_megabytes() - early}))  # noqa: T201


def own_megabytes() -> float:
    """Return what only this process holds: not the pages of files, which the system may drop."""
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) / 1024


if __name__ == "__main__":
    give_back_freed()
    asyncio.run(main(int(sys.argv[1])))
