import pytest

from corpus.engines.opensearch.address import ClusterAddress
from corpus.errors import CorpusError


def test_an_address_has_several_nodes_a_name_and_credentials() -> None:
    address = ClusterAddress.parse("https://me:p%40ss@h1:9201,h2,[2001:db8::1]:9300/posts")
    assert str(address) == "https://h1:9201,h2:9200,[2001:db8::1]:9300/posts"
    assert (address.username, address.password) == ("me", "p@ss")
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize("text", ["http://localhost:9200", "http://127.0.0.1:9200/"])
def test_the_name_is_footnote_unless_the_address_has_one(text: str) -> None:
    assert ClusterAddress.parse(text).name == "footnote"


@pytest.mark.parametrize(
    "text",
    [
        "http://me:pass@127.0.0.1:9200",
        "http://10.1.2.3:9200,192.168.1.2:9200",
        "http://opensearch:9200",
        "http://search.internal:9200",
    ],
)
def test_plain_http_is_for_this_machine_and_without_a_password_for_private_networks(
    text: str,
) -> None:
    assert not ClusterAddress.parse(text).is_encrypted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://me:secret@10.1.2.3:9200", "where it holds a password"),
        ("http://example.org:9200", "for private networks only"),
        ("http://8.8.8.8:9200", "for private networks only"),
        ("https://me@h1:9200", "both a user and a password"),
        ("https://me:@h1:9200", "both a user and a password"),
        ("https://me:secret@h1:9200/Posts", "lower-case letters"),
        ("https://me:secret@h1:9200/a/b", "lower-case letters"),
        ("https://me:secret@h1:port", "names of hosts"),
        ("https://me:secret@h1:99999", "names of hosts"),
        ("https://me:secret@h1,,h2", "names of hosts"),
        ("https://", "names of hosts"),
        ("https://h1:9200/posts?x=1", "address of an OpenSearch cluster"),
        ("ftp://h1", "address of an OpenSearch cluster"),
        ("https://h1 /posts", "spaces"),
    ],
)
def test_another_address_is_refused_in_one_clause_without_its_password(
    text: str, reason: str
) -> None:
    with pytest.raises(CorpusError, match=reason) as raised:
        ClusterAddress.parse(text)
    assert "secret" not in str(raised.value)
