"""The tables of the state, and how a file of an earlier version gets them."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

APPLICATION_ID = 0x466F6F74  # "Foot"

# Each brings the schema from its index to the next number, in one transaction. Never edit one that
# has been released: add another.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE keyring (name TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT",
        "CREATE TABLE guild (id INTEGER PRIMARY KEY, locale TEXT) STRICT",
        """CREATE TABLE question (
            id INTEGER PRIMARY KEY,
            at REAL NOT NULL,
            text TEXT NOT NULL,
            user BLOB NOT NULL,
            guild INTEGER,
            locale TEXT NOT NULL,
            hits INTEGER NOT NULL,
            elapsed_ms REAL NOT NULL
        ) STRICT""",
        "CREATE INDEX question_at ON question (at)",
        """CREATE TABLE command_sync (
            application INTEGER NOT NULL,
            guild INTEGER NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (application, guild)
        ) STRICT, WITHOUT ROWID""",
    ),
    (
        # What a server's moderators chose; NULL: they chose nothing.
        "ALTER TABLE guild ADD COLUMN private INTEGER",
        "ALTER TABLE guild ADD COLUMN page_size INTEGER",
        # None of a guild: every channel.
        """CREATE TABLE guild_channel (
            guild INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            PRIMARY KEY (guild, channel)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE guild_without_source (
            guild INTEGER NOT NULL,
            source TEXT NOT NULL,
            PRIMARY KEY (guild, source)
        ) STRICT, WITHOUT ROWID""",
        # What the buttons under an answer need to know; gone with the questions' age.
        """CREATE TABLE answer (
            key TEXT PRIMARY KEY,
            at REAL NOT NULL,
            user BLOB NOT NULL,
            asked TEXT NOT NULL,        -- JSON
            shared INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX answer_at ON answer (at)",
        """CREATE TABLE answer_passage (
            answer TEXT NOT NULL REFERENCES answer (key) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            path TEXT NOT NULL,
            ordinal INTEGER NOT NULL,
            duplicates TEXT NOT NULL,   -- JSON
            PRIMARY KEY (answer, number),
            UNIQUE (answer, path, ordinal)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE vote (
            answer TEXT NOT NULL REFERENCES answer (key) ON DELETE CASCADE,
            user BLOB NOT NULL,
            helpful INTEGER NOT NULL,
            PRIMARY KEY (answer, user)
        ) STRICT, WITHOUT ROWID""",
        # The name of the channel is what it was called then: it is not asked for again.
        """CREATE TABLE watch (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            channel_name TEXT NOT NULL,
            question TEXT NOT NULL COLLATE NOCASE,
            source TEXT,
            author TEXT,
            tag TEXT,
            at REAL NOT NULL,
            posted_at REAL,
            UNIQUE (channel, question)
        ) STRICT""",
        "CREATE INDEX watch_guild ON watch (guild)",
        # What is to be posted, in this order; gone once it is. The nonce lets Discord know a
        # message that it was already sent.
        """CREATE TABLE watch_post (
            id INTEGER PRIMARY KEY,
            watch INTEGER NOT NULL REFERENCES watch (id) ON DELETE CASCADE,
            nonce TEXT NOT NULL UNIQUE,
            blocks TEXT NOT NULL,       -- JSON
            more INTEGER NOT NULL,      -- articles that are only counted; 0: an article itself
            found_at REAL NOT NULL
        ) STRICT""",
        "CREATE INDEX watch_post_watch ON watch_post (watch)",
        # The articles that watches have looked at, by URL or path.
        "CREATE TABLE known_article (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    ),
    (
        "CREATE INDEX question_user ON question (user, at)",
        # Holds all that the admins' page counts, in the order in which it is counted.
        "CREATE INDEX question_text ON question (text, at, hits)",
        "CREATE INDEX answer_user ON answer (user)",
        "CREATE INDEX vote_user ON vote (user)",
        # A damaged file that was moved away, and what was carried over from it.
        """CREATE TABLE damage (
            file TEXT PRIMARY KEY,
            guilds INTEGER NOT NULL,
            watches INTEGER NOT NULL,
            is_whole INTEGER NOT NULL,  -- 0: there may have been more of them
            copy TEXT                   -- what could not be read came from this one
        ) STRICT""",
    ),
    (
        # Finds the last questions of a server, of which /help offers those that several asked.
        "CREATE INDEX question_guild ON question (guild, at)",
    ),
    (
        # A member who has watches of their own. Their watches are of guild 0.
        """CREATE TABLE recipient (
            channel INTEGER PRIMARY KEY, -- of the direct messages between the member and the bot
            user BLOB NOT NULL UNIQUE,
            locale TEXT NOT NULL,
            failures INTEGER NOT NULL    -- messages in a row that Discord did not let through
        ) STRICT""",
        # Of a regular list: which, and the first day of the day or week of the last one made. Its
        # question is the kind after a space, which no question begins with. New columns of a
        # precious table come last and may be NULL, or a damaged file of before is not carried over.
        "ALTER TABLE watch ADD COLUMN kind TEXT",
        "ALTER TABLE watch ADD COLUMN period TEXT",
        # When it came; NULL: it was there when the archive was first seen.
        "ALTER TABLE known_article ADD COLUMN at REAL",
        "CREATE INDEX known_article_at ON known_article (at) WHERE at IS NOT NULL",
    ),
    (
        # The content of a passage, by which it is found after the archive has changed; empty: an
        # earlier version stored its place only.
        """CREATE TABLE shown_passage (
            answer TEXT NOT NULL REFERENCES answer (key) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            path TEXT NOT NULL,
            ordinal INTEGER NOT NULL,
            content BLOB NOT NULL,
            duplicates TEXT NOT NULL,   -- JSON
            PRIMARY KEY (answer, number),
            UNIQUE (answer, path, ordinal, content)
        ) STRICT, WITHOUT ROWID""",
        """INSERT INTO shown_passage
            SELECT answer, number, path, ordinal, x'', duplicates FROM answer_passage""",
        "DROP TABLE answer_passage",
        "ALTER TABLE shown_passage RENAME TO answer_passage",
        # The last answer in a thread or a direct message: what a question there goes on from.
        """CREATE TABLE conversation (
            channel INTEGER PRIMARY KEY,
            answer TEXT NOT NULL REFERENCES answer (key) ON DELETE CASCADE
        ) STRICT""",
        "CREATE INDEX conversation_answer ON conversation (answer)",
    ),
)
VERSION = len(MIGRATIONS)

PRECIOUS = (
    "keyring",
    "guild",
    "guild_channel",
    "guild_without_source",
    "recipient",
    "watch",
    "watch_post",
    "known_article",
)
"""The tables that are copied every day, and carried over from a damaged file.

The questions and answers are in no copy. Of a user they hold only the watches of their own, which
`/forget` deletes from the copies, too.
"""


def migrate(connection: sqlite3.Connection, version: int, to: int = VERSION) -> None:
    """Bring the schema from one version to another, or not at all."""
    with transaction(connection):
        for statements in MIGRATIONS[version:to]:
            for sql in statements:
                connection.execute(sql)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {to}")


def empty_database(version: int = VERSION) -> sqlite3.Connection:
    """Return a database in memory with the tables of a version."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, 0, version)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Generator[None]:
    """Commit what the block writes, or undo all of it."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk ends it by itself
            connection.rollback()
        raise
    connection.commit()
