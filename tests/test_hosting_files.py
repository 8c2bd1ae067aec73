"""What hosts read: each is understood, and names only what there is."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.e2e.process import SETTINGS

ROOT = Path(__file__).parents[1]
SERVICE = ROOT / "docs" / "footnote.service"

OF_THE_HOST = {"DATA_DIR", "PORT", "HEALTH_HOST", "DISCORD_API_URL", "SENTRY_DSN"}
"""Settings that a dyno has no use for: its disk is emptied, nobody asks a worker for health, and it
has no package of an extra."""


def test_heroku_s_button_asks_for_every_setting_a_keeper_has_there() -> None:
    app = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
    assert app["env"].keys() == SETTINGS - OF_THE_HOST
    assert [name for name, one in app["env"].items() if one.get("required", True)] == [
        "DISCORD_TOKEN"
    ]
    processes = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line
    )
    assert app["formation"].keys() == processes.keys()


def test_the_python_of_hosts_is_one_of_those_supported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = (ROOT / ".python-version").read_text().strip()
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not there")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    # The programs of the machine it is for are not here: this one stands in for them.
    unit = SERVICE.read_text(encoding="utf-8").replace(
        "/opt/footnote/.venv/bin/python", sys.executable
    )
    copy = tmp_path / SERVICE.name
    copy.write_text(unit.replace("/opt/footnote", str(ROOT)), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy],  # noqa: S607 (wherever it is)
        capture_output=True,
        text=True,
        check=False,
    )
    # It also tells of what it finds wrong with the machine's own units.
    assert SERVICE.name not in verified.stderr
