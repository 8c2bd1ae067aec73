"""The container: its files are in order, and what its Dockerfile builds runs as compose runs it.

`make test` installs the wheel beside the packages of this environment; `make container` follows
every step, with the pinned packages from the index, and prints the size.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.e2e.image import Stage, build, included, instructions
from tests.e2e.loopback.client import ROOT
from tests.e2e.process import BotProcess
from tests.e2e.test_bot_process import QUESTION, READER, answered, hits, ready
from tests.e2e.test_load import free_port
from tests.folders import make_once
from tests.postgres.fixtures import on_postgres
from tests.test_hosting_files import resolved
from tests.test_package import build as build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.loopback.client import Loopback
    from tests.soak import Soak

FROM_PINS = "FROM_PINS" in os.environ
PYTHON = (ROOT / ".python-version").read_text().strip()
STEPS = instructions((ROOT / "Dockerfile").read_text("utf-8"))
SERVICE = resolved({})["services"]["bot"]

as_root_on_linux = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("setpriv"),
    reason="overlays and namespaces need root on Linux",
)


from_pins = pytest.mark.skipif(not FROM_PINS, reason="`make container` installs the pins")


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    program = Path(sys.executable).with_name("hadolint")
    checked = subprocess.run(
        [program, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_context_holds_what_the_dockerfile_copies_and_no_more() -> None:
    copied = {
        name
        for step, rest in STEPS
        if step == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    assert included(ROOT) == copied
    assert ".env" not in copied


def test_the_image_has_the_python_of_the_other_hosts_and_starts_the_bot_as_nobody() -> None:
    images = [rest.split()[0] for step, rest in STEPS if step == "FROM"]
    assert images == [f"python:{PYTHON}-slim"] * 2
    (user,) = (rest for step, rest in STEPS if step == "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)


def test_compose_keeps_the_one_volume_and_gives_the_bot_nothing_else_to_write() -> None:
    (volume,) = (rest for step, rest in STEPS if step == "VOLUME")
    assert SERVICE["environment"]["DATA_DIR"] == volume
    assert f"data:{volume}" in SERVICE["volumes"]
    assert (SERVICE["read_only"], SERVICE["tmpfs"]) == (True, ["/tmp"])  # noqa: S108 (the container's)
    assert (SERVICE["cap_drop"], SERVICE["security_opt"]) == (["ALL"], ["no-new-privileges:true"])


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Build the image."""
    folder = tmp_path_factory.mktemp("image")
    if FROM_PINS:
        yield build(ROOT, folder)
    else:
        (wheel,) = make_once(tmp_path_factory, "wheel", build_wheel).glob("*.whl")
        yield build(ROOT, folder, wheel=wheel)
    shutil.rmtree(folder)


@pytest.fixture
def volume(tmp_path: Path, image: Stage) -> Path:
    """Return a new volume, which takes the owner of the folder it is mounted on."""
    folder = tmp_path / "volume"
    folder.mkdir()
    owner = (image.files / "data").stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    return folder


def container(
    image: Stage, volume: Path, *arguments: str, folder: Path, **settings: str
) -> BotProcess:
    """Return a container that compose would start, with a port of its own."""
    service = resolved(settings)["services"]["bot"]
    settings = {**service["environment"], **settings}
    program = image.command(image.entry, volume=volume, settings=settings)
    return BotProcess(folder, *arguments, settings={}, program=program)


