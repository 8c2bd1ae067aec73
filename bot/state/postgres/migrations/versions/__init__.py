"""One module a revision. Never edit one that has been released: add another."""
