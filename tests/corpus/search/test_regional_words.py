import json
from importlib.resources import files

import opencc
import pytest

from corpus.search.regional_words import to_region


@pytest.mark.parametrize(
    ("config", "simplified", "regional"),
    [
        ("s2twp", "出租车的软件", "計程車的軟體"),
        ("s2tw", "软件在这里", "軟件在這裡"),
        ("s2hkp", "网络", "網絡"),
    ],
)
def test_regional_words_and_characters_are_as_opencc_has_them(
    config: str, simplified: str, regional: str
) -> None:
    assert to_region(config).convert(simplified) == regional
    assert opencc.OpenCC(config).convert(simplified) == regional


def test_the_large_dictionary_is_not_loaded() -> None:
    # 头发 needs it: without it the more usual 發 stands there.
    assert to_region("s2tw").convert("头发") == "頭發"
    assert opencc.OpenCC("s2tw").convert("头发") == "頭髮"


@pytest.mark.parametrize("config", ["s2tw", "s2twp", "s2hk", "s2hkp"])
def test_the_package_still_has_its_dictionaries_where_they_are_looked_for(config: str) -> None:
    share = files("opencc") / "clib" / "share" / "opencc"
    own = (share / f"{config}.json").read_text("utf-8")
    assert "STPhrases.ocd2" in own
    assert json.loads(own)["conversion_chain"]
