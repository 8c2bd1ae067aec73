"""The built wheel, installed where nothing of the checkout is, answers."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from bot import __version__
from tests.e2e.process import SETTINGS
from tests.folders import make_once, with_dictionary

ROOT = Path(__file__).parents[1]
QUESTION = "颱風的名字是由誰提供的"


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: text for name, text in os.environ.items() if name not in {*SETTINGS, "PYTHONPATH"}
    }
    return subprocess.run(
        command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False
    )


def pip(*arguments: str | Path, cwd: Path) -> None:
    done = run(sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr


def build(folder: Path) -> None:
    """Build the wheel from a copy of the sources."""
    sources = folder / "sources"
    sources.mkdir()
    for name in ("bot", "corpus"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, sources / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".env.example"):
        shutil.copy(ROOT / name, sources / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, sources, cwd=folder)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the programs of an empty environment with the wheel installed.

    What it depends on is lent by this environment, without this checkout: the `.pth` file of an
    editable install is not read in a folder that is itself named in one.
    """
    (wheel,) = make_once(tmp_path_factory, "wheel", build).glob("footnote_bot-*.whl")
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    pip("--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    (library,) = folder.glob("lib/python*/site-packages")
    (library / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin"


def test_the_wheel_answers_from_its_own_sample(
    installed: Path, tmp_path: Path, dictionary_cache: Path
) -> None:
    with_dictionary(tmp_path / "var", dictionary_cache)
    asked = run(installed / "footnote", "ask", "--json", QUESTION, cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["outcome"] == "answer"
    assert answer["hits"][0]["path"].startswith("_posts/")


def test_every_file_that_the_code_reads_is_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    (library,) = installed.parent.glob("lib/python*/site-packages")
    missing = [
        file.relative_to(ROOT)
        for package in ("bot", "corpus")
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
        if not (library / file.relative_to(ROOT)).is_file()
    ]
    assert missing == []
    # Nothing of the checkout stood in for it.
    code = "import bot, corpus, noto_cjk_sans_otc; print(bot.__file__, corpus.__file__)"
    told = run(installed / "python", "-c", code, cwd=tmp_path)
    assert [Path(file).is_relative_to(library) for file in told.stdout.split()] == [True, True]


def test_the_command_alone_is_the_bot_and_the_module_stays(installed: Path, tmp_path: Path) -> None:
    for command in ([installed / "footnote"], [installed / "python", "-m", "bot"]):
        started = run(*command, cwd=tmp_path)
        assert (started.returncode, started.stdout) == (2, "")
        assert started.stderr.startswith("DISCORD_TOKEN is not set")
        version = run(*command, "--version", cwd=tmp_path)
        assert version.stdout == f"footnote {__version__}\n"


def test_no_text_says_to_install_what_is_somebody_elses_on_pypi() -> None:
    texts = [
        file
        for pattern in (
            "*.md",
            "docs/**/*.md",
            "bot/**/*.py",
            "bot/**/*.ftl",
            "corpus/**/*.py",
            "examples/**/*",
        )
        for file in ROOT.glob(pattern)
        if file.is_file()
    ]
    wrong = re.compile(r"""\b(?:pipx? (?:install|run)|uvx) ["']?footnote(?!-bot)\b""")
    found = [(file.name, wrong.findall(file.read_text("utf-8"))) for file in texts]
    assert [(name, words) for name, words in found if words] == []
