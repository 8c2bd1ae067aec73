import pytest

from tests.corpus.archive.bodies import LONG, OTHER, texts

MARK = "本文由某站首發，盜版者死，請支持正版，這是讀者看不見的暗記。"


@pytest.mark.parametrize(
    "hidden",
    [
        f"<p style='display:none'>{MARK}</p>",
        f"<p style='color: red; DISPLAY : none !important;'>{MARK}</p>",
        f"<span style='display:none'>{MARK}</span>",
        f"<p style='visibility: hidden'>{MARK}</p>",
        f"<p style='font-size:0'>{MARK}</p>",
        f"<p style='font-size:0px;line-height:0'>{MARK}</p>",
        f"<div style='opacity:0'>{MARK}</div>",
        f"<p style='font-size:0.1px'>{MARK}</p>",
        f"<div style='opacity: 0.0;'>{MARK}</div>",
        f"<div style='position:absolute;left:-9999px'>{MARK}</div>",
        f"<p style='text-indent:-9999em'>{MARK}</p>",
        f"<p style='height:0;overflow:hidden'>{MARK}</p>",
        f"<p style='position:absolute;width:1px;overflow:hidden'>{MARK}</p>",
        f"<p style='clip: rect(0 0 0 0)'>{MARK}</p>",
        f"<p style='color:transparent'>{MARK}</p>",
        f"<p hidden>{MARK}</p>",
        f"<p hidden='hidden'>{MARK}</p>",
        f"<p class='d-none'>{MARK}</p>",
        f"<p class='visually-hidden'>{MARK}</p>",
        f"<style>.zz9 {{ display: none }}</style><p class='a zz9'>{MARK}</p>",
        f"<style><!--\n.zz9 {{ display: none }}\n--></style><p class='zz9'>{MARK}</p>",
        f"<p style='display:block;display:none'>{MARK}</p>",
        f"<p style='display:none !important;display:block'>{MARK}</p>",
        f"<style>/* x */ p#zz8, .b {{color:red; font-size:0}}</style><p id='zz8'>{MARK}</p>",
        f"<dialog>{MARK}</dialog>",
        f"<div style='visibility:hidden'><p>{MARK}</p><p>{MARK}</p></div>",
        f"<table><tr><td>{OTHER[:9]}</td><td><i style='display:none'>{MARK}</i></td></tr></table>",
    ],
)
def test_text_that_is_styled_away_is_left_out(hidden: str) -> None:
    read = " ".join(texts(f"<div><p>{LONG}</p>{hidden}<p>{OTHER}</p></div>"))
    assert "暗記" not in read
    assert LONG in read
    assert OTHER in read


@pytest.mark.parametrize(
    "shown",
    [
        f"<p style='display:block'>{OTHER}</p>",
        f"<p style='display:none;display:block'>{OTHER}</p>",
        f"<p style='opacity:0.9'>{OTHER}</p>",
        f"<p style='font-size:0.9em'>{OTHER}</p>",
        f"<p style='text-indent:2em;left:-10px'>{OTHER}</p>",
        f"<p style='margin-left:-15px;overflow:hidden'>{OTHER}</p>",
        f"<div style='font-size:0'><span style='font-size:16px'>{OTHER}</span></div>",
        f"<div style='visibility:hidden'><p style='visibility:visible'>{OTHER}</p></div>",
        f"<p aria-hidden='true'>{OTHER}</p>",
        f"<details><summary>更多</summary><p>{OTHER}</p></details>",
        f"<dialog open><p>{OTHER}</p></dialog>",
        f"<p class='field-label-hidden'>{OTHER}</p>",
        f"<style>@media print {{ .zz {{ display:none }} }}</style><p class='zz'>{OTHER}</p>",
        f"<style>.zz:hover {{ display:none }}</style><p class='zz'>{OTHER}</p>",
    ],
)
def test_text_that_a_reader_sees_stays(shown: str) -> None:
    assert OTHER in " ".join(texts(f"<div><p>{LONG * 2}</p>{shown}</div>"))


def test_a_sheet_at_the_start_of_a_post_counts() -> None:
    sheet = "<style>.zz9 { display: none }</style>"
    assert texts(f"{sheet}\n<p class='zz9'>{MARK}</p><p>{LONG}</p>") == [LONG]


def test_an_article_that_a_script_reveals_is_read() -> None:
    hidden = f"<div id='content' style='visibility: hidden; opacity: 0;'><p>{LONG}</p></div>"
    assert texts(hidden) == [LONG]
    assert texts(f"<h1>題目</h1><p hidden>{LONG}</p>") == [LONG]


def test_icons_and_marks_that_link_to_a_heading_are_left_out() -> None:
    body = (
        f"<h2>災情<a class='anchor' href='#x'>¶</a></h2><p>{LONG}<i aria-hidden='true'>ab</i></p>"
        f"<p>{OTHER} <a href='#fnref'>↩︎</a></p>"
    )
    assert texts(body) == [LONG, OTHER]


@pytest.mark.parametrize(
    "form",
    [
        f"<form id='form1'><div>{LONG}</div><div>{OTHER}</div></form>",
        f"<form method='post'>{LONG}<br><br>{OTHER}<input type='hidden' name='state'></form>",
        f"<form><table><tr><td>{LONG}</td></tr><tr><td>{OTHER}</td></tr></table></form>",
        f"<div>側欄的短文。</div><form><input><span>{LONG}</span><div>{OTHER}</div></form>",
        f"<p>{LONG * 4}</p><form><input name='q'><div>{LONG * 4}</div><div>{OTHER}</div></form>",
    ],
)
def test_a_page_that_lies_in_a_form_is_read(form: str) -> None:
    read = "".join(texts(form))
    assert LONG in read
    assert OTHER in read


def test_a_form_to_fill_in_is_left_out() -> None:
    form = (
        "<form><label>電子郵件</label><input><p>訂閱電子報，每週寄一封，隨時可以取消，不會外流。</p>"
        "<select><option>每天</option></select><button>送出</button></form>"
    )
    assert texts(f"<p>{LONG}</p>{form}<p>{OTHER}</p>") == [LONG, OTHER]


def test_a_photo_essay_is_read_by_its_captions() -> None:
    figures = "".join(
        f"<figure><img src='{i}.jpg'><figcaption>{text}</figcaption></figure>"
        for i, text in enumerate((LONG, OTHER))
    )
    assert texts(figures) == [LONG, OTHER]
    assert texts(f"<p>這組照片拍了三年。</p>{figures}") == [f"這組照片拍了三年。 {LONG}", OTHER]
    named = f"<div class='wp-caption'><img><p class='wp-caption-text'>{LONG}</p></div>"
    assert texts(named) == [LONG]
    assert texts(f"<table><caption>{LONG}</caption></table>") == [LONG]


def test_an_article_with_text_of_its_own_loses_its_captions() -> None:
    caption = f"<figure><img><figcaption>{OTHER}</figcaption></figure>"
    assert texts(f"<p>{LONG}</p>{caption}<p>{LONG}</p>") == [LONG, LONG]
