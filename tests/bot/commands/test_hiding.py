"""/archive hide and unhide, on a simulated Discord: for admins, at once, and in every view."""

from collections.abc import Callable

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.messages import passages, watch
from bot.state.watches import NewPost, WatchTarget
from corpus.errors import CorpusError
from corpus.hidden import FILE_NAME
from corpus.model import Filters
from tests.bot.simulated import make_admin, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

PATH = "_posts/2019-08-08-颱風.md"
ADDRESS = "https://example.org/typhoon"


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("keepers")


@pytest.fixture
def admin(member: MemberActor, footnote: Footnote) -> MemberActor:
    make_admin(footnote, member.id)
    return member


@pytest.mark.parametrize("name", [PATH, ADDRESS, f" {PATH} "])
async def test_what_is_hidden_is_in_no_answer_and_comes_back(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env, name: str
) -> None:
    result = await admin.slash(channel, "archive hide", path=name)
    assert result.response is not None
    assert result.response.ephemeral
    assert texts(result.response).startswith("Hidden: no answer")
    assert "2019-08-08-颱風" in texts(result.response)
    answer = await admin.slash(channel, "ask", question="颱風怎麼形成")
    assert ADDRESS not in str(answer.response.components if answer.response else "")
    await simcord_env.settle()
    assert (await footnote.library.stats()).articles == 2
    result = await admin.slash(channel, "archive hide", path=PATH)
    assert texts(result.response).startswith("Hidden:")
    result = await admin.slash(channel, "archive unhide", path=name.strip())
    assert texts(result.response).startswith("This article is shown again")
    await simcord_env.settle()
    answer = await admin.slash(channel, "ask", question="颱風怎麼形成")
    assert answer.response is not None
    assert ADDRESS in str(answer.response.components)


async def test_the_buttons_of_older_answers_show_it_no_more(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    answer = await admin.slash(channel, "ask", question="颱風怎麼形成", private=False)
    assert answer.response is not None
    await footnote.library.hide(PATH)
    result = await admin.click(answer.response, label="上下文")
    (told,) = result.followups or [result.response]
    assert told is not None
    assert told.ephemeral
    assert "no longer in" in texts(told)
    assert "海面" not in texts(told)
    private = await admin.slash(channel, "ask", question="颱風怎麼形成")
    assert "海面" not in texts(private.response)


async def test_paths_are_offered_to_admins_alone(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    assert await member.autocomplete(channel, "archive hide", "path", "颱風") == []
    assert await member.autocomplete(channel, "archive unhide", "path", "") == []
    make_admin(footnote, member.id)
    for typed in ("怎麼形成", "2019-08", "EXAMPLE.org/typ"):
        choices = await member.autocomplete(channel, "archive hide", "path", typed)
        assert [choice["value"] for choice in choices] == [PATH]
    await footnote.library.hide(PATH)
    assert await member.autocomplete(channel, "archive hide", "path", "颱風") == []
    choices = await member.autocomplete(channel, "archive unhide", "path", "2019")
    assert [choice["value"] for choice in choices] == [PATH]


async def test_nobody_but_an_admin_hides_anything(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    for command in ("archive hide", "archive unhide"):
        result = await member.slash(channel, command, path=PATH)
        assert "This is for admins of the archive only" in texts(result.response)
    assert not (footnote.settings.data_dir / FILE_NAME).exists()
    assert simcord_env.errors  # seen: each was told


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("zh-TW", "文庫裡沒有路徑或連結是「nowhere.md」的文章"),
        ("zh-CN", "文库里没有路径或链接为“nowhere.md”的文章"),
        ("en-US", "has no article with the path or link “nowhere.md”"),
    ],
)
async def test_a_name_that_is_not_there_is_one_sentence(
    admin: MemberActor,
    footnote: Footnote,
    speak: Callable[[str], None],
    locale: str,
    sentence: str,
    simcord_env: Env,
) -> None:
    channel = admin.guild.create_text_channel("hall")
    speak(locale)
    result = await admin.slash(channel, "archive hide", path="nowhere.md")
    assert sentence in texts(result.response)
    result = await admin.slash(channel, "archive unhide", path="nowhere.md")
    assert "nowhere.md" in texts(result.response)
    assert not (footnote.settings.data_dir / FILE_NAME).exists()
    assert not footnote.reindexer.is_running
    assert simcord_env.errors  # seen: each was told


async def test_a_file_that_cannot_be_saved_is_one_sentence_and_hides_nothing(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    (footnote.settings.data_dir / f"{FILE_NAME}.new").mkdir()
    result = await admin.slash(channel, "archive hide", path=PATH)
    assert "hidden.txt cannot be saved" in texts(result.response)
    assert await footnote.library.article(PATH) is not None
    assert simcord_env.errors  # seen: each was told


async def test_what_a_watch_has_found_and_not_posted_is_dropped(
    admin: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    watches = footnote.state.watches
    await watches.add(WatchTarget(1, 5, "news"), "熱", Filters())
    [saved] = await watches.all()
    t = footnote.texts.get("zh-TW")
    for hit in (await footnote.library.search("海面 高鐵")).hits:
        await watches.keep(set(), [NewPost(saved.id, watch.article(saved, hit, t))])
    waiting = await watches.pending()
    assert len(waiting) > 1
    article = await footnote.library.article(PATH)
    assert article is not None
    assert passages.linked_title(article) in str([post.blocks for post in waiting])
    await admin.slash(channel, "archive hide", path=PATH)
    await simcord_env.settle()
    # The new index has made the watches post what waited.
    posted = [str(sent.json) for sent in simcord_env.http_requests if "channels/5/" in sent.path]
    assert any("高铁时刻" in post for post in posted)
    assert not any(ADDRESS in post for post in posted)
    assert ADDRESS not in str(await watches.pending())


async def test_while_the_file_cannot_be_read_every_answer_is_a_sentence(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    (footnote.settings.data_dir / FILE_NAME).write_bytes(b"\xff")
    with pytest.raises(CorpusError):
        await footnote.library.search("颱風")
    result = await member.slash(channel, "ask", question="颱風")
    assert "hidden.txt cannot be read" in texts(result.response)
    assert simcord_env.errors  # seen: each was told
