"""A small community's words in two languages, and what a reader of them would expect each query to find.

The expectations are a reader's and were written before any rule of ``app/words.py``: every text with a form of each
word that is asked for, or with a word that begins so. Nothing is made to fit the rules; what they miss is published.
"""

from dataclasses import dataclass

from sqlalchemy import select

from app.actions.indexing import fill
from app.extensions import db
from app.models import Chat, Membership, Message, Post, PostTag, Tag, User
from app.models.columns import now
from app.queries import search
from app.words import asked

POSTS = {
    "sea": ("Три дні біля моря", "Море було спокійне. Ми гуляли пляжем, а ввечері пекли рибу на багатті."),
    "cat": ("Загубилася кішка", "Руда кішка втекла з двору на вулиці Ґонти. Хто бачив кішку, напишіть будь ласка!"),
    "cats": ("Про двох котів", "Мої коти сплять на підвіконні. Кіт старший щоранку будить мене о п’ятій."),
    "mountains": ("Похід у Карпати", "Піднялися на гору вночі, бачили схід сонця. У горах уже лежить сніг."),
    "snow": ("Перший сніг", "Снігу насипало по коліна. Діти ліпили сніговика й не хотіли додому."),
    "books": ("Книжковий клуб", "У середу читаємо книжку Лесі Українки. Хто ще не має книги — беріть у бібліотеці."),
    "library": ("Бібліотека знову працює", "Полиці повні книжок, а читачів мало. Заходьте після роботи!"),
    "cinema": ("Вечір кіно в суботу", "Дивимось чорно-білий фільм. Проєктор полагодили, дякуємо друзям за допомогу."),
    "bread": ("Домашній хліб", "Печу хліб на заквасці п'ятий рік. Рецепт простий: борошно, вода, сіль і терпіння."),
    "train": ("Потяг до Львова", "Квитки на потяг ще є. Їдемо в п'ятницю ввечері, повертаємось у неділю."),
    "garden": ("Весна на городі", "Посадили п'ять яблунь і дві груші. Яблука восени принесемо на ярмарок."),
    "music": ("Музика у дворі", "Сусідка грає на скрипці. Пісні чути до пізнього вечора, і ніхто не сердиться."),
    "bike": ("Веломайстерня", "Ремонтуємо велосипеди безкоштовно. Приносьте колеса, камери й добрий настрій."),
    "teacher": (
        "Дякую вчителям",
        "Учителька моєї доньки навчила її любити математику. Школі потрібні нові комп'ютери.",
    ),
    "volunteers": ("Волонтери, збираємось", "Плетемо сітки щосереди. Потрібні руки, тканина і гарячий чай."),
    "ganok": ("Відремонтували ґанок", "Наш ґанок зовсім згнив. Тепер нові дошки, і ґудзики на подушках теж нові."),
    "coffee": ("Café on the corner", "The new café opened yesterday. Their crème brûlée is worth the walk. 🍮"),
    "hike": ("A walk over the pass", "We walked for nine hours and saw two foxes. Walking sticks were worth carrying."),
    "photos": ("Photographs from the lake", "The photos are finally developed. My brother photographed every boat."),
    "running": ("Morning runs", "She runs every morning before work; running in the rain is the best part."),
    "swimming": ("Swimming lessons", "Children swim on Mondays. Bring towels, the water is warm."),
    "stories": ("Stories by the fire", "Grandmother told us a story about the old mill. Families came with blankets."),
    "bakery": ("The baker is back", "Fresh bread is baked at six. Loaves sell out within an hour!"),
    "python": ("Python meetup", "Talks about Flask, databases and testing. Беріть ноутбук, буде Wi-Fi."),
    "keys": ("Lost keys", "I lost a key ring near the bus stop. Somebody found it — thank you, Zoë!"),
    "cities": ("Two cities, one river", "The city council is planning a bridge. Cities grow faster than plans."),
}

