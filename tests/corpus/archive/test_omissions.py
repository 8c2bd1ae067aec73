import pytest

from corpus.archive.omissions import Omission, Reason, chars_by_reason
from tests.corpus.archive.bodies import LONG, OTHER, read


def _left_out(body: str, title: str = "題目") -> list[tuple[Reason, str]]:
    return [(o.reason, o.text) for o in read(body, title=title).omissions]


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        ("<p style='display:none'>暗記</p>", Reason.HIDDEN),
        ("<p style='font-size:0'>暗記</p>", Reason.HIDDEN),
        ("<p class='d-none'>暗記</p>", Reason.HIDDEN),
        ("<button>送出</button>", Reason.CONTROL),
        ("<form><label>信箱</label><input></form>", Reason.CONTROL),
        ("<nav><a href='/'>首頁</a></nav>", Reason.NAVIGATION),
        ("<ul class='breadcrumbs'><li>首頁</li></ul>", Reason.NAVIGATION),
        ("<div class='sharedaddy'>分享到臉書</div>", Reason.SHARE_LIST),
        ("<div class='entry-related'>另一篇</div>", Reason.RELATED_LIST),
        ("<p><a href='x'>《另一篇》</a></p>", Reason.RELATED_LIST),
        ("<div class='newsletter'>請訂閱</div>", Reason.ADVERTISEMENT),
        ("<div id='comments'>沙發</div>", Reason.COMMENT),
        ("<figure><img><figcaption>街景</figcaption></figure>", Reason.CAPTION),
        ("<p>圖片來源：維基百科</p>", Reason.CAPTION),
        ("<div class='byline'>某某</div>", Reason.BYLINE),
        ("<h2>題目</h2>", Reason.TITLE),
        ("<p>* * *</p>", Reason.FURNITURE),
        ("<p>目錄</p>", Reason.FURNITURE),
    ],
)
def test_each_piece_is_left_out_for_its_reason(piece: str, reason: Reason) -> None:
    left_out = _left_out(f"<div><p>{LONG}</p>{piece}<p>{OTHER}</p></div>")
    assert [found for found, _ in left_out] == [reason]


def test_what_is_left_out_stands_in_the_order_of_the_page() -> None:
    body = (
        f"<h1>題目</h1><nav>首頁</nav><p>編輯：某某</p><p>{LONG}</p><figcaption>街景</figcaption>"
        f"<p>{OTHER}</p><h3>延伸閱讀</h3><p><a href='x'>另一篇</a></p><footer>頁尾</footer>"
    )
    assert [text for _, text in _left_out(body)] == [
        "題目",
        "首頁",
        "編輯：某某",
        "街景",
        "延伸閱讀",
        "另一篇",
        "頁尾",
    ]


def test_scripts_and_styles_are_no_text_that_is_left_out() -> None:
    scripts = "<script>var a</script><style>p {}</style><noscript>開啟指令碼</noscript>"
    assert _left_out(f"<p>{LONG}</p>{scripts}") == []
    assert _left_out(f"<p>{LONG}</p><nav>首頁{scripts}</nav>") == [(Reason.NAVIGATION, "首頁")]


def test_what_is_read_after_all_is_not_left_out() -> None:
    photos = f"<figure><img><figcaption>{LONG}</figcaption></figure>"
    assert _left_out(photos) == []
    assert _left_out(f"<div class='share'><p>{LONG}</p></div>") == []


def test_characters_are_counted_by_reason() -> None:
    body = read(f"<nav>首頁</nav><p>{LONG}</p><nav>頁尾三</nav>", title="題目")
    assert body.chars == len(LONG)
    assert chars_by_reason(body.omissions) == {"navigation": 5}
    assert chars_by_reason([Omission("甲", Reason.TITLE), Omission("乙丙", Reason.NOTICE)]) == {
        "notice": 2,
        "title": 1,
    }
