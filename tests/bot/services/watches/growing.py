"""What tests do to an archive that grows, and what then stands in a channel."""

from simcord import Env
from simcord.builders import ChannelHandle, UserHandle

from bot.client import Footnote
from bot.settings import Settings
from bot.state.watches import WatchTarget
from corpus.model import Filters
from tests.bot.simulated import component_texts

NONE = Filters()
TEXT = "春天的第{n}個早晨，村裡的老人說起一段往事。\n\n{n}號碼頭外海出現一群鯨魚，漁船停下來等候。"


def publish(settings: Settings, name: str, body: str, **front: str) -> None:
    fields = {
        "title": f"第{name}篇",
        "date": "2024-05-06",
        "from": f"https://example.org/{name}",
        "categories": "[海報]",
        "author": "林",
        **front,
    }
    header = "".join(f"{key}: {value}\n" for key, value in fields.items())
    path = settings.archive / "_posts" / f"new-{name}.md"
    path.write_text(f"---\n{header}---\n{body}\n", encoding="utf-8")


async def reindex(footnote: Footnote, env: Env, *, full: bool = False) -> None:
    with env._bot_scope():
        footnote.reindexer.start(full=full)
    await env.settle()


async def watch(
    footnote: Footnote, channel: ChannelHandle, question: str = "鯨魚", filters: Filters = NONE
) -> None:
    assert channel.guild is not None
    assert channel.name is not None
    place = WatchTarget(channel.guild.id, channel.id, channel.name)
    await footnote.state.watches.add(place, question, filters)


def watch_target(user: UserHandle) -> WatchTarget:
    """Return the channel of a user's direct messages."""
    return WatchTarget(None, user.dm_channel.id)


def posted(channel: ChannelHandle) -> list[str]:
    """Return what stands in a channel, oldest first."""
    return [
        component_texts([component.to_dict() for component in message.components])
        for message in channel.history()
    ]


def sent(env: Env, channel: ChannelHandle) -> list[dict[str, object]]:
    """Return what was sent to a channel, whether or not it stands there."""
    return [
        request.json  # type: ignore[misc]
        for request in env.http_requests
        if (request.method, request.path) == ("POST", f"/channels/{channel.id}/messages")
    ]


DIFFERENT = (
    "清晨的港口聽見鯨魚的叫聲，老船長放下手裡的茶杯。",
    "研究人員在實驗室分析鯨魚的骨骼，推算牠的年齡。",
    "孩子畫了一頭藍色的鯨魚，貼在教室後面的牆上。",
    "電影裡的鯨魚撞翻了帆船，觀眾屏住呼吸。",
    "法律規定不得捕捉鯨魚，違者將被處以罰金。",
    "博物館新到一副鯨魚標本，週末開放參觀。",
    "望遠鏡裡鯨魚噴出水柱，遊客連忙拍照。",
    "古書記載鯨魚擱淺，村民以為是吉兆。",
    "音樂家用鯨魚的歌聲寫成一首組曲。",
    "潛水員靠近鯨魚時關掉了照明設備。",
    "衛星追蹤顯示鯨魚往北方遷徙。",
    "海底電纜被鯨魚纏住，維修船趕往現場。",
    "詩人把鯨魚比作漂浮的島嶼。",
)