MESSAGES = {
    "tomorrow": "Привіт! Завтра зустрічаємось біля вокзалу о шостій?",
    "station": "Я вже на вокзалі, а ти де?",
    "soup": "Борщ майже готовий, купи сметану",
    "soup2": "Борщу вистачить на всіх, не хвилюйся",
    "birthday": "З днем народження! 🎂 Бажаю щастя",
    "days": "Ще п'ять днів до відпустки",
    "five": "Купи пʼять яєць і хліба",
    "doctor": "Лікар сказав прийти у вівторок",
    "doctors": "У лікарні довга черга до лікаря",
    "money": "Скинь гроші за квиток, будь ласка",
    "friend": "Мій друг приїжджає з Одеси",
    "friends": "Ми з друзями йдемо в театр",
    "window": "Зачини вікно, холодно",
    "windows": "У вікнах навпроти горить світло",
    "hand": "Як твоя рука?",
    "hands": "Руки замерзли, чекаю на зупинці",
    "water": "Води не буде до вечора",
    "dog": "Собака з'їв мою піцу 😅",
    "yizhak": "Їжак прийшов у двір, їжачки маленькі!",
    "late": "The train is running late again",
    "tickets": "I bought the tickets, they were cheap",
    "help": "Can you help me move a sofa?",
    "helped": "Thanks, you really helped yesterday",
    "email": "My new address is olha.k@example.com",
    "dinner": "Don't forget dinner on Friday",
    "mixed": "Беру ноутбук і charger, чекай на meetup",
    "link": "https://example.com/mountains?id=5 looks good",
    "shout": "ТЕРМІНОВО ПЕРЕДЗВОНИ МАМІ",
    "leaves": "Листя падає, осінь уже скоро",
    "moving": "We are moving to a bigger flat in June",
}

PEOPLE = {
    "olena": ("Олена", "Шевченко", "olena.shevchenko", "Вчителька, люблю гори й каву"),
    "lesia": ("Леся", "П’ятигорець", "lesia_p", "Фотографую птахів"),
    "gonta": ("Богдан", "Ґонта-Їжак", "bohdan", "Програміст. Велосипед замість машини"),
    "zoe": ("Zoë", "Müller", "zoe.m", "Runner and reader, new in town"),
    "john": ("John", "O'Neill", "johnny", "Photographer of birds"),
    "ann": ("Ann", "Ivanenko", "ann", ""),
    "andrii": ("Андрій", "Іваненко", "andrii.iv", "Печу хліб і граю на гітарі"),
    "yulia": ("Юлія", "Зайченко", "yulia", "Лікарка, дві кішки"),
}

TAGS = ("подорожі", "котики", "хліб", "книги", "photography", "gardening", "п'ятниця", "calm")

UK, EN, BOTH = "uk", "en", "mixed"


@dataclass(frozen=True, slots=True)
class Query:
    """What is typed, and the keys of everything of its kind that should be found."""

    language: str
    kind: str
    words: str
    expected: frozenset[str]


def _ask(language: str, kind: str, words: str, expected: str) -> Query:
    return Query(language, kind, words, frozenset(expected.split()))


