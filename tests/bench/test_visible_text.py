from bench.visible_text import article_lines, lines_of, noise_keys, repeated_keys

TEXT = "颱風來襲之前學校停課，商店關門，街上沒有人。"


def _texts(html: str, title: str = "題目") -> list[str]:
    return [line.text for line in article_lines(lines_of(html), frozenset(), title)]


def test_captions_navigation_bylines_and_links_are_no_text_of_an_article() -> None:
    page = (
        f"<h1>題目</h1><nav>首頁</nav><p>作者：某某</p><p>{TEXT}</p><figcaption>街景</figcaption>"
        "<p>（本文轉載自某站）</p><p><a href='x'>另一篇</a></p><div id='comments'>沙發</div>"
        "<p style='display:none'>暗記</p><script>var a</script><p>2021</p>"
    )
    assert _texts(page) == [TEXT]


def test_an_element_with_most_of_the_page_is_the_article_whatever_its_name() -> None:
    assert _texts(f"<div class='share'><p>{TEXT}</p></div>") == [TEXT]


def test_the_comments_of_a_posts_own_authors_are_text() -> None:
    comment = f"<div id='comments'><div class='comment by-node-author'><p>{TEXT}</p></div></div>"
    assert _texts(comment) == [TEXT]


def test_an_address_does_not_make_a_line_a_link() -> None:
    line = "下載：https://example.org/a/long/address"
    assert _texts(f"<p>下載：<a href='x'>{line[3:]}</a></p>") == [line]
    assert _texts(f"<p><a href='x'>{line[3:]}</a></p>") == []


def test_lines_of_many_posts_of_a_site_and_lists_of_links_are_noise() -> None:
    links = "".join(f"<li><a href='{i}'>第{i}篇</a></li>" for i in range(3))
    pages = [
        lines_of(f"<p>{TEXT}{i}</p><p>歡迎訂閱本站每週一封的電子報</p>{links}") for i in range(4)
    ]
    repeated = repeated_keys(pages)
    assert "歡迎訂閱本站每週一封的電子報" in repeated
    assert noise_keys(pages[0], repeated) == {
        "歡迎訂閱本站每週一封的電子報",
        "第0篇",
        "第1篇",
        "第2篇",
    }
