"""Who looks at the message: their language, their clock, and what their client says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta

_BABEL = {"zh-TW": "zh_Hant_TW", "zh-CN": "zh_Hans_CN", "en-US": "en_US"}


@dataclass(frozen=True, slots=True)
class Chrome:
    """What Discord's own client says around a message."""

    reader: str
    used: str
    today: str
    only_you: str
    dismiss: str
    cancel: str
    submit: str
    channel: str
    """What the channel is called."""


CHROME: Mapping[str, Chrome] = {
    "zh-TW": Chrome(
        "讀者", "使用了", "今天 09:41", "只有您才能看見此訊息", "關閉訊息", "取消", "送出",
        "文章討論",
    ),
    "zh-CN": Chrome(
        "读者", "使用了", "今天 09:41", "只有您可以看到此消息", "忽略消息", "取消", "提交",
        "文章讨论",
    ),
    "en-US": Chrome(
        "reader", "used", "Today at 09:41", "Only you can see this", "Dismiss message",
        "Cancel", "Submit", "reading-room",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of ``locale`` who looks at ``now``."""

    locale: str
    now: datetime
    """With a time zone."""
    theme: str
    """``light`` or ``dark``."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """What users, roles and channels are called, by their id."""

    @property
    def chrome(self) -> Chrome:
        """What the client says in this reader's language."""
        return CHROME[self.locale]

    def moment(self, seconds: int, style: str) -> str:
        """Return what ``<t:seconds:style>`` shows."""
        zone = self.now.tzinfo or ZoneInfo("UTC")
        moment = datetime.fromtimestamp(seconds, zone)
        locale = _BABEL[self.locale]
        match style:
            case "R":
                passed: timedelta = moment - self.now
                return format_timedelta(passed, add_direction=True, locale=locale)
            case "t" | "T":
                return format_time(moment, "short" if style == "t" else "medium", locale=locale)
            case "d" | "D":
                return format_date(moment, "short" if style == "d" else "long", locale=locale)
            case _:
                return format_datetime(moment, "long" if style == "f" else "full", locale=locale)

    def named(self, sign: str, number: str) -> str:
        """Return what a mention shows; ``sign`` is ``@``, ``@!``, ``@&`` or ``#``."""
        return f"{sign[0]}{self.names.get(number, number)}"
