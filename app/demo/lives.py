"""What the people of the demonstration tell about themselves, and which albums they keep."""

STATUSES = {
    "en": (
        "Somewhere in the mountains 🏔",
        "Reading, do not disturb",
        "Learning to bake bread",
        "On holiday until Monday",
        "Coffee first",
        "Looking for people to run with",
        "Working from the balcony",
        "🎧",
    ),
    "uk": (
        "Десь у горах 🏔",
        "Читаю, не турбувати",
        "Вчуся пекти хліб",
        "У відпустці до понеділка",
        "Спершу кава",
        "Шукаю компанію для пробіжок",
        "Працюю з балкона",
        "🎧",
    ),
}

BIOS = {
    "en": (
        "I teach physics and collect old maps. Ask me about either.",
        "Two children, three bicycles, one small garden.",
        "Nurse by day, bad guitarist by night.",
        "Mostly here for the hiking reports.\nMy own are at https://www.openstreetmap.org/",
        "I repair what others throw away.",
        "Newcomer. Say hello, I do not bite 🙂",
        "I write software, bake on Sundays and cannot swim yet.",
        "Born here, away for ten years, back for good.",
    ),
    "uk": (
        "Учителюю фізику, збираю старі мапи. Питайте про те і про те.",
        "Двоє дітей, три велосипеди, один невеликий сад.",
        "Вдень медсестра, увечері погана гітаристка.",
        "Тут здебільшого заради розповідей про походи.\nМої маршрути: https://www.openstreetmap.org/",
        "Лагоджу те, що інші викидають.",
        "Я тут новенька людина. Вітайтеся, не кусаюся 🙂",
        "Пишу програми, печу в неділю й досі не вмію плавати.",
        "Тут мій дім: десять років не було, і ось знову тут, уже назавжди.",
    ),
}

# Each album: the scenes that are in it, its topic, and in each language what it is called and told of.
ALBUMS: tuple[tuple[tuple[str, ...], str, dict[str, str], dict[str, str]], ...] = (
    (
        ("mountains", "forest", "night"),
        "travel",
        {"en": "Carpathians", "uk": "Карпати"},
        {"en": "Four days, two tents, one map for all of us.", "uk": "Чотири дні, два намети, одна мапа на всіх."},
    ),
    (
        ("sea",),
        "nature",
        {"en": "By the sea", "uk": "Біля моря"},
        {"en": "Early mornings only: later there was no room.", "uk": "Лише ранки: потім уже не було де стати."},
    ),
    (
        ("city", "lights", "night"),
        "life",
        {"en": "The city after dark", "uk": "Місто після заходу сонця"},
        {"en": "", "uk": ""},
    ),
    (
        ("flowers", "field"),
        "nature",
        {"en": "Grandmother’s garden", "uk": "Бабусин сад"},
        {"en": "From the first tulips to the last asters.", "uk": "Від перших тюльпанів до останніх айстр."},
    ),
    (
        ("books", "table"),
        "inspiration",
        {"en": "A quiet winter", "uk": "Тиха зима"},
        {"en": "", "uk": ""},
    ),
    (
        ("table", "lights", "city"),
        "life",
        {"en": "Birthday", "uk": "День народження"},
        {"en": "Thank you all for coming!", "uk": "Дякую всім, хто прийшов!"},
    ),
)

CAPTIONS = {
    "en": (
        "The best moment of the day",
        "Taken on the way back",
        "Nobody believed it would clear up",
        "My favourite",
        "Five minutes later it rained",
    ),
    "uk": (
        "Найкраща мить дня",
        "Уже дорогою назад",
        "Ніхто не вірив, що розпогодиться",
        "Моє улюблене",
        "За п’ять хвилин пішов дощ",
    ),
}
