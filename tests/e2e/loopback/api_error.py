"""api_error: how does Discord say no? One exception, and the JSON body it becomes."""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]
"""Where in a request body the fault is, such as `("embeds", 0, "title")`."""


class ApiError(Exception):
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

    def length(self, path: Path, text: object, minimum: int, maximum: int) -> None:
        """Note a fault unless `text` is a string of `minimum` to `maximum` characters."""
        if not isinstance(text, str):
            if text is not None or minimum:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(text) > maximum:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {maximum} or fewer in length.")
        elif len(text) < minimum:
            self.add(path, "BASE_TYPE_MIN_LENGTH", f"Must be {minimum} or more in length.")

    def count(self, path: Path, things: list[Any], minimum: int, maximum: int) -> None:
        """Note a fault unless there are `minimum` to `maximum` things."""
        if not minimum <= len(things) <= maximum:
            message = f"Must be between {minimum} and {maximum} in length."
            self.add(path, "BASE_TYPE_BAD_LENGTH", message)

    def raise_if_any(self) -> None:
        """Raise all that was noted as one 50035.

        Raises:
            ApiError: Something was noted.
        """
        if self._tree:
            raise ApiError(400, 50035, "Invalid Form Body", errors=self._tree)
