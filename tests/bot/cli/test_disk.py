"""Which folders are lost at a restart, by what hosts and mounts say."""

from pathlib import PurePosixPath

import pytest

from bot.cli.disk import loss_on

ROOT = "/dev/vda1 / ext4 rw 0 0"
OVERLAY = "overlay / overlay rw,lowerdir=/a 0 0"
VOLUME = "/dev/vdb /data ext4 rw 0 0"
MEMORY = "tmpfs /run tmpfs rw 0 0"
SPACED = r"/dev/vdc /my\040data xfs rw 0 0"
RAILWAY = {"RAILWAY_ENVIRONMENT": "production"}


@pytest.mark.parametrize(
    ("folder", "environ", "mounts"),
    [
        ("/home/keeper/var", {}, [ROOT]),
        ("/home/keeper/var", {}, []),
        ("/data/var", {}, [OVERLAY, VOLUME]),
        ("/my data/var", {}, [OVERLAY, SPACED]),
        ("/run/kept", {}, [ROOT, MEMORY, "/dev/vdd /run/kept ext4 rw 0 0"]),
        ("/runner/var", {}, [ROOT, MEMORY]),
        ("/data", {"FLY_APP_NAME": "footnote"}, [ROOT, VOLUME]),
        ("/data/var", {**RAILWAY, "RAILWAY_VOLUME_MOUNT_PATH": "/data"}, [OVERLAY]),
    ],
)
def test_a_folder_that_lasts(folder: str, environ: dict[str, str], mounts: list[str]) -> None:
    assert loss_on(PurePosixPath(folder), environ, "\n".join(mounts)) is None


@pytest.mark.parametrize(
    ("folder", "environ", "mounts", "why"),
    [
        ("/app/var", {"DYNO": "worker.1"}, [ROOT], "Heroku"),
        ("/app/var", RAILWAY, [OVERLAY], "Railway"),
        ("/app/var", {**RAILWAY, "RAILWAY_VOLUME_MOUNT_PATH": "/data"}, [OVERLAY], "Railway"),
        ("/app/var", {"FLY_APP_NAME": "footnote"}, [ROOT, VOLUME], "Fly"),
        ("/app/var", {}, [OVERLAY, VOLUME], "container"),
        ("/run/footnote", {}, [ROOT, MEMORY], "memory"),
        ("/data", {}, [ROOT, VOLUME, "tmpfs /data tmpfs rw 0 0"], "memory"),
    ],
)
def test_a_folder_that_is_lost(
    folder: str, environ: dict[str, str], mounts: list[str], why: str
) -> None:
    assert why in (loss_on(PurePosixPath(folder), environ, "\n".join(mounts)) or "")
