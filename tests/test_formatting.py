"""Light formatting: what becomes of signs, and that nothing else ever does."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from app.formatting import formatted, names_in, tags_in

ALLOWED = {"strong", "em", "code", "pre", "blockquote", "ul", "li", "a"}
PEOPLE = {"ann": "ann", "old_name": "bob"}


@pytest.fixture(scope="module", autouse=True)
def request_context(house: Flask):  # type: ignore[no-untyped-def]
    with house.test_request_context():
        yield


class Reader(HTMLParser):
    """Reads HTML as a browser does: its tags, which have to be closed in order, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.open, self.tags = "", [], set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        assert tag == "a" or not attrs
        assert {name for name, _ in attrs} <= {"href", "rel", "target", "class"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain & <b>", "plain &amp; &lt;b&gt;"),
        ("**bold** and *italic* and _italic_", "<strong>bold</strong> and <em>italic</em> and <em>italic</em>"),
        ("***both***, **жирний**!", "<strong><em>both</em></strong>, <strong>жирний</strong>!"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("*a **b* c**", "<em>a **b</em> c**"),
        ("2*3*4 snake_case_word __init__ ** a ** *", "2*3*4 snake_case_word __init__ ** a ** *"),
        ("*not\nthis*", "*not\nthis*"),
        ("**** ____ ``", "**** ____ ``"),
        ("`**code** <i> @ann #tag`", "<code>**code** &lt;i&gt; @ann #tag</code>"),
        ("```inline```", "<code>inline</code>"),
        ("a\n```py\n*x*\n\n  y\n```\nb", "a\n<pre><code>*x*\n\n  y\n</code></pre>b"),
        ("```\none\n```\n```\ntwo\n```", "<pre><code>one\n</code></pre><pre><code>two\n</code></pre>"),
        ("```\nnever closed", "```\nnever closed"),
        ("> said\n>so\n\nno", "<blockquote>said\nso\n</blockquote>\nno"),
        ("- one\n- *two*\n-three", "<ul><li>one\n</li><li><em>two</em>\n</li></ul>-three"),
        ("1. x\n# y\n![z](w)\n<!-- -->", "1. x\n# y\n![z](w)\n&lt;!-- --&gt;"),
        ("@ann, @Old_Name, @nobody", 'href="/@ann">@ann</a>, <a class="mention" href="/@bob">@Old_Name</a>, @nobody'),
        ("#мед-2, #2024 a#b", '<a class="tag" href="/tags/%D0%BC%D0%B5%D0%B4-2">#мед-2</a>, #2024 a#b'),
        ("**https://a.example/b_c_d**", '<strong><a href="https://a.example/b_c_d" rel="noopener nofollow ugc"'),
        ("see example.com/#top.", '<a href="https://example.com/#top" '),
        ("*#calm*", '<em><a class="tag" href="/tags/calm">#calm</a></em>'),
    ],
)
def test_signs_become_what_they_mean(text: str, html: str) -> None:
    assert html in formatted(text, PEOPLE)
    if "<a" not in html:
        assert html == formatted(text, PEOPLE)


def test_names_and_tags_are_not_those_in_code_and_addresses() -> None:
    text = "@ann #Bees `@eve #no` https://x.example/@eve#no\n```\n@eve #no\n```\n> @bob #bees #Bees"
    assert names_in(text) == {"ann", "bob"}
    assert tags_in(text) == ["Bees", "bees"]
    assert tags_in("#" + "a" * 51 + " #1 # ## &#x; #_") == ["_"]


SIGNS = r"""* ** *** _ ` ``` <b> &amp; #tag @ann a є 🐝 " ' https://x.example/_a_ javascript:a ]( \ ]]> <script>"""
WORDS = st.sampled_from(
    [*SIGNS.split(" "), " https://a.example/b ", " www.b.example ", "\n", "> ", "- ", " ", "\n```\n", "\u202e", "2"]
)
MARKS = re.compile(r"[*_`> \n-]")
LANGUAGE = re.compile(r"(?m)^(?:> ?|- )*```[\w+#-]+\s*$")


@example("> ```#tag")
@given(st.one_of(st.lists(WORDS, max_size=40).map("".join), st.text(max_size=200)))
def test_whatever_is_written_only_these_tags_come_and_no_word_goes(text: str) -> None:
    read = Reader(str(formatted(text, PEOPLE)))
    assert read.tags <= ALLOWED and read.open == []
    # What language code is in is a mark, too; in a quote or a list it stands as it was typed.
    written, shown = (LANGUAGE.sub("```", words) for words in (text, read.words))
    assert MARKS.sub("", shown) == MARKS.sub("", written)


@given(st.text(alphabet="abc \n.,", max_size=100))
def test_words_without_signs_stay_as_they_were_typed(text: str) -> None:
    assert Reader(str(formatted(text))).words == text


@pytest.mark.parametrize(
    "unit",
    [
        *"* _ > ` *a `a #a #1 @a *_ a*_* ***a https:// #a- ``a".split(),
        "**a ",
        "_a _",
        "- *a*\n",
        "```\n",
        "a.com ",
        "\n",
    ],
)
def test_a_long_text_of_signs_alone_is_shown_whole(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    read = Reader(str(formatted(text, PEOPLE)))
    assert MARKS.sub("", read.words) == MARKS.sub("", text)


def test_each_address_leads_where_its_own_words_say() -> None:
    text = "see https://a.com/x and https://b.com/y *z* and www.c.com with @ann #later ok"
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>([^<]*)</a>', formatted(text, PEOPLE))
    addresses = [("https://a.com/x", "https://a.com/x"), ("https://b.com/y", "https://b.com/y")]
    assert links == [*addresses, ("https://www.c.com", "www.c.com"), ("/@ann", "@ann"), ("/tags/later", "#later")]
    assert names_in(text) == {"ann"} and list(tags_in(text)) == ["later"]
