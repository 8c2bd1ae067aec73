"""The archives of the scenes, each with its index: the sample, and years of news for trends."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import corpus
from corpus import Library

SAMPLE = Path(corpus.__file__).parent / "sample"
_NEW = {
    "2026-06-30-今年第一個颱風.md": """\
---
title: 今年第一個颱風：海上警報傍晚發布
date: 2026-06-30T08:30:00+08:00
author: Footnote
from: https://example.org/weather/2026/first-warning.html
tags: [ 颱風, 氣象 ]
categories: [ 島嶼氣象筆記 ]
---
今年第一個侵襲臺灣的颱風正從東南方海面接近。中央氣象署預計今天傍晚發布海上颱風警報，明天清晨發布陸上颱風警報。

東半部從明天上午起有大雨，登山與近海活動請提早結束。
""",
    "2026-06-28-夏茶开采.md": """\
---
title: 夏茶开采：叶子为什么更苦
date: 2026-06-28
author: Footnote
from: https://example.org/food/2026/summer-tea.html
tags: [ 茶 ]
categories: [ 食物与历史 ]
---
夏天日照长，茶树长得快，叶子里的茶多酚多、氨基酸少，所以泡出来比春茶苦涩。

茶农多半把夏茶做成红茶：发酵会消耗一部分茶多酚，味道因此变得柔和。
""",
    "2026-06-26-Meteor-Showers.md": """\
---
title: A Quiet Month for Meteors
date: 2026-06-26
author: Footnote
from: https://example.org/notes/2026/meteors.html
tags: [ stars ]
categories: [ Field Notes ]
---
June has no great meteor shower. The Bootids are weak in most years, and the nights are short.

Look for the stragglers after midnight, away from the Moon.
""",
}
"""The articles that come to the sample, by the names of their files."""
_QUARTERS = 12
_ARTICLES = 22  # a quarter
_DAYS_APART = 4
_TOPICS = {
    "颱風": ("颱風逼近，沿海風浪增強", (1, 3, 9, 4, 0, 2, 12, 3, 1, 4, 7, 5)),
    "高鐵": ("高鐵加開班次，車票開放預訂", (6, 4, 3, 5, 7, 4, 3, 4, 5, 3, 2, 9)),
    "櫻花": ("櫻花盛開，賞花人潮湧進公園", (7, 2, 0, 1, 8, 1, 0, 1, 6, 2, 0, 1)),
}
"""What an article says of a topic, and how many of a quarter's articles say it."""
_OTHER = "圖書館延長開放時間，市民多了一個去處"


@dataclass(frozen=True, slots=True)
class Ground:
    """An archive with its index, on which scenes take place."""

    archive: Path
    index: Path
    """A data folder, to be copied."""
    next_index: Path | None = None
    """The same one when articles have come to the archive."""


async def make_grounds(folder: Path) -> None:
    """Write and index every archive in ``folder``: the sample once more with new articles.

    ``folder / "of-sample" / "var"`` may hold packed dictionaries, which take long to make.
    """
    sample, news = folder / "sample", folder / "news"
    shutil.copytree(SAMPLE, sample)
    index = await _indexed(sample, folder / "of-sample")
    for name, text in _NEW.items():
        (sample / "_posts" / name).write_text(text, "utf-8")
    shutil.copytree(index, folder / "of-sample-later" / index.name)
    await _indexed(sample, folder / "of-sample-later")
    news.mkdir()
    for number, (day, text) in enumerate(_news()):
        front = f"title: {text}\ndate: {day}\ncategories: [ 每日新聞 ]"
        (news / f"{day}-{number}.md").write_text(f"---\n{front}\n---\n{text}。\n", "utf-8")
    of_news = folder / "of-news" / index.name
    of_news.mkdir(parents=True)
    for dictionary in index.glob("*.trie"):
        shutil.copy(dictionary, of_news)
    await _indexed(news, folder / "of-news")


def grounds_in(folder: Path) -> dict[str, Ground]:
    """Return what was made in ``folder``."""
    indexes = {name: folder / f"of-{name}" / "var" for name in ("sample", "sample-later", "news")}
    return {
        "sample": Ground(folder / "sample", indexes["sample"], indexes["sample-later"]),
        "news": Ground(folder / "news", indexes["news"]),
    }


def _news() -> Iterator[tuple[date, str]]:
    for quarter in range(_QUARTERS):
        texts = [text for text, counts in _TOPICS.values() for _ in range(counts[quarter])]
        texts += [_OTHER] * (_ARTICLES - len(texts))
        first = date(2021 + quarter // 4, 1 + 3 * (quarter % 4), 1)
        for number, text in enumerate(texts):
            yield first + timedelta(days=_DAYS_APART * number), text


async def build_index(data_dir: Path, archive: Path = SAMPLE) -> None:
    """Index an archive into ``data_dir``."""
    async with Library(archive, data_dir) as library:
        await library.reindex()


async def _indexed(archive: Path, folder: Path) -> Path:
    # Not beside the archive: there, the index would be that of whatever is beside a copy of it.
    data_dir = folder / "var"
    data_dir.mkdir(parents=True, exist_ok=True)
    await build_index(data_dir, archive)
    return data_dir
