import time

import pytest

from corpus.archive.liquid import render
from tests.corpus.archive.bodies import LONG, OTHER, texts


def read(body: str, **page: str) -> list[str]:
    return texts(render(body, page))


@pytest.mark.parametrize(
    "comment",
    [
        "{% comment %}\n秘密，先不要刊出。\n\n{{ x }}\n{% endcomment %}",
        "{%- comment -%}秘密{%- endcomment -%}",
        "{%comment%}秘密{%endcomment%}",
        "{% # 秘密 %}",
        "{# 秘密 #}",
        "{{< comment >}}秘密{{< /comment >}}",
        "{% include note.html text='秘密' %}",
        "{% capture x %}{% endcapture %}",
        "{% capture x %}\n秘密\n{% endcapture %}",
        "{% if false %}\n秘密\n\n{% if page.x %}秘密{% else %}秘密{% endif %}{% endif %}",
        "{%- unless true -%}秘密{%- endunless -%}",
        "{% if true %}{% else %}秘密{% endif %}",
        "{% if false %}秘密{% elsif true %}{% elsif site.x %}秘密{% else %}秘密{% endif %}",
        '{%- assign x = "秘密" -%}',
        '{% include gallery\n  id="秘密"\n  width="300" %}',
        "{{ site.data.members[0].秘密 }}",
        "{{ content | 秘密: '%Y' }}",
        "{{ '秘密' | date: '%Y' }}",
        "{{< youtube 秘密 >}}",
        "{% asset_img secret.jpg 秘密 %}",
    ],
)
def test_what_a_template_does_not_show_is_left_out(comment: str) -> None:
    assert read(f"{LONG}\n\n{comment}\n\n{OTHER}") == [LONG, OTHER]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('表格在{{ "/files/a.pdf" | relative_url }}下載。', "表格在/files/a.pdf下載。"),
        ("表格在[這裡]({{ '/a.pdf' | prepend: site.url }})下載。", "表格在這裡下載。"),
        ("前情見[上一篇]({% post_url 2020-01-02-x %})的說明。", "前情見上一篇的說明。"),
        ("本篇是{{ page.title }}，共三段。", "本篇是颱風，共三段。"),
        ('{% assign n = "三百萬" %}預算是{{ n }}元整。', "預算是三百萬元整。"),
        ("{% capture n %}三百萬{% endcapture %}預算是{{ n }}元整。", "預算是三百萬元整。"),
        ("{% if page.title %}有標題。{% else %}沒有標題。{% endif %}", "有標題。"),
        (
            "{% if site.x %}甲站的公告。{% else %}乙站的公告。{% endif %}",
            "甲站的公告。乙站的公告。",
        ),
        ("{% if false %}甲。{% else %}乙的公告在這裡。{% endif %}", "乙的公告在這裡。"),
        ("{% endif %}標籤不成對，{% if false %}什麼都不缺。", "標籤不成對，什麼都不缺。"),
        (
            "寫成 `{% if false %}` 的條件，`{% endif %}` 是結尾。",
            "寫成 {% if false %} 的條件，{% endif %} 是結尾。",
        ),
        ('預算是{{ unknown | default: "未定" }}的狀態。', "預算是未定的狀態。"),
        ("看{{ name }}就好，不必多想。", "看就好，不必多想。"),
        ("甲說 {%- if page.x -%} 乙聽 {%- endif -%} 丙看著。", "甲說乙聽丙看著。"),
        ("{% raw %}寫成 {{ name }} 的樣子。{% endraw %}", "寫成 {{ name }} 的樣子。"),
        ("寫成 `{{ name }}` 的樣子就行。", "寫成 {{ name }} 的樣子就行。"),
        ("{% post_link a-b '上一篇文章' %}說過這件事。", "上一篇文章說過這件事。"),
        ("{% link 某某網站 https://example.org %}說過這件事。", "某某網站說過這件事。"),
        ('{{% notice tip "注意" %}}颱風天不要出門。{{% /notice %}}', "颱風天不要出門。"),
        ("寫成 {{</* figure */>}} 的樣子就行。", "寫成 {{< figure >}} 的樣子就行。"),
        ("折扣 50{% 左右 %}，句子不算標籤。", "折扣 50{% 左右 %}，句子不算標籤。"),
    ],
)
def test_what_a_template_shows_is_read(written: str, shown: str) -> None:
    assert read(written, title="颱風") == [shown]


@pytest.mark.parametrize(
    "use", ["<div>{{ box | markdownify }}</div>", "{% include box.html text=box %}"]
)
def test_a_captured_block_that_is_shown_is_read_as_markdown(use: str) -> None:
    body = f"{{% capture box %}}\n**注意** {LONG}\n{{% endcapture %}}\n{use}\n\n{OTHER}"
    assert read(body) == [f"注意 {LONG}", OTHER]


@pytest.mark.parametrize(
    "listing",
    [
        "{% highlight c linenos %}\n#include <stdio.h>\n{{ x }}\n{% endhighlight %}",
        "{% codeblock lang:c %}\n#include <stdio.h>\n{{ x }}\n{% endcodeblock %}",
        '{{< highlight c "linenos=table" >}}\n#include <stdio.h>\n{{ x }}\n{{< /highlight >}}',
        "{% raw %}\n```c\n#include <stdio.h>\n{{ x }}\n```\n{% endraw %}",
    ],
)
def test_a_listing_is_read_as_it_is(listing: str) -> None:
    assert read(f"{LONG}\n\n{listing}") == [f"{LONG} #include <stdio.h> {{{{ x }}}}"]


def test_a_site_of_hugo_has_no_tags_but_shortcodes() -> None:
    body = "寫成 {{ name }} 就會換掉。{{< note >}}這是提醒。{{< /note >}}"
    assert texts(render(body, {}, shortcodes_only=True)) == ["寫成 {{ name }} 就會換掉。這是提醒。"]


def test_the_captions_of_shortcodes_make_a_photo_essay() -> None:
    assert read(
        f'{{{{< figure src="a.jpg" caption="{LONG}" >}}}}\n\n'
        f"{{% include image.html url='b.jpg' caption='{OTHER}' %}}"
    ) == [LONG, OTHER]
    figure = f'{{{{< figure src="a.jpg" caption="{OTHER}" >}}}}'
    assert read(f"{LONG}\n\n{figure}\n\n{LONG}") == [LONG, LONG]


@pytest.mark.parametrize(
    "odd",
    [
        "{{" * 50_000,
        "{% comment %}" * 20_000,
        "{% a '" * 20_000,
        '{{ "' * 20_000,
        "{{< a " * 20_000,
        "{# " * 30_000,
    ],
)
def test_unclosed_tags_take_a_second_at_most(odd: str) -> None:
    started = time.process_time()
    render(odd, {})
    assert time.process_time() - started < 1


def test_a_code_span_of_three_backticks_opens_no_block() -> None:
    assert read(f"```a``` {OTHER}\n\n{{% include x.html %}}\n\n{LONG}") == [f"a {OTHER}", LONG]


def test_an_unclosed_tag_of_one_engine_leaves_the_listings_of_another() -> None:
    listing = "{% highlight ruby %}\na *b* c 是一段程式\n{% endhighlight %}"
    read_texts = read(f"Hugo 有 {{{{< highlight go >}}}} 這個標記。{LONG}\n\n{listing}")
    assert read_texts[-1].endswith("a *b* c 是一段程式")
