"""Given weighted terms, which passages score best? One engine a folder or module."""
