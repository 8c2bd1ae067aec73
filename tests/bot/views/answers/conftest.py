"""An archive of seven articles on typhoons and one on a lighthouse, and who asks it."""

import shutil
from pathlib import Path

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.settings import Settings
from tests.folders import build_index

# Before it, the paragraph that is found, after it: unlike each other, or they would be one hit.
TYPHOONS = (
    (
        "春天的花開得很早，村裡的人都出門賞花。",
        "這個颱風在海上形成，帶來了大雨。",
        "船隻都回到港口，漁民把纜繩繫得很牢。",
    ),
    (
        "稻田剛剛插完秧，水渠裡有青蛙。",
        "颱風登陸之後，果園的樟樹倒了一半。",
        "農會隔天開始清點損失。",
    ),
    ("學校放了三天假。", "氣象局說颱風的眼牆正在置換。", "老師在家裡批改作業。"),
    ("火車站擠滿了返鄉的旅客。", "因為颱風接近，鐵路全線停駛到傍晚。", "站長用廣播安撫大家。"),
    ("市場的青菜漲了一倍。", "颱風過後，菜販從山上運來高麗菜。", "主婦們排隊等候。"),
    ("電台整夜播放老歌。", "颱風夜裡，主持人報告各地停電的消息。", "清晨時電力恢復了。"),
    ("博物館收藏了許多舊地圖。", "一張地圖上畫著百年前颱風的路徑。", "修復師用和紙補好破洞。"),
)
LIGHTHOUSE = (
    "燈塔守護著北邊的海岸，每晚準時點亮。@everyone [看](javascript:alert)<@123456789012345678>"
)


@pytest.fixture(scope="session")
def buttons_index(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> tuple[Path, Path]:
    """Return an archive of seven typhoons and two articles with one paragraph, and its index."""
    posts = tmp_path_factory.mktemp("buttons") / "_posts"
    posts.mkdir()
    for number, paragraphs in enumerate(TYPHOONS, 1):
        # Under headings of their own, short ones are not joined.
        parts = zip(("之前", "當天", "之後"), paragraphs, strict=True)
        body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in parts)
        (posts / f"{2014 + number}-08-08-t.md").write_text(
            f"---\ntitle: 第{number}號\ndate: {2014 + number}-08-08\nauthor: 林\n"
            f"from: https://example.org/{number}\ncategories: [氣象]\ntags: [海]\n---\n{body}\n",
            encoding="utf-8",
        )
    for number, source in ((8, "燈塔報"), (9, "海岸誌")):
        (posts / f"{2014 + number}-01-01-l.md").write_text(
            f"---\ntitle: 燈塔{number}\ndate: {2014 + number}-01-01\n"
            f"from: https://example.org/{number}\ncategories: [{source}]\n---\n{LIGHTHOUSE}\n",
            encoding="utf-8",
        )
    return posts.parent, build_index(
        posts.parent, tmp_path_factory.mktemp("buttons-index"), dictionary_cache
    )


@pytest.fixture
def settings(buttons_index: tuple[Path, Path], tmp_path: Path) -> Settings:
    archive, index = buttons_index
    data_dir = tmp_path / "var"
    shutil.copytree(index, data_dir)
    return Settings(archive=archive, data_dir=data_dir, ask_cooldown=None)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


@pytest.fixture
def other(member: MemberActor, simcord_env: Env) -> MemberActor:
    return member.guild.add_member(simcord_env.create_user("other"))