QUERIES = (
    # Endings
    _ask(UK, "posts", "море", "sea"),
    _ask(UK, "posts", "морем", "sea"),
    _ask(UK, "posts", "кішка", "cat"),
    _ask(UK, "posts", "кішки", "cat"),
    _ask(UK, "posts", "кішкою", "cat"),
    _ask(UK, "posts", "кіт", "cats"),
    _ask(UK, "posts", "кота", "cats"),
    _ask(UK, "posts", "гора", "mountains"),
    _ask(UK, "posts", "гори", "mountains"),
    _ask(UK, "posts", "гір", "mountains"),
    _ask(UK, "posts", "сніг", "mountains snow"),
    _ask(UK, "posts", "снігом", "mountains snow"),
    _ask(UK, "posts", "книга", "books"),
    _ask(UK, "posts", "книжка", "books library"),
    _ask(UK, "posts", "книжок", "books library"),
    _ask(UK, "posts", "бібліотека", "books library"),
    _ask(UK, "posts", "бібліотеці", "books library"),
    _ask(UK, "posts", "читати", "books"),
    _ask(UK, "posts", "печу хліб", "bread"),
    _ask(UK, "posts", "пекти", "bread sea"),
    _ask(UK, "posts", "хліба", "bread"),
    _ask(UK, "posts", "потягом", "train"),
    _ask(UK, "posts", "квиток", "train"),
    _ask(UK, "posts", "яблуня", "garden"),
    _ask(UK, "posts", "яблуко", "garden"),
    _ask(UK, "posts", "пісня", "music"),
    _ask(UK, "posts", "вечора", "music cinema"),
    _ask(UK, "posts", "велосипед", "bike"),
    _ask(UK, "posts", "колесо", "bike"),
    _ask(UK, "posts", "вчитель", "teacher"),
    _ask(UK, "posts", "школа", "teacher"),
    _ask(UK, "posts", "друзі", "cinema"),
    _ask(UK, "posts", "рука", "volunteers"),
    _ask(UK, "posts", "діти", "snow"),
    _ask(UK, "posts", "вулиця", "cat"),
    _ask(UK, "posts", "загублена кішка", "cat"),
    _ask(UK, "posts", "новий", "teacher ganok"),
    # Letters
    _ask(UK, "posts", "ґанок", "ganok"),
    _ask(UK, "posts", "ганок", "ganok"),
    _ask(UK, "posts", "гудзик", "ganok"),
    _ask(UK, "posts", "п'ять", "garden"),
    _ask(UK, "posts", "пʼятниця", "train"),
    _ask(UK, "posts", "п’ятниці", "train"),
    _ask(UK, "posts", "пятницю", "train"),
    _ask(UK, "posts", "КОМП’ЮТЕР", "teacher"),
    _ask(UK, "posts", "МУЗИКА", "music"),
    _ask(UK, "posts", "проектор", "cinema"),
    # Prefixes, and several words in any order
    _ask(UK, "posts", "велом", "bike"),
    _ask(UK, "posts", "карп", "mountains"),
    _ask(UK, "posts", "сонця схід", "mountains"),
    _ask(UK, "posts", "львів потяг", "train"),
    _ask(UK, "posts", "чорно-білий", "cinema"),
    _ask(EN, "posts", "walk", "hike coffee"),
    _ask(EN, "posts", "walking", "hike coffee"),
    _ask(EN, "posts", "walked", "hike coffee"),
    _ask(EN, "posts", "cafe", "coffee"),
    _ask(EN, "posts", "CAFÉ", "coffee"),
    _ask(EN, "posts", "creme brulee", "coffee"),
    _ask(EN, "posts", "run", "running"),
    _ask(EN, "posts", "swim", "swimming"),
    _ask(EN, "posts", "swimmer", "swimming"),
    _ask(EN, "posts", "story", "stories"),
    _ask(EN, "posts", "family", "stories"),
    _ask(EN, "posts", "photo", "photos"),
    _ask(EN, "posts", "photograph", "photos"),
    _ask(EN, "posts", "baking", "bakery"),
    _ask(EN, "posts", "loaf", "bakery"),
    _ask(EN, "posts", "child", "swimming"),
    _ask(EN, "posts", "city", "cities"),
    _ask(EN, "posts", "key", "keys"),
    _ask(EN, "posts", "zoe", "keys"),
    _ask(EN, "posts", "fox", "hike"),
    _ask(EN, "posts", "see foxes", "hike"),
    _ask(EN, "posts", "test database", "python"),
    _ask(EN, "posts", "datab", "python"),
    _ask(BOTH, "posts", "ноутбук python", "python"),
    _ask(BOTH, "posts", "🍮", "coffee"),
    _ask(BOTH, "posts", "wifi", "python"),
    _ask(UK, "messages", "вокзал", "tomorrow station"),
    _ask(UK, "messages", "вокзалом", "tomorrow station"),
    _ask(UK, "messages", "борщ", "soup soup2"),
    _ask(UK, "messages", "лікар", "doctor doctors"),
    _ask(UK, "messages", "лікарю", "doctor doctors"),
    _ask(UK, "messages", "пять", "days five"),
    _ask(UK, "messages", "п`ять", "days five"),
    _ask(UK, "messages", "день", "birthday days"),
    _ask(UK, "messages", "друг", "friend friends"),
    _ask(UK, "messages", "вікно", "window windows"),
    _ask(UK, "messages", "рука", "hand hands"),
    _ask(UK, "messages", "вода", "water"),
    _ask(UK, "messages", "зїв", "dog"),
    _ask(UK, "messages", "їжачок", "yizhak"),
    _ask(UK, "messages", "терміново", "shout"),
    _ask(UK, "messages", "мама", "shout"),
    _ask(UK, "messages", "ліс", ""),
    _ask(UK, "messages", "гроші квитка", "money"),
    _ask(UK, "messages", "щастям", "birthday"),
    _ask(UK, "messages", "купити", "soup five"),
    _ask(EN, "messages", "ticket", "tickets"),
    _ask(EN, "messages", "help", "help helped"),
    _ask(EN, "messages", "move", "help moving"),
    _ask(EN, "messages", "dont", "dinner"),
    _ask(EN, "messages", "don’t forget", "dinner"),
    _ask(EN, "messages", "buy", "tickets"),
    _ask(EN, "messages", "trains", "late"),
    _ask(EN, "messages", "olha.k@example.com", "email"),
    _ask(EN, "messages", "mountain", "link"),
    _ask(BOTH, "messages", "meetup ноутбуки", "mixed"),
    _ask(BOTH, "messages", "🎂", "birthday"),
    _ask(UK, "people", "олена", "olena"),
    _ask(UK, "people", "шевч", "olena"),
    _ask(UK, "people", "пятигорець", "lesia"),
    _ask(UK, "people", "гонта", "gonta"),
    _ask(UK, "people", "їжак богдан", "gonta"),
    _ask(UK, "people", "іваненко", "andrii"),
    _ask(UK, "people", "кішка", "yulia"),
    _ask(UK, "people", "вчитель", "olena"),
    _ask(EN, "people", "zoe", "zoe"),
    _ask(EN, "people", "muller", "zoe"),
    _ask(EN, "people", "oneill", "john"),
    _ask(EN, "people", "ann", "ann"),
    _ask(EN, "people", "@johnny", "john"),
    _ask(EN, "people", "lesia_p", "lesia"),
    _ask(EN, "people", "bird", "john"),
    _ask(UK, "tags", "подорож", "подорожі"),
    _ask(UK, "tags", "#котики", "котики"),
    _ask(UK, "tags", "книга", "книги"),
    _ask(UK, "tags", "п’ятниця", "п'ятниця"),
    _ask(UK, "tags", "спокій", "calm"),
    _ask(EN, "tags", "photo", "photography"),
    _ask(EN, "tags", "garden", "gardening"),
)


