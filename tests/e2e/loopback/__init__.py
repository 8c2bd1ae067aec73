"""A loopback Discord: its REST API and gateway over real sockets, in a process of its own.

`client.Loopback` starts it and is all that a test needs. Inside, `__main__` serves `rest` and
`gateway` to the bot and `control` to the test; what happens is written to one `journal`, which the
test follows instead of polling.
"""
