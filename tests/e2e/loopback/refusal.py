"""refusal: how does Discord say no? One exception, and the JSON body it becomes."""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]
"""Where in a request body the fault is, such as `("embeds", 0, "title")`."""


class Refusal(Exception):  # noqa: N818 - an answer of Discord's, not a fault of this program
    """An error response with Discord's own error code."""

    def __init__(
        self, status: int, code: int, message: str, *, errors: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{status} {code} {message} {errors or ''}".rstrip())
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


class Faults:
    """Collects what is wrong with a request body, in the nested form Discord answers with."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one fault at `path`."""
        node = self._tree
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: Path, text: object, least: int, most: int) -> None:
        """Note a fault unless `text` is a string of `least` to `most` characters."""
        if not isinstance(text, str):
            if text is not None or least:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(text) > most:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif len(text) < least:
            self.add(path, "BASE_TYPE_MIN_LENGTH", f"Must be {least} or more in length.")

    def count(self, path: Path, things: list[Any], least: int, most: int) -> None:
        """Note a fault unless there are `least` to `most` things."""
        if not least <= len(things) <= most:
            message = f"Must be between {least} and {most} in length."
            self.add(path, "BASE_TYPE_BAD_LENGTH", message)

    def refuse(self) -> None:
        """Raise all that was noted as one 50035.

        Raises:
            Refusal: Something was noted.
        """
        if self._tree:
            raise Refusal(400, 50035, "Invalid Form Body", errors=self._tree)
