import io
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import __version__
from bot.cli.main import main
from tests.bot.conftest import kept_logging
from tests.corpus.git_server import Origin

QUESTION = "颱風的名字是由誰提供的"

Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.usefixtures("logging_restored")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with the index of the bundled sample."""
    folder = tmp_path_factory.mktemp("var")
    with pytest.MonkeyPatch.context() as patch, kept_logging():
        patch.setenv("DATA_DIR", str(folder))
        patch.delenv("ARCHIVE", raising=False)
        assert main(["reindex"]) == 0
    return folder


@pytest.fixture
def run(
    tmp_path: Path,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Give what runs one command line and returns its status, output and complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    for name in ("ARCHIVE", "DISCORD_TOKEN", "USER_DICT"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, standard_input: str = "", **environment: str) -> tuple[int, str, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", io.StringIO(standard_input))
        status = main(arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_a_question_is_answered_with_its_link_and_date(run: Run) -> None:
    status, output, _ = run("ask", QUESTION)
    assert status == 0
    assert "https://ex" in output
    assert "2015-06-18" in output or "2019-07-05" in output


def test_no_command_waits_until_the_search_is_compiled(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AssertionError("it was compiled")

    monkeypatch.setattr("corpus.engines.local.compiled.compile_all", refuse)
    status, output, complaints = run("ask", QUESTION, SEARCH_URL="compiled:")
    assert (status, complaints) == (0, "")
    assert "https://ex" in output


def test_a_first_question_builds_the_index_and_says_so_beside_the_answer(
    run: Run, tmp_path: Path
) -> None:
    status, output, complaints = run("ask", "--json", QUESTION, DATA_DIR=str(tmp_path / "new"))
    assert status == 0
    assert "no index yet" in complaints
    assert json.loads(output)["hits"]


def test_json_has_the_fields_that_scripts_read(run: Run) -> None:
    _, output, _ = run("ask", "--json", "--limit", "2", QUESTION)
    result = json.loads(output)
    assert list(result) == [
        "question",
        "outcome",
        "conditions",
        "searched",
        "total",
        "elapsed_ms",
        "hits",
        "suggestions",
        "notice",
    ]
    assert result["question"] == QUESTION
    assert (result["suggestions"], result["notice"]) == ([], None)
    assert [hit["rank"] for hit in result["hits"]] == [1, 2]
    assert result["total"] >= 2
    hit = result["hits"][0]
    assert list(hit) == [
        *("rank", "score", "title", "author", "source", "date", "url", "path", "ordinal"),
        *("passage", "highlights", "answer", "duplicates"),
    ]
    assert hit["author"] == "Footnote"
    assert hit["path"].startswith("_posts/")
    answer = hit["answer"]
    assert hit["passage"][answer["start"] : answer["end"]] == answer["text"]
    marked = [hit["passage"][start:end] for start, end in hit["highlights"]]
    assert any("颱風" in text or "名字" in text for text in marked)


def test_a_question_a_line_gives_an_object_a_line_in_order(run: Run) -> None:
    questions = [QUESTION, "", "黑面琵鷺的嘴像什麼", "！？"]
    status, output, _ = run("ask", "--json", "-", standard_input="\n".join(questions) + "\n")
    results = [json.loads(line) for line in output.splitlines()]
    assert status == 0
    assert [result["question"] for result in results] == questions
    assert [bool(result["hits"]) for result in results] == [True, False, True, False]


@pytest.mark.parametrize("question", ["", "   ", "？！…"])
def test_an_empty_question_gets_a_sentence(run: Run, question: str) -> None:
    status, output, complaints = run("ask", question)
    assert (status, complaints) == (0, "")
    assert "no word to look for" in output
    assert "2015" in output


def test_a_question_about_nothing_in_the_archive_is_told_what_there_is(run: Run) -> None:
    status, output, _ = run("ask", "Kubernetes ingress")
    assert status == 0
    assert "Nothing was found." in output
    assert "科普小站" in output


def test_a_timeline_is_told_oldest_first(run: Run) -> None:
    status, output, _ = run("timeline", "--after", "2016", "--before", "2019", "颱風")
    lines = output.splitlines()
    days = [line[:10] for line in lines if line[:4].isdigit()]
    assert status == 0
    assert days == sorted(days)
    assert {day[:4] for day in days} <= {"2016", "2017", "2018", "2019"}
    assert f"{len(days)} of " in lines[-1]


def test_a_timeline_is_given_as_json(run: Run) -> None:
    _, output, _ = run("timeline", "--json", "颱風")
    told = json.loads(output)
    assert told["days"] >= len(told["hits"]) > 1
    assert told["hits"][0]["date"] < told["hits"][-1]["date"]


def test_filters_and_order_reach_the_search(run: Run) -> None:
    options = ("--source", "科普小站", "--after", "2019", "--sort", "oldest", "--limit", "50")
    _, output, _ = run("ask", "--json", *options, "颱風")
    hits = json.loads(output)["hits"]
    days = [hit["date"][:10] for hit in hits]
    assert hits
    assert {hit["source"] for hit in hits} == {"科普小站"}
    assert days == sorted(days)
    assert days[0] >= "2019"


def test_explain_shows_the_score_in_its_parts(run: Run) -> None:
    _, output, _ = run("ask", "--explain", "--limit", "1", "颱風")
    assert "score" in output
    assert "台风" in output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("ask", "--after", "soon", "颱風"), "“soon” is not a date"),
        (("ask", "--after", "2020", "--before", "2019", "颱風"), "The dates leave nothing"),
    ],
)
def test_wrong_usage_is_one_sentence(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    status, output, complaints = run(*arguments)
    assert (status, output) == (2, "")
    assert complaint in complaints
    assert complaints.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [("ask",), ("ask", "--limit", "0", "颱風"), ("ask", "--sort", "best", "颱風"), ("answer",)],
)
def test_unknown_options_exit_with_usage(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(*arguments)
    assert exit_.value.code == 2


def test_an_archive_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    status, _, complaints = run("ask", "颱風", ARCHIVE=str(tmp_path / "nowhere"))
    assert status == 2
    assert "nowhere" in complaints
    assert complaints.count("\n") == 1


def test_a_data_folder_that_cannot_be_made_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, _, complaints = run("reindex", DATA_DIR=str(tmp_path / "file" / "var"))
    assert status == 1
    assert complaints.count("\n") == 1


def test_check_prints_its_report_and_nothing_that_libraries_say(run: Run) -> None:
    status, output, complaints = run("check", ARCHIVE="https://127.0.0.1:1/posts.git")
    assert status == 1
    assert "cannot be reached: Connection refused" in output
    assert complaints == ""
    assert "Retry" not in output


def test_a_misspelt_token_is_told_beside_the_missing_one(run: Run) -> None:
    status, _, complaints = run(DISCORD_TOKN="a-secret")
    assert status == 2
    assert "The environment sets DISCORD_TOKN, which nothing reads: is DISCORD_TOKEN" in complaints
    assert "a-secret" not in complaints


def test_without_a_token_the_bot_says_where_to_get_one(run: Run) -> None:
    status, output, complaints = run()
    assert (status, output) == (2, "")
    assert "https://discord.com/developers/applications" in complaints
    assert complaints.count("\n") == 1


def test_reindex_reports_as_text_and_as_json(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "a.md").write_text(
        "---\ntitle: 茶\n---\n烏龍茶是半發酵的茶，香氣很有變化。\n", "utf-8"
    )
    (archive / "b.md").write_bytes(b"\xff\xff")
    places = {"ARCHIVE": str(archive), "DATA_DIR": str(tmp_path / "var")}
    status, output, _ = run("reindex", "--json", **places)
    report = json.loads(output)
    assert status == 0
    assert (report["articles"], report["passages"], report["added"]) == (1, 1, 1)
    assert [file["path"] for file in report["skipped"]] == ["b.md"]
    assert report["reading"] == [{"source": "", "articles": 1, "read": 17, "left_out": {}}]
    _, output, _ = run("reindex", **places)
    assert "1 articles, 1 passages: nothing new" in output
    assert "b.md: is not UTF-8" in output
    status, output, _ = run("check", **places)
    assert status == 0
    assert "Index: 1 articles, 1 passages" in output
    assert "b.md: is not UTF-8" in output
    assert "Token: not set" in output


def test_reindex_says_how_much_of_each_source_was_read(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    page = "<nav>首頁</nav><p>烏龍茶是半發酵的茶，香氣很有變化。</p><p>圖片來源：某某</p>"
    for i in range(11):
        head = f"---\ntitle: 茶\ncategories: [第{i}站]\n---\n"
        (archive / f"{i:02}.html").write_text(head + page, "utf-8")
    places = {"ARCHIVE": str(archive), "DATA_DIR": str(tmp_path / "var")}
    _, _, complaints = run("ask", "茶", **{**places, "DATA_DIR": str(tmp_path / "new")})
    assert "11 articles, 11 passages" in complaints
    assert "Characters" not in complaints  # who asks waits for an answer
    _, output, _ = run("reindex", **places)
    assert "Characters read and left out of 11 sources:" in output
    assert "  第0站: 17 read, 9 left out (caption 7, navigation 2)" in output
    assert "… and 1 more" in output
    _, output, _ = run("reindex", **places)
    assert "Characters" not in output


def test_check_shows_a_post_as_it_is_read_beside_what_is_left_out(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    (archive / "_posts").mkdir(parents=True)
    page = "<nav>首頁</nav><h2>茶</h2><p>烏龍茶是半發酵的茶。</p><p>圖片來源：某某</p>"
    post = archive / "_posts" / "2021-01-01-a.html"
    post.write_text(f"---\ntitle: 說明\n---\n{page}", "utf-8")
    places = {"ARCHIVE": str(archive), "DATA_DIR": str(tmp_path / "var")}
    for path in ("_posts/2021-01-01-a.html", str(post)):
        status, output, _ = run("check", "--reading", path, **places)
        assert status == 0
        assert "Read, 11 characters:\n  § 茶\n  烏龍茶是半發酵的茶。\n" in output
        assert "9 left out (caption 7, navigation 2)" in output
        assert "  navigation  首頁\n  caption     圖片來源：某某\n" in output
    assert not (tmp_path / "var").exists()


def test_check_says_of_a_file_that_cannot_be_read_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.md").write_bytes(b"\xff\xff")
    places = {"ARCHIVE": str(tmp_path), "DATA_DIR": str(tmp_path / "var")}
    status, output, _ = run("check", "--reading", "b.md", **places)
    assert (status, output) == (1, "b.md: is not UTF-8 text (byte 0)\n")
    status, output, _ = run("check", "--reading", "gone.md", **places)
    assert (status, output) == (1, "gone.md: cannot be read: No such file or directory\n")


def test_reindex_says_of_a_repository_that_cannot_be_asked_how_old_the_copy_is(
    run: Run, tmp_path: Path
) -> None:
    origin = Origin(tmp_path / "origin")
    commit = origin.commit({"a.md": "---\ntitle: 茶\n---\n烏龍茶是半發酵的茶，香氣很有變化。\n"})
    places = {"ARCHIVE": f"file://{origin.folder}", "DATA_DIR": str(tmp_path / "var")}
    _, output, _ = run("reindex", "--json", **places)
    report = json.loads(output)
    assert (report["commit"], report["problem"]) == (commit, None)
    origin.folder.rename(tmp_path / "elsewhere")
    _, output, _ = run("reindex", "--json", **places)
    again = json.loads(output)
    assert (again["commit"], again["fetched_at"]) == (commit, report["fetched_at"])
    assert "There is no git repository" in again["problem"]
    _, output, _ = run("reindex", **places)
    assert "There is no git repository" in output
    assert "The copy from less than a minute ago serves on." in output


def test_a_file_name_cannot_write_on_the_terminal(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "posts"
    archive.mkdir()
    (archive / "\x1b[2J\n.md").write_text("", "utf-8")
    (archive / "\x1b]0;茶\x07.md").write_text("高山茶種在海拔一千公尺以上。", "utf-8")
    var = str(tmp_path / "new")
    status, output, _ = run("reindex", ARCHIVE=str(archive), DATA_DIR=var)
    assert (status, "\x1b" in output) == (0, False)
    assert "  [2J .md: holds no text" in output
    status, output, _ = run("ask", "高山茶", ARCHIVE=str(archive), DATA_DIR=var)
    assert (status, "\x1b" in output) == (0, False)
    assert "]0;茶.md (no link)" in output


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029"])
def test_a_json_line_is_one_line_for_every_reader(run: Run, char: str) -> None:
    status, output, _ = run("ask", "--json", "-", standard_input=f"颱{char}風")
    assert status == 0
    (line,) = output.splitlines()
    assert json.loads(line)["question"] == f"颱{char}風"


@pytest.mark.parametrize("value", ["\udcff", "\x1b[2J", "'; DROP TABLE articles; --", "x" * 9_000])
def test_any_bytes_may_stand_in_an_option(run: Run, value: str) -> None:
    status, output, _ = run(
        "ask", "--json", "--source", value, "--author", value, "--tag", value, QUESTION
    )
    assert (status, output.count("\n"), "total" in json.loads(output)) == (0, 1, True)


@pytest.mark.parametrize("value", ["\x1b[2J", "'; DROP TABLE articles; --", "x" * 9_000])
def test_what_is_no_date_is_one_sentence_whatever_it_holds(run: Run, value: str) -> None:
    status, output, complaints = run("ask", "--json", "--after", value, QUESTION)
    assert (status, output) == (2, "")
    assert len(complaints.splitlines()) == 1


def test_check_without_an_index_says_how_to_get_one(run: Run, tmp_path: Path) -> None:
    status, output, _ = run("check", DATA_DIR=str(tmp_path / "new"))
    assert status == 1
    assert "python -m bot reindex" in output
    assert not (tmp_path / "new").exists()


def test_a_child_inherits_no_secret_of_the_environment(run: Run, tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    secrets = {
        "DISCORD_TOKEN": "x" * 40,
        "SEARCH_URL": "https://keeper:of-the-cluster@127.0.0.1:1",
        "SENTRY_DSN": "https://key-of-the-project@127.0.0.1/1",
    }
    _, output, _ = run("check", ARCHIVE=str(posts), DATA_DIR=str(tmp_path / "none"), **secrets)
    assert not {"ARCHIVE", *secrets} & os.environ.keys()
    assert "127.0.0.1:1" in output
    assert not [s for s in ("xxx", "of-the-cluster", "key-of-the-project") if s in output]


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (("rendex",), "reindex"),
        (("state", "restroe", "x"), "restore"),
        (("ask", "--sort", "newst", "颱風"), "newest"),
        (("xyzzy",), None),
    ],
)
def test_a_misspelt_command_is_told_with_the_nearest_one(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], nearest: str | None
) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(*arguments)
    complaint = capsys.readouterr().err
    assert exit_.value.code == 2
    assert "invalid choice" in complaint
    assert complaint.endswith(f"; did you mean {nearest}?\n") is (nearest is not None)


def test_the_version_is_told_without_any_setting(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        run("--version", ARCHIVE="nowhere")
    assert (exit_.value.code, capsys.readouterr().out) == (0, f"footnote {__version__}\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh", "powershell"])
def test_the_completion_of_a_shell_knows_every_command(run: Run, shell: str) -> None:
    status, script, _ = run("completion", shell)
    assert status == 0
    assert {name for name in ("ask", "reindex", "state", "init") if name not in script} == set()


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not there")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("rei",), ["reindex"]),
        (("state", ""), ["backup", "list", "move", "restore"]),
        (("reindex", "--f"), ["--full"]),
        (("ask", "--sort", "n"), ["newest"]),
    ],
)
def test_bash_completes_what_is_typed(
    run: Run, tmp_path: Path, typed: tuple[str, ...], offered: list[str]
) -> None:
    (tmp_path / "script").write_text(run("completion", "bash")[1])
    press_tab = (
        f"COMP_WORDS=(footnote {shlex.join(typed)}); COMP_CWORD={len(typed)};"
        f" . ./script; _shtab_footnote footnote {shlex.quote(typed[-1])} x;"
        ' printf "%s\\n" "${COMPREPLY[@]}"'
    )
    shown = subprocess.run(
        ["bash", "-c", press_tab],  # noqa: S607 (whichever is there)
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(shown.stdout.split()) == offered


def test_what_is_advised_is_called_as_the_program_was(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["/home/me/.local/bin/footnote", "check"])
    _, output, _ = run("check", DATA_DIR=str(tmp_path / "new"))
    assert "run `footnote reindex`" in output
    assert "python -m bot" not in output
