"""The buttons and selects under an answer. They need nothing of the process that made them."""
