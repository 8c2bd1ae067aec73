"""The index is damaged, or grows too large for the disk, while questions are asked."""

import os
import random
from pathlib import Path

import pytest

from corpus.engines.local import generation
from corpus.engines.local.article_store import ARTICLES
from corpus.engines.local.postings import FREQUENCIES, IDS, IMPACTS, PASSAGES, TERMS
from corpus.errors import CorpusError, DamagedError, IndexUnusableError
from corpus.library import Library
from tests.corpus.conftest import WritePost
from tests.disks import full_disk
from tests.soak import Soak

FILES = (ARTICLES, PASSAGES, TERMS, IDS, IMPACTS, FREQUENCIES, generation.MANIFEST)
QUESTION = "颱風"


def write_posts(write: WritePost) -> None:
    rng = random.Random(1)
    for number in range(60):
        words = "".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(80))
        write(f"post-{number}", f"颱風{words}", date="2024-01-01")


@pytest.mark.parametrize("name", [ARTICLES, IDS])
async def test_an_index_cut_off_while_open_is_quarantined_and_rebuilt(
    archive: Path, data_dir: Path, write_post: WritePost, name: str
) -> None:
    write_posts(write_post)
    async with Library(archive, data_dir) as library:
        await library.reindex()
        folder = generation.current(data_dir)
        # Reading a mapped file beyond its end would kill this process.
        os.truncate(folder / name, 0)
        with pytest.raises(DamagedError):
            await library.search(QUESTION)
        assert not library.is_open
        assert [path.name for path in data_dir.glob("index-*")] == [f"{folder.name}.damaged"]
        with pytest.raises(IndexUnusableError):
            await library.search(QUESTION)
        await library.reindex()
        assert (await library.search(QUESTION)).hits


async def test_a_damaged_file_never_affects_an_answer(
    archive: Path, data_dir: Path, write_post: WritePost, soak: Soak
) -> None:
    rng = random.Random(2)
    write_posts(write_post)
    rounds = soak.times(2, 40)
    async with Library(archive, data_dir) as library:
        await library.reindex()
        expected = [hit.passage.text for hit in (await library.search(QUESTION)).hits]
    for number in range(rounds):
        folder = generation.current(data_dir)
        path = folder / FILES[number % len(FILES)]
        content = bytearray(path.read_bytes())
        match rng.choice(["bit", "cut", "zero"]):
            case "bit":
                bit = rng.randrange(8 * len(content))
                content[bit // 8] ^= 1 << bit % 8
            case "cut":
                del content[rng.randrange(len(content)) :]
            case _:
                content[:] = bytes(len(content))
        path.write_bytes(content)
        async with Library(archive, data_dir) as library:
            with pytest.raises(IndexUnusableError):
                await library.open()
            await library.reindex()
            result = await library.search(QUESTION)
            assert [hit.passage.text for hit in result.hits] == expected
    soak.note("index truncated, zeroed, a bit flipped: noticed, rebuilt", f"{rounds} of {rounds}")


async def test_on_a_full_disk_the_old_index_answers_and_the_reason_is_one_sentence(
    archive: Path, data_dir: Path, write_post: WritePost, soak: Soak
) -> None:
    write_posts(write_post)
    async with Library(archive, data_dir) as library:
        await library.reindex()
        before = generation.current(data_dir)
        largest = max(path.stat().st_size for path in before.iterdir())
        rng = random.Random(4)
        rooms = [0, *(rng.randrange(largest) for _ in range(soak.times(1, 20)))]
        for room in rooms:
            with full_disk(room), pytest.raises(CorpusError) as failed:
                await library.reindex(full=True)
            sentence = str(failed.value)
            # SQLite reports a limit on a file's size as a disk error.
            reasons = (f"There is not enough space in {data_dir}: ", f"{data_dir} cannot be used: ")
            assert sentence.startswith(reasons), sentence
            assert "\n" not in sentence
            assert generation.current(data_dir) == before
            assert (await library.search(QUESTION)).hits
        report = await library.reindex(full=True)
        assert report.articles
        assert generation.current(data_dir) != before
        assert list(data_dir.glob("index-*")) == [generation.current(data_dir)]
    soak.note("a reindex on a full disk: the old index serves", f"{len(rooms)} of {len(rooms)}")
