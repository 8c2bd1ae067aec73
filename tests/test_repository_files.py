"""The files that a forge and pre-commit read call the project's own commands."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def load(name: str) -> dict[object, object]:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_workflow_tests_every_python_that_is_supported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    job = load(".github/workflows/test.yml")["jobs"]["test"]  # type: ignore[index]
    assert job["strategy"]["matrix"]["python"] == supported
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make test"]


def test_a_workflow_may_only_read_the_repository() -> None:
    for name in (".github/workflows/test.yml", "examples/push-posts.yml"):
        assert load(name)["permissions"] == {"contents": "read"}


def test_pre_commit_calls_make() -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0]
    for repository in load(".pre-commit-config.yaml")["repos"]:  # type: ignore[attr-defined]
        for hook in repository["hooks"]:
            make, target = hook["entry"].split()
            assert (make, target in targets.split()) == ("make", True)


def test_each_issue_form_asks_for_something() -> None:
    for file in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        if file.name != "config.yml":
            form = yaml.safe_load(file.read_text("utf-8"))
            assert {"name", "description", "body"} <= form.keys()
            assert any(part.get("validations", {}).get("required") for part in form["body"])
