"""Where articles come from, for processes that read them and for those that only name them.

Whoever answers questions must not load what parses articles: that takes a while, and it is no
business of a process that nobody may kill.
"""

from dataclasses import dataclass
from pathlib import Path

from corpus.analyzer import Analyzer


@dataclass(frozen=True, slots=True)
class Source:
    """What workers read and how. Paths are absolute."""

    archive: str
    data_dir: str
    user_dict: str | None = None

    def analyzer(self, *, prefer_fast: bool = False) -> Analyzer:
        """Return the analyzer that this archive's index needs.

        Raises:
            CorpusError: the user dictionary cannot be read.
        """
        user_dict = Path(self.user_dict) if self.user_dict else None
        return Analyzer(user_dict, cache_dir=Path(self.data_dir), prefer_fast=prefer_fast)