@dataclass(frozen=True, slots=True)
class Score:
    """Of what should have been found, how much was; and of what was found, how much should have been."""

    expected: int = 0
    found: int = 0
    right: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.expected + other.expected, self.found + other.found, self.right + other.right)

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


@dataclass(frozen=True, slots=True)
class Corpus:
    """The community in a database: who looks, and the key of each row by its kind and id."""

    viewer: User
    keys: dict[tuple[str, int], str]

    def found(self, query: Query) -> frozenset[str]:
        """Return the keys of what the viewer finds."""
        asked_for = asked(query.words)
        if query.kind == "posts":
            ids = [post.id for post in search.posts_found(self.viewer, asked_for, limit=100).things]
        elif query.kind == "messages":
            ids = [said.message.id for said in search.messages_found(self.viewer, asked_for, limit=100).things]
        elif query.kind == "people":
            ids = [user.id for user in search.people_found(self.viewer, asked_for, limit=100).things]
        else:
            ids = [tag.id for tag in search.tags_found(self.viewer, asked_for, limit=100).things]
        return frozenset(self.keys[query.kind, number] for number in ids)


def settle() -> Corpus:
    """Write the corpus into an empty database, and its words into the index."""
    keys: dict[tuple[str, int], str] = {}
    for key, (first, last, username, bio) in PEOPLE.items():
        user = User(email=f"{key}@example.com", password_hash="-", bio=bio)
        user.name_themselves(first, last, username)
        db.session.add(user)
        db.session.flush()
        keys["people", user.id] = key
    viewer = db.session.scalars(select(User).where(User.username == "ann")).one()
    chat = Chat(kind="group", name="Corpus", member_count=1, last_message_at=now())
    db.session.add(chat)
    db.session.flush()
    db.session.add(Membership(chat_id=chat.id, user_id=viewer.id, role="owner"))
    for seq, (key, body) in enumerate(MESSAGES.items(), 1):
        place = {"chat_id": chat.id, "seq": seq, "revision": seq, "client_id": key}
        message = Message(author_id=viewer.id, kind="said", body=body, sent_at=now(), **place)
        db.session.add(message)
        db.session.flush()
        keys["messages", message.id] = key
    for key, (title, body) in POSTS.items():
        post = Post(author_id=viewer.id, client_id=key, title=title, topic="", body=body)
        db.session.add(post)
        db.session.flush()
        keys["posts", post.id] = key
    # Tags are on a post of their own, so that their names find no post of the others.
    tagged = Post(author_id=viewer.id, client_id="tagged", title="-", topic="", body="-", audience="me")
    db.session.add(tagged)
    db.session.flush()
    keys["posts", tagged.id] = "tagged"
    for position, name in enumerate(TAGS):
        tag = Tag(name=name)
        db.session.add(tag)
        db.session.flush()
        keys["tags", tag.id] = name
        db.session.add(PostTag(post_id=tagged.id, tag_id=tag.id, position=position))
    db.session.flush()
    fill(db.session.connection())
    db.session.commit()
    return Corpus(viewer, keys)


def measured(corpus: Corpus) -> tuple[dict[tuple[str, str], Score], list[str]]:
    """Ask every query; return the score of each language and kind, and what was missed or found besides."""
    scores: dict[tuple[str, str], Score] = {}
    astray = []
    for query in QUERIES:
        found = corpus.found(query) - {"tagged"}
        score = Score(len(query.expected), len(found), len(found & query.expected))
        scores[query.language, query.kind] = scores.get((query.language, query.kind), Score()) + score
        for word, keys in (("missed", query.expected - found), ("besides", found - query.expected)):
            if keys:
                astray.append(f"{query.kind} “{query.words}” {word}: {', '.join(sorted(keys))}")
    return scores, astray
