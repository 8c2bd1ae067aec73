from bench.growing import grown
from corpus.model import Article, Paragraph

TEXTS = ["甲乙丙，丁戊己。庚辛", "一二三四。五六七八，九十", "沒有標點也可以"]


def article(number: int) -> Article:
    paragraphs = tuple(map(Paragraph, TEXTS))
    return Article(
        number, f"{number}.md", f"題目{number}，副題", None, "", "", None, (), paragraphs
    )


def test_an_archive_grows_to_the_requested_number_of_passages() -> None:
    articles = [article(0), article(1)]
    for count in (0, 1, 4, 6, 7, 100):
        assert sum(len(article.paragraphs) for article in grown(articles, count)) == count


def test_the_original_comes_first_and_new_articles_are_the_same_each_time() -> None:
    articles = [article(0), article(1)]
    larger = list(grown(articles, 60))
    assert larger == list(grown(articles, 60))
    assert larger[:2] == articles
    halves = {text[:cut] for text in TEXTS for cut in range(len(text) + 1)}
    for new in larger[2:]:
        assert all(any(p.text.startswith(half) for half in halves if half) for p in new.paragraphs)
