"""The pins: whole, hashed, for every machine, and without the address of an index."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("opensearch", "postgres", "sentry")
"""Those that a bot may use."""
FILES = {
    "requirements.txt": PROJECT["dependencies"],
    "requirements-extras.txt": [
        *PROJECT["dependencies"],
        *(one for extra in EXTRAS for one in PROJECT["optional-dependencies"][extra]),
    ],
    "requirements-dev.txt": [
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["dev"],
    ],
}
HASH = re.compile(r" --hash=sha256:[0-9a-f]{64}")

by_file = pytest.mark.parametrize("name", FILES)


def pins(name: str) -> dict[str, tuple[Requirement, int]]:
    """Return each pin of a file with how many hashes it has, by its normalised name."""
    text = (ROOT / name).read_text(encoding="ascii").replace("\\\n", " ")
    found: dict[str, tuple[Requirement, int]] = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            hashes = HASH.findall(line)
            pin = Requirement(HASH.sub("", line).replace("    ", " ").strip())
            found[pin.name] = pin, len(hashes)
    return found


@by_file
def test_every_pin_is_one_version_with_hashes(name: str) -> None:
    for pin, hashes in pins(name).values():
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert hashes, pin
        assert pin.url is None


@by_file
def test_no_address_of_an_index_is_written_down(name: str) -> None:
    text = (ROOT / name).read_text(encoding="ascii")
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash=", ""), re.MULTILINE)


@by_file
def test_what_the_project_depends_on_is_pinned_as_it_allows(name: str) -> None:
    pinned = pins(name)
    for dependency in map(Requirement, FILES[name]):
        pin, _ = pinned[canonicalize_name(dependency.name)]
        (specifier,) = pin.specifier
        assert dependency.specifier.contains(specifier.version), dependency


@by_file
def test_what_only_a_later_python_needs_is_pinned_too(name: str) -> None:
    # discord.py's; hashes allow no package that is not pinned.
    pin, _ = pins(name)["audioop-lts"]
    assert pin.marker is not None
    assert pin.marker.evaluate({"python_version": "3.13", "python_full_version": "3.13.1"})


@by_file
def test_extras_that_packages_ask_for_are_in_their_pins(name: str) -> None:
    # In hash mode pip takes `coverage[toml]` for another package than the pin `coverage`.
    pinned = pins(name)
    for pin, _ in pinned.values():
        if pin.marker is not None:
            continue
        for asked in map(Requirement, metadata.requires(pin.name) or ()):
            applies = asked.marker is None or any(
                asked.marker.evaluate({"extra": extra}) for extra in ("", *pin.extras)
            )
            if applies and asked.extras:
                assert asked.extras <= pinned[canonicalize_name(asked.name)][0].extras, asked


def test_wheels_of_other_machines_are_among_the_hashes() -> None:
    # Of numpy alone there are wheels for six kinds of machines and several Pythons.
    assert pins("requirements.txt")["numpy"][1] > 30


def test_development_has_the_versions_that_hosts_have() -> None:
    runtime, extras, development = map(pins, FILES)
    assert runtime.items() <= extras.items() <= development.items()


def test_the_bill_of_materials_has_every_pin(tmp_path: Path) -> None:
    (target,) = re.findall(r"cyclonedx-py (.*?)\n\t@", (ROOT / "Makefile").read_text(), re.DOTALL)
    arguments = target.replace("\\\n", " ").replace("build/sbom.json", f"{tmp_path}/sbom.json")
    subprocess.run([sys.executable, "-m", "cyclonedx_py", *arguments.split()], cwd=ROOT, check=True)
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == PROJECT["name"]
    listed = {component["name"]: component["version"] for component in bill["components"]}
    assert listed == {
        name: str(pin.specifier).removeprefix("==")
        for name, (pin, _) in pins("requirements.txt").items()
    }
