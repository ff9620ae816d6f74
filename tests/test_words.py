"""Words as they are compared, and texts as they are shown with what was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.words import ASKED, asked, forms, marked, snippet, terms


def same(*words: str) -> bool:
    """Tell whether one of a few words finds all others."""
    query = asked(words[0]).words[0]
    return all(query.fits(word) for word in words)


@pytest.mark.parametrize(
    "words",
    [
        "п'ять п’ять пʼять п`ять пять П’ЯТЬ",
        "ґанок ганок ҐАНОК",
        "café cafe CAFÉ Cafe\u0301",
        "Zoë zoe",
        "ёлка елка",
        "за\u0301мок замок",
        "straße STRASSE",
        "ﬁne fine",
    ],
)
def test_letters_that_readers_take_for_one_are_one(words: str) -> None:
    one, *others = words.split()
    assert {forms(other)[0] for other in others} == {forms(one)[0]}


@pytest.mark.parametrize(
    "words",
    [
        "кішка кішки кішкою кішці",
        "море моря морем морі",
        "кіт кота котом коти",
        "день дня днів днями",
        "рука руці руки",
        "друг друга друзі друзями",
        "книжка книжок книжці",
        "вечір вечора вечорами",
        "читати читаємо читала",
        "новий нова нового нові",
        "walking walked walks walk",
        "stories story",
    ],
)
def test_endings_are_forgiven(words: str) -> None:
    for word in words.split():
        assert same(word, *words.split()), word


def test_other_words_are_other_words() -> None:
    for one, other in (("море", "мороз"), ("ліс", "лис"), ("їжак", "ізжак"), ("гра", "гора"), ("walk", "wall")):
        assert not asked(other).words[0].fits(one)


def test_a_word_of_two_letters_is_a_beginning_only_while_it_is_typed() -> None:
    first, last = asked("mo mo2").words[0], asked("mo").words[0]
    assert last.fits("more") and not first.fits("more") and first.fits("Mo")
    assert asked("walk").words[0].fits("walkabout")


def test_only_the_first_words_of_a_question_count() -> None:
    assert len(asked(" ".join(f"word{n}" for n in range(1000))).words) == ASKED
    assert not asked("") and not asked('" - * : ( ) \0 ~ @') and len(terms("a " * 5000)) == 2


def test_what_is_shown_is_escaped_and_marked() -> None:
    query = asked("cat 🍮")
    text = '<b onclick="x">Cats</b> & 🍮 caté'
    html = "&lt;b onclick=&#34;x&#34;&gt;<mark>Cats</mark>&lt;/b&gt; &amp; <mark>🍮</mark> <mark>caté</mark>"
    assert marked(text, query) == html


def test_a_snippet_shows_what_stands_around_the_first_words_found() -> None:
    text = "Перше речення. " * 40 + "Тут\nкішку   бачили. " + "Останнє речення. " * 40
    shown = snippet(asked("кішкою"), text)
    assert shown.startswith("… ") and shown.endswith(" …") and "Тут <mark>кішку</mark> бачили." in shown
    assert len(shown) < 250
    assert snippet(asked("кішка"), "Без неї", "", "Кішка\nтут") == "<mark>Кішка</mark> тут"
    assert snippet(asked("x"), "Words\n\nhere") == "Words here" and snippet(asked("x")) == ""
    assert len(snippet(asked("x"), "y" * 10_000)) < 250


@given(st.text(max_size=300), st.text(max_size=50))
def test_any_text_can_be_kept_asked_and_shown(text: str, question: str) -> None:
    query = asked(question)
    assert marked(text, query).unescape().replace("\0", "") is not None
    plain = str(marked(text, query)).replace("<mark>", "").replace("</mark>", "")
    assert plain == str(marked(text, asked(""))), "nothing but marks is added"
    for term in terms(text, question):
        assert term.strip("~") and not set(term) & set(" \t\n'\"\\*()&|!:<>\0")
