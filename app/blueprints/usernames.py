"""Usernames made from names, in Latin letters."""

import re
import unicodedata

# Resolution No. 55 of the Cabinet of Ministers of Ukraine, 27 January 2010: "On the normalisation of the
# transliteration of the Ukrainian alphabet by means of the Latin alphabet". Soft signs and apostrophes are left out.
LETTERS = dict(
    zip(
        "абвгґдежзиіклмнопрстуфхцчшщ",
        "a b v h g d e zh z y i k l m n o p r s t u f kh ts ch sh shch".split(),
        strict=True,
    )
) | {"ь": ""}
AT_THE_START = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
ELSEWHERE = {"є": "ie", "ї": "i", "й": "i", "ю": "iu", "я": "ia"}
# Not in the table, but in some people's names.
NEIGHBOURS = {
    "ё": "io",
    "ъ": "",
    "ы": "y",
    "э": "e",
    "ў": "u",
    "ß": "ss",
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "æ": "ae",
    "ı": "i",
}

APOSTROPHES = "'’ʼ`"


def in_latin(name: str) -> str:
    """Return a name in lower-case Latin letters and digits, Ukrainian letters as passports have them."""
    text = unicodedata.normalize("NFC", name).lower()
    for apostrophe in APOSTROPHES:
        text = text.replace(apostrophe, "")
    latin = ""
    for word in re.split(r"[\W_]+", text):
        for place, letter in enumerate(word.replace("зг", "zgh")):  # the table's one exception
            latin += _letter(letter, at_the_start=place == 0)
    return latin


def _letter(letter: str, at_the_start: bool) -> str:
    known = (AT_THE_START if at_the_start else ELSEWHERE) | LETTERS | NEIGHBOURS
    if letter in known:
        return known[letter]
    plain = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in plain if part.isascii() and part.isalnum())


def candidates(first_name: str, last_name: str) -> list[str]:
    """Return usernames a person of this name may like, the likeliest first; whether they are free is not known here."""
    first, last = in_latin(first_name)[:24], in_latin(last_name)[:24]
    if not first or not last:
        wanted = [first or last]
    else:
        wanted = [f"{first}.{last}", f"{first}_{last}", f"{first}{last}", f"{first[0]}.{last}", f"{last}.{first}"]
    shapes = list(dict.fromkeys(shape[:27].rstrip("._") for shape in wanted if len(shape) >= 3))
    return shapes + [f"{shape}{number}" for shape in shapes[:2] for number in range(2, 40)]
