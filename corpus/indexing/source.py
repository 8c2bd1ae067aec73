"""What is indexed: where its files are, and by which words they are segmented."""

from dataclasses import dataclass
from pathlib import Path

from corpus.analysis.analyzer import Analyzer


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
