"""Given weighted terms, which passages of a cluster score best? Through opensearch-py."""
