"""What hosts read: each is understood, and names only what there is."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import load
from tests.e2e.process import SETTINGS
from tests.pages import blocks

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


def resolved(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return compose.yaml as Compose reads it where these variables are set."""

    def value(match: re.Match[str]) -> str:
        name, sign, text = match.groups()
        found = environment.get(name, "")
        if sign == ":+":
            return text if found else ""
        return found or text

    def filled(node: object) -> object:
        match node:
            case dict():
                return {name: filled(part) for name, part in node.items()}
            case list():
                return [filled(part) for part in node]
            case str():
                return re.sub(r"\$\{(\w+)(:[-+])([^}]*)\}", value, node)
            case _:
                return node

    compose = filled(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert isinstance(compose, dict)
    return compose


def test_each_file_of_a_host_or_a_forge_is_one_by_its_schema() -> None:
    github = ROOT / ".github"
    forms = [form for form in github.glob("ISSUE_TEMPLATE/*") if form.name != "config.yml"]
    files = {
        "compose-spec": [ROOT / "compose.yaml"],
        "dependabot": [github / "dependabot.yml"],
        "github-issue-config": [github / "ISSUE_TEMPLATE" / "config.yml"],
        "github-issue-forms": forms,
        "github-workflows": [*github.glob("workflows/*"), ROOT / "examples" / "push-posts.yml"],
    }
    for schema, paths in files.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
        done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_compose_alone_starts_one_bot_with_its_state_in_the_named_volume() -> None:
    compose = resolved({})
    services = compose["services"]
    assert [name for name, service in services.items() if "profiles" not in service] == ["bot"]
    bot = services["bot"]
    assert bot["image"] == "footnote-bot"
    assert bot["build"]["args"] == {"REQUIREMENTS": "requirements.txt"}
    assert bot["environment"]["DATABASE_URL"] == ""
    assert f"data:{bot['environment']['DATA_DIR']}" in bot["volumes"]
    # What is not started keeps nobody waiting.
    assert not any(condition["required"] for condition in bot["depends_on"].values())


def test_bots_that_share_a_database_have_the_clients_and_a_data_folder_each() -> None:
    url = "postgresql://footnote:secret@postgres:5432/footnote"
    compose = resolved({"DATABASE_URL": url, "POSTGRES_PASSWORD": "secret"})
    bot = compose["services"]["bot"]
    assert bot["image"] != resolved({})["services"]["bot"]["image"]  # or the old one would be run
    pins = ROOT / bot["build"]["args"]["REQUIREMENTS"]
    assert "psycopg" in pins.read_text("ascii")
    assert "opensearch-py" in pins.read_text("ascii")
    assert bot["environment"]["DATABASE_URL"] == url
    # A volume without a name is of one container, and takes the owner of the image's folder.
    own = bot["environment"]["DATA_DIR"]
    assert own in bot["volumes"]
    assert re.search(rf"install --directory .* {own}\b", (ROOT / "Dockerfile").read_text())
    # Children read untrusted articles and inherit the environment.
    assert bot["environment"]["POSTGRES_PASSWORD"] == ""


def test_what_the_bots_share_is_reached_by_them_alone_and_has_no_password_in_the_file() -> None:
    services = resolved({})["services"]
    shared = {name: service for name, service in services.items() if name != "bot"}
    assert shared.keys() == services["bot"]["depends_on"].keys() == {"opensearch", "postgres"}
    for name, service in shared.items():
        assert service["profiles"] == ["scale"]
        assert "ports" not in service
        assert service["mem_limit"]
        assert all(healthy in service["healthcheck"] for healthy in ("test", "start_period"))
        assert services["bot"]["depends_on"][name]["condition"] == "service_healthy"
    assert shared["postgres"]["environment"]["POSTGRES_PASSWORD"] == ""
    heap = shared["opensearch"]["environment"]["OPENSEARCH_JAVA_OPTS"]
    assert heap == "-Xms1g -Xmx1g"
    assert shared["opensearch"]["mem_limit"] == "2g"  # as much again for files


def test_the_settings_that_a_page_gives_name_the_services_and_are_taken(tmp_path: Path) -> None:
    written = blocks(ROOT / "docs" / "scaling.md", "ini")
    for dotenv in written:
        (tmp_path / ".env").write_text(dotenv)
        settings = load({}, tmp_path)
        assert settings.database_url is not None
        assert settings.unknown_variables == ()
    (of_compose,) = (dotenv for dotenv in written if "POSTGRES_PASSWORD" in dotenv)
    hosts = re.findall(r"URL=\w+://(?:\w+:\w+@)?(\w+):\d+/", of_compose)
    assert set(hosts) == resolved({})["services"].keys() - {"bot"}


def test_every_name_in_compose_exists() -> None:
    compose = resolved({})
    volumes = compose["volumes"].keys()
    for service in compose["services"].values():
        named = {mount.partition(":")[0] for mount in service["volumes"] if mount[0] != "/"}
        assert named <= volumes
    assert compose["services"]["bot"]["environment"].keys() <= SETTINGS | {"POSTGRES_PASSWORD"}


def test_compose_runs_the_opensearch_and_the_postgresql_that_are_tested() -> None:
    services = resolved({})["services"]
    server = (ROOT / "tests" / "cluster" / "pom.xml").read_text("utf-8")
    (version,) = re.findall(r"<opensearch\.version>(.+)</opensearch\.version>", server)
    assert services["opensearch"]["image"] == f"opensearchproject/opensearch:{version}"
    database = (ROOT / "tests" / "postgres" / "server.py").read_text("utf-8")
    (major,) = re.findall(r'_BINARIES = "pginstall(\d+)"', database)
    assert services["postgres"]["image"] == f"postgres:{major}"
