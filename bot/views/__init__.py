"""The buttons and selects under messages. They need nothing of the process that made them."""
