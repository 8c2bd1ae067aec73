"""What users type: cleaned, and held to the limits that only Discord's own clients keep."""

from bot.interactions.responses import UserError


def clean(text: str | None, name: str, *, max_chars: int) -> str | None:
    """Return a text without surrounding spaces; ``None`` where nothing is left.

    Discord passes on half surrogate pairs, which no file and no database can hold: they are
    replaced. Its limits hold for its own clients only, so they are checked again.

    Args:
        text: the text; ``None``: it was left out.
        name: what the user's language calls it.
        max_chars: the most characters it may have.

    Raises:
        UserError: it is too long.
    """
    if text is None:
        return None
    if len(text) > max_chars:
        raise UserError("error-too-long", option=name, most=max_chars)
    return text.encode("utf-8", "replace").decode().strip() or None
