from bot.localization import Texts
from bot.messages.conditions import filter_line, filter_names
from corpus import Filters


def test_a_name_is_escaped_in_a_line_and_plain_on_a_button() -> None:
    t = Texts("en-US").get("en-US")
    filters = Filters(source="BBC_News*")
    assert filter_names(filters, t) == {"source": "Source: BBC_News*"}
    assert filter_line(filters, t) == [r"Source: BBC\_News\*"]
