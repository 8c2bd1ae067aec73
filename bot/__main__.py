"""The entry: a signal ends it quietly even while the rest is still being imported."""

import os
import signal
import sys

_END_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    """Run ``footnote`` or ``python -m bot`` and return its exit status."""
    before = {number: signal.signal(number, _end) for number in _END_SIGNALS}
    from bot.cli import main  # noqa: PLC0415 (takes a second)

    if not _is_bot():
        # The bot takes over when it opens the first file, see bot.app.
        for number, handler in before.items():
            signal.signal(number, handler)
    return main.main()


def _end(number: int, _: object) -> None:
    # Nothing is open yet: for a bot that is an orderly end, for a command it came too soon.
    os._exit(0 if _is_bot() else 128 + number)


def _is_bot() -> bool:
    return len(sys.argv) == 1


if __name__ == "__main__":
    sys.exit(main())
