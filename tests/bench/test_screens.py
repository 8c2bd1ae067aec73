"""What a page is measured by is read from its payload."""

from bench.screens import described, spread


def text(content: str) -> dict[str, object]:
    return {"type": 10, "content": content}


def button(label: str) -> dict[str, object]:
    return {"type": 2, "label": label, "custom_id": label}


COPY = "-# [存檔](https://web.archive.org/web/20210106/https://example.org/1)"
BEST = f"**[一 \\[1\\]](https://example.org/1)**\n{COPY}"
OTHER = "[二](https://example.org/2)\n> __別的句子。__"


def test_a_mark_belongs_to_the_best_article() -> None:
    marked = described("", [text("### 答案。"), text(BEST), text(OTHER)], 1)
    assert (marked.is_marked, marked.articles) == (True, 2)
    assert described("", [text(f"> 前。__答案。__\n{BEST}")], 1).is_marked
    assert not described("", [text(BEST), text(OTHER)], 1).is_marked
    assert not described("", [text("### 1 · [一](https://example.org/1)")], 1).is_marked


def test_every_control_counts_wherever_it_stands() -> None:
    row = {"type": 1, "components": [button("a"), button("b")]}
    select = {"type": 1, "components": [{"type": 3, "custom_id": "s", "options": []}]}
    section = {"type": 9, "components": [text("t")], "accessory": button("c")}
    assert described("", [{"type": 17, "components": [section]}, row, select], 1).controls == 4


def test_questions_are_taken_evenly() -> None:
    assert spread([str(i) for i in range(10)], 5) == ["0", "2", "4", "6", "8"]
    assert spread(["a", "b"], 5) == ["a", "b"]
