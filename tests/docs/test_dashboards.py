"""The dashboard and the alerts are understood, and ask only for metrics that the bot exports."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.client import Footnote

DOCS = Path(__file__).parents[2] / "docs"
DASHBOARD = json.loads((DOCS / "grafana.json").read_text("utf-8"))
(GROUP,) = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"]

_OF_PROMETHEUS = {"up"}


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (rule["expr"] for rule in GROUP["rules"])


def selectors(node: object) -> Iterator[str]:
    """Yield the metric of each selector of a parsed expression, wherever it stands."""
    if isinstance(node, promql_parser.VectorSelector):
        yield str(node.name)
    for name in ("lhs", "rhs", "expr", "param", "vector_selector", "vs"):
        if (inner := getattr(node, name, None)) is not None:
            yield from selectors(inner)
    for argument in getattr(node, "args", None) or ():
        yield from selectors(argument)


@pytest.mark.parametrize("expression", list(expressions()))
async def test_every_metric_that_is_asked_for_is_exported(
    expression: str, footnote: Footnote
) -> None:
    footnote.metrics.reindexed(None)
    await footnote.library.open()
    families = text_string_to_metric_families(
        (await footnote.metrics.exposition(footnote)).decode()
    )
    exported = {sample.name for family in families for sample in family.samples}
    asked = set(selectors(promql_parser.parse(expression)))
    assert asked >= set(re.findall(r"footnote_\w+", expression)) | (asked & _OF_PROMETHEUS)
    assert asked
    assert asked <= exported | _OF_PROMETHEUS


async def test_every_metric_of_ours_is_on_the_dashboard(footnote: Footnote) -> None:
    shown = " ".join(t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"])
    exposition = (await footnote.metrics.exposition(footnote)).decode()
    names = {family.name for family in text_string_to_metric_families(exposition)}
    asked = {name for name in names if not name.endswith("_created")}
    assert {name for name in asked if name not in shown} == set()


def test_an_alert_says_in_a_sentence_what_is_wrong() -> None:
    for rule in GROUP["rules"]:
        assert rule["alert"].startswith("Footnote")
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"].endswith(".")
    panels = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(panels)) == len(panels)
