"""How does an archive become the next index? The child process, its workers, its parent."""
