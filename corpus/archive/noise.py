"""What on a page is not the article: navigation, sharing, captions, lists of other articles?"""

import re
from functools import lru_cache

_WORDS = re.compile(r"[-_:]+|(?<=[a-z])(?=[A-Z])")
_STATE_NAME = re.compile(
    r"(?:(?:tag|category)-(?!links|list|cloud)|(?:type|status|format|has|no|is|not|with|u)-|view-dom)"
)
"""Names that tell something about a page (its topics, its layout), not what an element is."""
_NOISE_NAME = re.compile(
    r"""(?:^|-)(?:
        share|shares|sharing|sharedaddy|sharebar|addtoany|social|socials
      | related|relatedposts|recommend|recommended|recommendation|recommendations|yarpp|recirc
      | nav|navbar|navigation|breadcrumb|breadcrumbs|pager|pagination|menu|toolbar|skiplink
      | footer|byline|meta|submitted|dateline
      | caption|captions|figcaption|picinfo
      | respond|disqus
      | subscribe|subscription|newsletter|donate|donation|sponsor|sponsored|paywall
      | ad|ads|adslot|adsbygoogle|advert|advertisement|advertising|adsense|promotion
      | cookie|cookies|consent|popup|copyright|disclaimer|likes|likebox|pageviews
      | login|signin|signup|screen-reader-text|sr-only|toc|highcharts
      | (?:read|see|view|load)-?more | more-(?:article|articles|posts|stories|news|reading|link)
      | see-also|also-read|further-reading|you-may-like
      | (?:prev|next|previous)-(?:post|article|next) | post-(?:nav|pager)
      | (?:photo|image|img|picture|pic|media|cap)-(?:credit|credits|cred|source|description)
      | image-(?:source|capture) | (?:dls-)capture
      | (?:about|entry|post|single|name)-author | author-(?:box|card|info|bio|wrap|wrapper|profile)
      | (?:post|entry|article)-tags | (?:cat|category|tag|tags)-(?:links|list|cloud) | tagcloud
    )(?:-|$)
    | ^(?:tags|taglist|links|sidebar|hidden|d-none|visually-hidden|element-hidden
        |element-invisible|word-count|g-ai.*)$
    | -sidebar$""",
    re.VERBOSE,
)

_COMMENT_NAME = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|discussion)(?:$|[\s_-])", re.IGNORECASE
)


@lru_cache(maxsize=8192)
def is_noise_name(names: str) -> bool:
    """Tell whether the classes and the id of an element, parted by spaces, call it noise."""
    for name in names.split():
        if _STATE_NAME.match(name):
            continue
        if _NOISE_NAME.search("-".join(_WORDS.split(name)).lower()):
            return True
    return False


def is_comment_name(names: str) -> bool:
    """Tell whether the classes and the id of an element call it a comment, or a list of them."""
    return bool(_COMMENT_NAME.search(names))
