"""An error -> one sentence for its user, and one line for the log."""

import logging
import sqlite3

from discord import app_commands

from bot.interactions import delivery, responses
from bot.localization import Formatter
from bot.messages import archive
from bot.messages.layout import Reply
from bot.monitoring import logs
from bot.state import DatabaseError
from corpus import CorpusError, EngineError, IndexUnusableError, Progress, QueryError, QueryFault

_log = logging.getLogger(__name__)


def error_reply(
    error: Exception, where: str, progress: Progress | None, t: Formatter
) -> Reply | None:
    """Return the message about ``error`` for its user; log what they cannot mend.

    Args:
        error: what was raised.
        where: what raised it, for the log.
        progress: of the running reindex; ``None``: none runs.
        t: the texts of the user's language.

    Returns:
        ``None`` if the user cannot be reached.
    """
    cause = cause_of(error)
    match cause:
        case delivery.UndeliveredError():
            _log.warning("%s was not answered: %s", where, cause)
            return None
        case IndexUnusableError() if progress is not None:
            return archive.building(progress, t)
        case _:
            return responses.sentence(_sentence(cause, where, t))


def cause_of(error: Exception) -> Exception:
    """Return what a command raised, without what discord.py puts around it."""
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def _sentence(cause: Exception, where: str, t: Formatter) -> str:
    match cause:
        case responses.UserError():
            if isinstance(cause, responses.PermissionDenied):
                _log.warning("Refused %s: %s.", where, cause.message_id)
            text = t(cause.message_id, **cause.arguments)
        case app_commands.CheckFailure():
            _log.warning("Refused %s: not an admin.", where)
            text = t("error-not-admin")
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            _log.warning("Refused %s: %s", where, cause)
            text = t("error-outdated")
        case IndexUnusableError():
            text = t("build-failed")
        case QueryError():
            text = _query_sentence(cause, t)
        case sqlite3.OperationalError() | DatabaseError():
            text = _state_sentence(cause, where, t)
        case EngineError():
            _log.warning("%s failed: %s", where, cause)  # it names hosts, which are not for members
            text = t("error-engine")
        case CorpusError():
            _log.warning("%s failed: %s", where, cause)
            text = _own_sentence(cause, t)
        case _:
            text = t("error-unexpected", id=logs.log_unexpected(cause, where))
    return text


def _state_sentence(cause: Exception, where: str, t: Formatter) -> str:
    if isinstance(cause, DatabaseError):
        _log.error("%s failed: %s.", where, cause)
        return t("error-database")
    _log.error("%s could not be saved: %s.", where, cause)
    return t("error-unsaved")


def _query_sentence(cause: QueryError, t: Formatter) -> str:
    match cause:
        case QueryError(kind=QueryFault.NO_TERM | QueryFault.TOO_MANY_TERMS):
            return t("error-trend-terms")
        case QueryError(kind=QueryFault.NOT_A_DATE, texts=(written,)):
            return t("error-date", written=responses.plain(written))
        case QueryError(kind=QueryFault.EMPTY_RANGE, texts=(first, last)):
            return t("error-date-range", first=first, last=last)
        case _:
            return _own_sentence(cause, t)


def _own_sentence(cause: CorpusError, t: Formatter) -> str:
    return t("error-archive", sentence=responses.plain(str(cause)))
