"""The archive library: reads a folder of articles, indexes it, and finds the passages that answer.

Knows nothing of Discord. :class:`corpus.library.Library` is the way in; :mod:`corpus.model` has the
records it returns and :mod:`corpus.errors` what it raises. Nothing is imported here, so that a
process that reads articles loads nothing that answers questions.
"""
