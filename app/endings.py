"""Ukrainian words without their endings, for which Snowball has no rules. See docs/decisions/0022-search.md."""

import re

VOWELS = "аеєиіїоуюя"
# What nouns and adjectives end in, and what verbs do; the longest that fits is taken off.
_NAMES = """а я у ю і ї е є о и й ь ам ям ах ях ами ями ою ею єю ом ем єм ові еві єві ів їв ей ий ій ого ього ому ьому
им ім їм их іх їх ими іми їми ої ьої""".split()
_DEEDS = """ти ть ю у еш єш иш їш е є ить їть емо ємо имо їмо ете єте ите їте уть ють ать ять в ла ло ли й йте ймо и іть
вши ши ючи учи ачи ячи еть єть єм мо но тиму тимеш тиме тимемо тимете тимуть""".split()
_HARD = str.maketrans("жзцчшсщ", "ггккххх")  # рука and руці, друг and друзі, вухо and вусі
_FLEETING = re.compile(rf"(.*[^{VOWELS}ь])[ое]([^{VOWELS}]ь?)")
_CLOSED = re.compile(rf"(.*)і([^{VOWELS}]{{1,2}}ь?)")


def _alternatives(endings: list[str], least: int) -> re.Pattern[str]:
    longest_first = "|".join(sorted(endings, key=len, reverse=True))
    return re.compile(rf"(.{{{least},}}?)(?:{longest_first})")


_NAME, _DEED = _alternatives(_NAMES, 2), _alternatives(_DEEDS, 3)


def ukrainian_stems(word: str) -> frozenset[str]:
    """Return what may be left of a word without its ending: that of a name or of a deed.

    Vowels come and go where a word ends in a consonant: день and дня, кіт and кота, вечір and вечора.
    """
    if len(word) < 3:
        return frozenset([word])
    stems = set()
    if name := _NAME.fullmatch(word):
        stems.add(_even(name[1]))
    else:
        stems.add(_even(word))
    if word[-1] not in VOWELS:
        stems.update(_even(fleeting[1] + fleeting[2]) for fleeting in [_FLEETING.fullmatch(word)] if fleeting)
        stems.update(_even(shut[1] + vowel + shut[2]) for shut in [_CLOSED.fullmatch(word)] if shut for vowel in "ое")
    if deed := _DEED.fullmatch(re.sub("с[яь]$", "", word) if len(word) > 4 else word):
        stems.add(_even(re.sub(f"(?<=...)(?:[ую]ва|[{VOWELS}])$", "", deed[1])))
    return frozenset(stems)


def _even(stem: str) -> str:
    """Return a stem with its last consonant as it is before hard endings, and without the signs of softness."""
    stem = re.sub(r"(?<=[бпвмф])л$", "", stem.rstrip("ь"))
    stem = re.sub(r"(.)\1$", r"\1", stem)
    return stem[:-1] + stem[-1:].translate(_HARD)
