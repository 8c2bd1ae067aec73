"""The PostgreSQL of a test run, and the database in it that a test has for itself."""

import os
from collections.abc import Iterator
from secrets import token_hex
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.postgres.server import NoServerError, Server

on_postgres = pytest.mark.xdist_group("postgres")
"""Marks tests of PostgreSQL: one process of a test run has them all, and starts it once."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Start a PostgreSQL; skip where that is impossible, but fail where CI runs."""
    try:
        with Server() as server:
            yield server
    except NoServerError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(str(error))


@pytest.fixture
def own_server(postgres_server: Server) -> Iterator[Server]:
    """Give a PostgreSQL that may be killed, without a state; it runs again after the test."""
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS footnote CASCADE")
    yield postgres_server
    postgres_server.kill()
    postgres_server.start()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> str:
    """Give the address of a database whose user may create others: POSTGRES_URL, or our own."""
    if url := os.environ.get("POSTGRES_URL"):
        return url
    server: Server = request.getfixturevalue("postgres_server")
    return server.url("postgres")


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """Give the address of a database that no other test run has."""
    name = f"test_{token_hex(6)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(postgres)._replace(path=f"/{name}").geturl()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """Give a DATABASE_URL that holds nothing yet."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS footnote CASCADE")
    return postgres_database
