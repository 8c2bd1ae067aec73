"""A clock never set is refused; folders that a restart empties are known by host and mount."""

from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest

from bot import host
from bot.errors import ClockError
from bot.host import EARLIEST, Mount, check_clock, loss_on, place, resident_memory

ROOT = Mount("/", "ext4")
OVERLAY = Mount("/", "overlay")
VOLUME = Mount("/data", "ext4")
MEMORY = Mount("/run", "tmpfs")
SPACED = Mount("/my data", "xfs")
RAILWAY = {"RAILWAY_ENVIRONMENT": "production"}


@pytest.mark.parametrize(
    ("folder", "environ", "mounts"),
    [
        ("/home/keeper/var", {}, [ROOT]),
        ("/home/keeper/var", {}, []),
        ("/data/var", {}, [OVERLAY, VOLUME]),
        ("/my data/var", {}, [OVERLAY, SPACED]),
        ("/run/kept", {}, [ROOT, MEMORY, Mount("/run/kept", "ext4")]),
        ("/runner/var", {}, [ROOT, MEMORY]),
        ("/data", {"FLY_APP_NAME": "footnote"}, [ROOT, VOLUME]),
        ("/data/var", {**RAILWAY, "RAILWAY_VOLUME_MOUNT_PATH": "/data"}, [OVERLAY]),
    ],
)
def test_a_folder_that_lasts(folder: str, environ: dict[str, str], mounts: list[Mount]) -> None:
    assert loss_on(PurePosixPath(folder), environ, mounts) is None


@pytest.mark.parametrize(
    ("folder", "environ", "mounts", "why"),
    [
        ("/app/var", {"DYNO": "worker.1"}, [ROOT], "Heroku"),
        ("/app/var", RAILWAY, [OVERLAY], "Railway"),
        ("/app/var", {**RAILWAY, "RAILWAY_VOLUME_MOUNT_PATH": "/data"}, [OVERLAY], "Railway"),
        ("/app/var", {"FLY_APP_NAME": "footnote"}, [ROOT, VOLUME], "Fly"),
        ("/app/var", {}, [OVERLAY, VOLUME], "container"),
        ("/run/footnote", {}, [ROOT, MEMORY], "memory"),
        ("/data", {}, [ROOT, VOLUME, Mount("/data", "tmpfs")], "memory"),
    ],
)
def test_a_folder_that_is_lost(
    folder: str, environ: dict[str, str], mounts: list[Mount], why: str
) -> None:
    assert why in (loss_on(PurePosixPath(folder), environ, mounts) or "")


def test_a_clock_that_was_never_set_is_refused() -> None:
    with pytest.raises(ClockError, match="1970-01-01"):
        check_clock(datetime(1970, 1, 1, tzinfo=UTC))
    check_clock(EARLIEST)


@pytest.mark.parametrize("days", [-60, 60])
def test_a_clock_far_from_discords_is_refused_with_both_dates(days: int) -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    discord = now + timedelta(days=days)
    with pytest.raises(ClockError, match=f"2026-11-29.*{discord:%Y-%m-%d}"):
        check_clock(now, discord)
    check_clock(now, now + timedelta(hours=days / 10))


def test_the_memory_of_a_process_is_known() -> None:
    assert resident_memory() > 10_000_000


def test_a_place_is_a_folder_of_one_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place(tmp_path / "a")
    assert here == place(tmp_path / "a") != place(tmp_path / "b")
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    assert place(tmp_path / "a") != here
    # Where there is no /proc.
    monkeypatch.setattr(host, "_BOOT_ID", tmp_path / "none")
    assert place(tmp_path / "a") == place(tmp_path / "a") != here
