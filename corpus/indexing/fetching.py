"""What a git repository gives for a job; of a folder, nothing."""

from dataclasses import dataclass

from corpus.indexing.job import Job, Listener
from corpus.model import Progress


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a repository gave; of a folder, nothing."""

    commit: str | None = None
    links: tuple[str, ...] = ()
    """Paths of what may be posts but is a symbolic link."""
    problem: str | None = None
    """Why there may be a newer commit."""
    fetched_at: str | None = None
    """ISO 8601, UTC: when ``commit`` was last known to be the newest."""


def fetch(job: Job, on_progress: Listener) -> Fetched:
    """Bring a repository's posts up to date; a folder is as it is.

    Raises:
        ArchiveError: the repository cannot be read, and there is no copy from before.
        OSError: the disk is full or cannot be written.
    """
    remote = job.remote
    if remote is None:
        return Fetched()
    # Only here: who indexes a folder needs no git.
    from corpus.archive import repository  # noqa: PLC0415

    def report(received: int) -> None:
        on_progress(Progress("fetch", received, 0))

    report(0)
    checkout, problem = repository.update(remote, job.checkout, report)
    return Fetched(checkout.commit, tuple(checkout.links), problem, checkout.fetched_at)
