import json
from pathlib import Path

import pytest

from bench import reading

TEXT = "颱風來襲之前學校停課，商店關門，街上沒有人，一共停了兩天，第三天才恢復正常。"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for site, posts in (("甲站", 6), ("乙站", 2)):
        for i in range(posts):
            body = f"<nav>首頁</nav><p>{TEXT}{i}</p><p>圖片來源：某某</p>"
            head = f"---\ntitle: 題目{i}\ncategories: [{site}]\n---\n"
            (tmp_path / f"2021-01-0{i + 1}-{site}.html").write_text(head + body, "utf-8")
    return tmp_path


def test_each_site_is_measured(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reading.main(["--archive", str(archive), "--limit", "4", "--json"]) == 0
    sites = json.loads(capsys.readouterr().out)["footnote"]
    assert [sites[name]["posts"] for name in ("甲站", "乙站", "all")] == [2, 2, 4]
    assert sites["all"]["loss"] == sites["all"]["noise"] == 0
    assert sites["all"]["left_out"] == {"caption": 28, "navigation": 8}


def test_text_that_is_not_read_is_lost_and_shown_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = f"<p>{TEXT}</p><h3>頁尾的短標題</h3>"
    (tmp_path / "2021-01-01-a.html").write_text(f"---\ntitle: 題目\n---\n{body}", "utf-8")
    reading.main(["--archive", str(tmp_path), "--show"])
    lost = capsys.readouterr().out.splitlines()[0]
    assert lost.split("\t") == ["lost", "furniture", "", "2021-01-01-a.html", "頁尾的短標題"]
