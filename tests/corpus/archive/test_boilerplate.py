from tests.corpus.archive.bodies import LONG, OTHER, texts, with_headings


def test_a_post_written_in_headings_is_read_as_paragraphs() -> None:
    assert texts(f"#### {LONG}\n\n#### {OTHER}\n") == [LONG, OTHER]
    assert texts(f"<h3>{LONG}</h3><h3>{OTHER}</h3>") == [LONG, OTHER]
    assert texts(f"<h2>短的標題</h2><h3>{LONG}</h3><p>{OTHER}</p>") == [LONG, OTHER]


def test_a_long_question_over_text_stays_a_heading() -> None:
    question = f"{LONG[:-1]}？"
    assert with_headings(f"## {question}\n\n{OTHER}") == [(question, OTHER)]


def test_a_list_of_headings_is_read_whole() -> None:
    names = ["《燈塔》", "《測量隊》", "《抽水站》"]
    listed = "\n\n".join(f"### {name}" for name in names)
    assert texts(f"{LONG}\n\n{listed}") == [LONG, "《燈塔》 • 《測量隊》 • 《抽水站》"]
    assert texts(listed) == ["《燈塔》 • 《測量隊》 • 《抽水站》"]
    assert with_headings(f"{LONG}\n\n{listed}\n\n{OTHER}") == [
        ("", LONG),
        ("", "《燈塔》 • 《測量隊》"),
        ("《抽水站》", OTHER),
    ]


def test_headings_of_several_levels_are_read_where_they_are_all_there_is() -> None:
    assert with_headings("# 甲章\n\n## 乙節\n\n### 丙項\n\n### 丁項\n") == [
        ("甲章 · 乙節", "丙項 • 丁項")
    ]


def test_the_days_of_a_timeline_in_headings_are_read() -> None:
    body = f"<p>{LONG}</p><h3>2018.2.23</h3><h3>工作組成立</h3><p>{OTHER}</p>"
    assert with_headings(body)[1:] == [("", "2018.2.23"), ("工作組成立", OTHER)]


def test_a_chapter_without_text_names_its_first_section() -> None:
    body = f"# 第一章\n\n## 開場\n\n{LONG}\n\n## 中段\n\n{OTHER}"
    assert with_headings(body) == [("第一章 · 開場", LONG), ("中段", OTHER)]


def test_the_headings_at_the_end_of_a_copied_page_are_its_frame() -> None:
    assert texts(f"<p>{LONG}</p><h2>No More.</h2><h2>Published since 1843</h2>") == [LONG]
    links = "<h3><a href='a'>另一篇</a></h3><h3><a href='b'>再一篇</a></h3>"
    assert texts(f"<p>{LONG}</p>{links}<p>{OTHER}</p>") == [LONG, OTHER]


def test_a_page_that_holds_only_its_heading_holds_no_text() -> None:
    assert texts("<h1>題目</h1>", title="題目") == []
    assert texts("<h1>題目</h1>", title="題目 - 某某網站的名字") == []
