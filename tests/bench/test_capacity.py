"""More people and more passages need more machines, of the kind that they wear out."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from bench import capacity
from bench.capacity import Community, Machines, limits, machines, main
from tests.pages import ROOT

SMALL = Community(passages=55_000, guilds=10, questions=0.1)
LARGE = Community(passages=20_000_000, guilds=10, questions=10)


def test_a_small_community_needs_one_process_and_nothing_else() -> None:
    needed = machines(SMALL)
    assert (needed.shards, needed.workers, needed.nodes, needed.rows) == (1, 1, 0, 0)
    assert 0 < needed.worker_memory < 0.5  # a machine of 512 MB does for it, see docs/hosting.md
    assert needed.kept_days == 30


def test_a_guild_more_than_a_shard_takes_needs_another_one() -> None:
    assert machines(replace(SMALL, guilds=2_500)).shards == 1
    assert machines(replace(SMALL, guilds=2_501)).shards == 2
    needed = machines(replace(SMALL, guilds=100_000))
    assert needed.shards == 40
    assert needed.login_seconds == 39 * 5


def test_shards_alone_need_no_other_worker_but_the_messages_of_others_do() -> None:
    assert machines(replace(SMALL, guilds=10_000)).workers == 1
    assert machines(replace(SMALL, guilds=500_000)).workers > 1


def test_more_questions_than_a_worker_answers_need_others_and_one_that_may_die() -> None:
    counts = [machines(replace(SMALL, questions=each)).workers for each in (20, 40, 80, 160)]
    assert counts[0] == 1
    assert counts[1] == 3  # two at work
    assert counts == sorted(set(counts))
    # At no time has one more to do than is measured, also when one has died.
    assert all(
        each / (count - 1) < capacity.ANSWERS.value
        for each, count in zip((40, 80, 160), counts[1:], strict=True)
    )
    assert machines(replace(SMALL, questions=40)).rows == 40 * 5


def test_a_large_archive_goes_to_a_cluster_of_which_a_node_may_die() -> None:
    needed = machines(LARGE)
    assert needed.nodes == 3
    assert needed.worker_disk == 0
    # A copy on each, and the next index beside this one.
    assert needed.node_disk > 2 * LARGE.passages * 1_103 / 1e9
    assert needed.node_memory >= 2


def test_nodes_grow_with_the_archive_and_with_the_questions() -> None:
    before = machines(LARGE)
    assert machines(replace(LARGE, passages=10 * LARGE.passages)).nodes > before.nodes
    after = machines(replace(LARGE, questions=100 * LARGE.questions))
    assert after.nodes > before.nodes
    assert after.node_cores <= 16
    assert after.nodes * after.node_cores > 40 * before.nodes * before.node_cores


def test_of_an_index_in_several_parts_no_more_nodes_work_than_there_are_copies() -> None:
    parted = replace(LARGE, passages=100_000_000)  # 110 GB: four parts
    few, many = (machines(replace(parted, questions=each)) for each in (10, 10_000))
    assert (few.nodes, many.nodes) == (4, 8)
    assert many.node_cores > 16


def test_more_of_anything_never_needs_less() -> None:
    def sizes(needed: Machines) -> tuple[float, ...]:
        return (needed.shards, needed.workers, needed.nodes, needed.index_seconds)

    for name in ("passages", "guilds", "questions"):
        for base in (SMALL, LARGE):
            more: Any = replace(base, **{name: getattr(base, name) * 7})
            assert all(
                after >= before
                for before, after in zip(sizes(machines(base)), sizes(machines(more)), strict=True)
            )


def test_questions_are_kept_for_a_shorter_time_where_more_are_asked() -> None:
    few, many = (machines(replace(SMALL, questions=each)) for each in (10, 20))
    assert few.workers == many.workers == 1
    assert few.kept_days == pytest.approx(2 * many.kept_days)
    # A database keeps more.
    assert machines(replace(SMALL, questions=40)).kept_days > many.kept_days


def test_a_costlier_question_needs_more_of_what_pays_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = machines(replace(LARGE, questions=200))
    dear = replace(capacity.CLUSTER_QUESTION, value=10 * capacity.CLUSTER_QUESTION.value)
    monkeypatch.setattr(capacity, "CLUSTER_QUESTION", dear)
    after = machines(replace(LARGE, questions=200))
    assert after.nodes * after.node_cores > before.nodes * before.node_cores
    assert after.shards == before.shards


def test_every_cost_says_where_it_comes_from() -> None:
    assert len(capacity.COSTS) > 20
    for cost in capacity.COSTS:
        assert cost.value > 0
        place = cost.source.split(":")[0].split(",")[0]
        if "/" in place:
            assert (ROOT / place).exists(), cost


def test_the_limits_are_where_the_machines_reach_them() -> None:
    def limit(words: str) -> float:
        (found,) = (limit.reached_at for limit in limits() if words in limit.what)
        return found

    rate = 10 * limit("a file keeps")  # at the busiest time
    assert machines(replace(SMALL, questions=rate)).kept_days == pytest.approx(30)
    assert machines(replace(SMALL, questions=2 * rate)).kept_days == pytest.approx(15)
    guilds = round(limit("logins of a day"))
    assert 10 * machines(replace(SMALL, guilds=guilds)).shards == 1_000
    passages = round(limit("more than a day"))
    assert machines(replace(SMALL, passages=passages)).index_seconds == pytest.approx(86_400)


def test_one_community_is_computed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--passages", "20000000", "--guilds", "3000", "--questions", "10", "--json"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    (community,) = told["communities"]
    assert (community["passages"], community["shards"], community["nodes"]) == (20_000_000, 2, 3)
    assert {"value", "unit", "source"} == told["costs"][0].keys()
    assert told["limits"]


@pytest.mark.parametrize(
    "wrong",
    [
        "--passages 0",
        "--passages many",
        "--passages 9 --questions nan",
        "--guilds 3",
        "--questions 1",
    ],
)
def test_what_is_no_community_is_told(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong.split())
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("python -m bench capacity: error: ")


def test_the_page_holds_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    page = (ROOT / "docs" / "scaling.md").read_text("utf-8")
    for table in capsys.readouterr().out.strip().split("\n\n"):
        assert table in page


def test_what_the_page_reckons_with_are_the_costs() -> None:
    page = (ROOT / "docs" / "scaling.md").read_text("utf-8")
    prose = page.partition("**At 100,000,000 passages**")[2].partition("## Costs")[0]
    reckoned = (
        "OPENING OPEN_SECONDS ARTICLE PASSAGES CLUSTER_WRITING CLUSTER_DISK FILLED KEPT_THERE PART"
    )
    reckoned += " SESSIONS WRITING SHARD LOGINS IDENTIFY MESSAGE CLUSTER_QUESTION CLUSTER_GROWTH"
    for name in reckoned.split():
        value = f"{getattr(capacity, name).value:,}"
        assert re.search(rf"(?<![\d.,]){re.escape(value)}(?![\d.,]\d)", prose), name
