import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.indexing.preview import read_file
from corpus.model import LeftOut, Paragraph

TEXT = "這是一段夠長的文字，因此自成一段，一個字也沒有少讀。"
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>某站</title>
<item><title>甲</title><guid>1</guid><description>&lt;p&gt;{text}&lt;/p&gt;</description></item>
<item><title>乙</title><guid>2</guid><description>&lt;p&gt;{text}&lt;/p&gt;</description></item>
</channel></rss>"""


async def test_a_file_is_read_with_what_is_left_out(tmp_path: Path) -> None:
    page = f"---\ntitle: 題目\n---\n<nav>首頁</nav><p>{TEXT}</p>"
    (tmp_path / "a.html").write_text(page, "utf-8")
    (article,) = (await read_file(tmp_path, "a.html")).articles
    assert (article.path, article.title, article.chars) == ("a.html", "題目", len(TEXT))
    assert article.paragraphs == (Paragraph(TEXT),)
    assert article.left_out == (LeftOut("首頁", "navigation"),)


async def test_a_feed_is_read_whole_or_an_entry_of_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "feed.xml").write_text(FEED.format(text=TEXT), "utf-8")
    whole = (await read_file(tmp_path, "sub/feed.xml")).articles
    assert [article.title for article in whole] == ["甲", "乙"]
    assert (await read_file(tmp_path, whole[1].path)).articles == whole[1:]


async def test_a_reader_that_is_killed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(CorpusError, match=r"a\.md crashes"):
        await read_file(tmp_path, "a.md")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is Linux's")
def test_a_file_is_read_within_the_limits_of_a_worker(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT, "utf-8")
    program = f"""
import resource, signal
from corpus.indexing import pool, reader
reader.main([{str(tmp_path)!r}, "a.md"])
assert 0 < signal.getitimer(signal.ITIMER_PROF)[0] < pool.MAX_SECONDS + 1
assert 0 < resource.getrlimit(resource.RLIMIT_DATA)[0] < pool.MAX_GROWTH + 2**30
"""
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
