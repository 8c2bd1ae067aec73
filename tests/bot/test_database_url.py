"""DATABASE_URL: its forms, and that its password is nowhere to be seen."""

import pytest

from bot.database_url import DatabaseUrl

PASSWORD = "s3cret:@/%é"  # noqa: S105
QUOTED = "s3cret%3A%40%2F%25%C3%A9"


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        (
            f"postgresql://me:{QUOTED}@127.0.0.1:5433/footnote",
            "postgresql://127.0.0.1:5433/footnote",
            {
                "host": "127.0.0.1",
                "port": "5433",
                "user": "me",
                "password": PASSWORD,
                "dbname": "footnote",
            },
        ),
        (
            "postgres://me@[::1]/f",
            "postgresql://[::1]/f",
            {"host": "::1", "user": "me", "dbname": "f"},
        ),
        (
            "postgresql://db1:5432,db2/f?target_session_attrs=read-write",
            "postgresql://db1:5432,db2/f",
            {
                "host": "db1,db2",
                "port": "5432,5432",
                "dbname": "f",
                "target_session_attrs": "read-write",
            },
        ),
        (
            "postgresql:///f?host=/run/postgresql",
            "postgresql:///run/postgresql/f",
            {"host": "/run/postgresql", "dbname": "f"},
        ),
        (
            "postgresql://db.example.com/f",
            "postgresql://db.example.com/f",
            {"host": "db.example.com", "dbname": "f", "sslmode": "require"},
        ),
        (
            "postgresql://db.example.com/f?sslmode=verify-full",
            "postgresql://db.example.com/f",
            {"host": "db.example.com", "dbname": "f", "sslmode": "verify-full"},
        ),
        (
            "postgresql://10.0.0.3/f?sslmode=disable",
            "postgresql://10.0.0.3/f",
            {"host": "10.0.0.3", "dbname": "f", "sslmode": "disable"},
        ),
    ],
)
def test_an_address_becomes_what_libpq_is_given(
    text: str, name: str, parameters: dict[str, str]
) -> None:
    url = DatabaseUrl.parse(text)
    assert str(url) == name
    assert url.parameters == parameters


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mysql://me:hidden@h/f", "must be empty or the address"),
        ("me:hidden@h/f", "must be empty or the address"),
        ("postgresql://me:hidden/part@h/f", "must be empty or the address"),
        ("postgresql://me:hidden#part@h/f", "must be empty or the address"),
        ("postgresql://me:hid den@h/f", "must not hold spaces"),
        ("postgresql://me:hidden@h:port/f", "must hold the names of hosts"),
        ("postgresql://me:hidden@/f", "must hold the name of a host"),
        ("postgresql://me:hidden@h/", "must end with the name of a database"),
        ("postgresql://me:hidden@h", "must end with the name of a database"),
        ("postgresql://me:hidden@db.example.com/f?sslmode=prefer", "must not switch encryption"),
        ("postgresql://me:hidden@h/f?hostaddr=8.8.8.8&sslmode=allow", "must not switch encryption"),
    ],
)
def test_what_is_no_address_is_told_without_its_password(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        DatabaseUrl.parse(text)
    assert "hidden" not in str(caught.value)
    assert "hid den" not in str(caught.value)


@pytest.mark.parametrize(
    "text", [f"postgresql://me:{QUOTED}@h/f", f"postgresql://me@h/f?password={QUOTED}"]
)
def test_a_password_is_a_secret_and_in_no_representation(text: str) -> None:
    url = DatabaseUrl.parse(text)
    assert PASSWORD in url.secrets
    for shown in (repr(url), str(url)):
        assert PASSWORD not in shown
        assert "s3cret" not in shown