async def healthy(image: Stage, volume: Path, **settings: str) -> bool:
    """Return what the HEALTHCHECK says."""
    checking = await asyncio.create_subprocess_exec(
        *image.command(image.health, volume=volume, settings=settings),
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await checking.wait() == 0


@as_root_on_linux
async def test_the_container_answers_draws_and_stops_and_its_volume_keeps_the_index(
    loopback: Loopback, image: Stage, volume: Path, tmp_path: Path, soak: Soak
) -> None:
    settings = {
        "PORT": str(free_port()),
        "DISCORD_TOKEN": loopback.rules.token,
        "DISCORD_API_URL": loopback.api_url,
    }
    assert not await healthy(image, volume, **settings)
    async with container(image, volume, folder=tmp_path, **settings) as bot:
        await ready(bot, loopback)
        assert await healthy(image, volume, **settings)
        await bot.wait_for_line("Indexed 50 articles")
        assert hits(await answered(bot, loopback, QUESTION))
        trend = await loopback.slash("trend", {"terms": "颱風"}, caller=READER)
        drawn = await bot.meanwhile(trend.final_message())
        (picture,) = drawn.raw["attachments"]
        assert picture["filename"].endswith(".png")
        stopped = time.perf_counter()
        bot.stop()
        assert await bot.wait_for_exit() == 0
        soak.timed("a container stops after SIGTERM", [time.perf_counter() - stopped], within=2)
    async with container(image, volume, folder=tmp_path, **settings) as bot:
        await ready(bot, loopback, times=2)
        assert hits(await answered(bot, loopback, QUESTION))
        bot.stop()
        await bot.wait_for_exit()
    assert "Indexed" not in bot.stderr
    assert "will be lost" not in bot.stderr


@on_postgres
@as_root_on_linux
async def test_a_container_whose_state_is_in_a_database_has_only_its_own_folder_to_write(
    loopback: Loopback, image: Stage, volume: Path, tmp_path: Path, postgres_url: str
) -> None:
    settings = {
        "PORT": str(free_port()),
        "DISCORD_TOKEN": loopback.rules.token,
        "DISCORD_API_URL": loopback.api_url,
        "DATABASE_URL": postgres_url,
    }
    async with container(image, volume, folder=tmp_path, **settings) as bot:
        await ready(bot, loopback)
        await bot.wait_for_line("Indexed 50 articles")
        assert hits(await answered(bot, loopback, QUESTION))
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert "state.sqlite" not in {file.name for file in volume.iterdir()}
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM footnote.question").fetchone() == (1,)


@as_root_on_linux
async def test_the_container_is_nobody_and_can_write_to_its_volume_only(
    image: Stage, volume: Path, tmp_path: Path
) -> None:
    look = (
        "id -u; grep CapEff /proc/self/status;"
        " for place in /data /tmp / /opt/footnote /etc; do"
        ' if touch "$place/x" 2>/dev/null; then echo "writes $place"; fi; done'
    )
    program = image.command(["sh", "-c", look], volume=volume)
    async with BotProcess(tmp_path, settings={}, program=program) as inside:
        assert await inside.wait_for_exit() == 0
    user, capabilities, *written = inside.stdout.splitlines()
    assert user == image.user.partition(":")[0]
    assert int(capabilities.split()[1], 16) == 0
    assert written == ["writes /data", "writes /tmp"]


@as_root_on_linux
def test_every_folder_that_compose_mounts_a_volume_on_is_the_bots(image: Stage) -> None:
    uid, gid = map(int, image.user.split(":"))
    for mount in SERVICE["volumes"]:
        folder = (image.files / mount.rpartition(":")[2].lstrip("/")).stat()
        assert (folder.st_uid, folder.st_gid) == (uid, gid)


@as_root_on_linux
@from_pins
def test_what_the_image_installs_is_at_most_400_mb(image: Stage) -> None:
    megabytes = installed_megabytes(image)
    print(f"\nInstalled: {megabytes:.0f} MB")  # noqa: T201 (`make container` shows it)
    assert megabytes <= 400


@as_root_on_linux
@from_pins
def test_the_image_with_the_extras_has_their_clients(tmp_path: Path) -> None:
    arguments = {"REQUIREMENTS": "requirements-extras.txt"}
    image = build(ROOT, tmp_path, arguments=arguments)
    image.run("python -c 'import alembic, opensearchpy, psycopg, sentry_sdk, sqlalchemy'")
    print(f"\nInstalled with the extras: {installed_megabytes(image):.0f} MB")  # noqa: T201


def installed_megabytes(image: Stage) -> float:
    files = [path for path in (image.files / "opt").rglob("*") if path.is_file()]
    return sum(path.lstat().st_size for path in files) / 1e6


@pytest.mark.skipif(not FROM_PINS, reason="`make container` asks the index")
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("pins", ["requirements.txt", "requirements-extras.txt"])
def test_every_pin_has_a_wheel_for_each_machine(pins: str, machine: str, tmp_path: Path) -> None:
    glibc = (17, 24, 26, 27, 28, 31, 34, 35, 36)  # Debian 12 has 2.36
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in glibc]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps"]
    command += ["--ignore-installed", "--target", str(tmp_path / "none")]
    command += ["--only-binary", ":all:", "--no-binary", "jieba"]  # Python alone, and no wheel
    command += ["--implementation", "cp", "--python-version", PYTHON]
    command += [f"--platform={name}" for name in (*platforms, f"manylinux2014_{machine}")]
    command += ["-r", str(ROOT / pins)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
