"""What the people of the demonstration are called, write about, and say to each other."""

FIRST_NAMES = {
    "uk": (
        "Олена Марія Софія Анна Дарина Ірина Юлія Наталія Оксана Вікторія Катерина Соломія Злата Мілана Христина Ганна "
        "Андрій Максим Дмитро Олександр Богдан Іван Тарас Назар Ярослав Микола Володимир Юрій Остап Денис Роман Артем"
    ).split(),
    "en": (
        "Emma Olivia Grace Alice Lily Hannah Clara Ruth Nora Maya Zoe Iris "
        "James Oliver Henry Daniel Samuel Leo Max Arthur Felix Adam Noah Simon"
    ).split(),
}
LAST_NAMES = {
    "uk": (
        "Шевченко Коваленко Бондаренко Ткаченко Кравченко Олійник Лисенко Мороз Савченко Руденко Петренко Клименко "
        "Павленко Гончаренко Їжакевич Ґонта Щербак Яценко Чорновіл Білик Довженко Франко Єщенко Гулак-Сагайдаченко"
    ).split(),
    "en": (
        "Baker Carter Bennett Hughes Foster Murphy Reed Cooper Ward Ellis Gray Price "
        "Hayes Shaw Walsh Doyle O'Connor Blake Stone Fletcher-Lowe Marsh Brooks Lane West"
    ).split(),
}

# Each subject: the scenes that illustrate it, its tags, and in each language its topic, titles and sentences.
SUBJECTS: tuple[dict[str, object], ...] = (
    {
        "scenes": ("mountains", "forest", "night"),
        "tags": ("travel", "nature", "карпати", "hiking"),
        "en": {
            "topic": "Mountains",
            "titles": (
                "Two days above the clouds",
                "The long way up",
                "Morning on the ridge",
                "We slept in the tent after all",
            ),
            "sentences": (
                "We left before dawn and had the whole ridge to ourselves.",
                "The last hour was steep, but nobody wanted to turn back.",
                "Tea from a thermos tastes better at two thousand metres.",
                "The weather changed three times before lunch.",
                "If you go, take the path past the old sheepfold: it is longer and much quieter.",
                "My legs complain, the rest of me wants to go again.",
            ),
        },
        "uk": {
            "topic": "Гори",
            "titles": ("Два дні над хмарами", "Довгою дорогою вгору", "Ранок на хребті", "Таки ночували в наметі"),
            "sentences": (
                "Вийшли ще до світанку, і весь хребет був тільки наш.",
                "Остання година була крута, але повертатися не хотів ніхто.",
                "Чай із термоса на двох тисячах метрів смачніший.",
                "До обіду погода змінилася тричі.",
                "Якщо підете, беріть стежку повз стару кошару: довша, зате тиха.",
                "Ноги скаржаться, а душа хоче ще.",
            ),
        },
    },
    {
        "scenes": ("sea",),
        "tags": ("rest", "calm", "одеса"),
        "en": {
            "topic": "By the sea",
            "titles": ("The last warm evening", "Nobody on the beach", "Salt in everything"),
            "sentences": (
                "We came for an hour and stayed until it was dark.",
                "The water is still warm, whatever the calendar says.",
                "The gulls took half of our sandwiches and did not even say thank you.",
                "I could listen to this sound for weeks.",
                "Phones off, shoes off.",
            ),
        },
        "uk": {
            "topic": "Біля моря",
            "titles": ("Останній теплий вечір", "На пляжі ні душі", "Сіль на всьому"),
            "sentences": (
                "Приїхали на годину, а лишилися до темряви.",
                "Вода ще тепла, хай що каже календар.",
                "Чайки з’їли половину наших бутербродів і навіть не подякували.",
                "Цей шум можна слухати тижнями.",
                "Телефони вимкнули, взуття зняли.",
            ),
        },
    },
    {
        "scenes": ("city", "lights"),
        "tags": ("music", "life", "київ"),
        "en": {
            "topic": "The city at night",
            "titles": ("A concert in the yard", "After the rain", "The city does not sleep", "Encore!"),
            "sentences": (
                "They played for two hours and came back three times.",
                "I have not sung so loudly since school.",
                "Wet asphalt makes every street look like a film.",
                "We walked home across the whole city because nobody wanted the evening to end.",
                "Next concert is on Friday, who is coming?",
            ),
        },
        "uk": {
            "topic": "Нічне місто",
            "titles": ("Концерт у дворі", "Після дощу", "Місто не спить", "Ще раз на біс!"),
            "sentences": (
                "Грали дві години і тричі виходили на біс.",
                "Так голосно я не співала зі школи.",
                "На мокрому асфальті кожна вулиця як у кіно.",
                "Ішли додому пішки через усе місто, бо ніхто не хотів, щоб вечір скінчився.",
                "Наступний концерт у п’ятницю, хто зі мною?",
            ),
        },
    },
    {
        "scenes": ("books", "table"),
        "tags": ("reading", "inspiration", "book_club"),
        "en": {
            "topic": "Reading",
            "titles": (
                "Finished it at three in the morning",
                "A shelf for rainy days",
                "What are you reading?",
                "Book club on Thursday",
            ),
            "sentences": (
                "I meant to read one chapter.",
                "The ending is quiet and perfect, I will not say more.",
                "Half of this shelf is borrowed, sorry, I am getting to it.",
                "Which book would you give to somebody who does not read?",
                "We meet at seven, bring your own cup.",
            ),
        },
        "uk": {
            "topic": "Читання",
            "titles": ("Дочитала о третій ночі", "Полиця на дощові дні", "Що читаєте?", "Книжковий клуб у четвер"),
            "sentences": (
                "Хотіла прочитати лише один розділ.",
                "Кінець тихий і бездоганний, більше не скажу.",
                "Половина цієї полиці позичена, вибачте, я пам’ятаю.",
                "Яку книжку ви подарували б тому, хто не читає?",
                "Збираємося о сьомій, чашку беріть свою.",
            ),
        },
    },
    {
        "scenes": ("table",),
        "tags": ("calm", "life", "coffee"),
        "en": {
            "topic": "Coffee",
            "titles": ("The first cup", "Found a new place round the corner", "Slow morning"),
            "sentences": (
                "No meetings until ten, a miracle.",
                "They roast the beans themselves and know everybody by name.",
                "The cinnamon bun was gone before I took the picture.",
                "Recommended by three people here, and all three were right.",
            ),
        },
        "uk": {
            "topic": "Кава",
            "titles": ("Перше горнятко", "Нове місце за рогом", "Неквапливий ранок"),
            "sentences": (
                "До десятої жодної наради, диво.",
                "Каву смажать самі й усіх знають на ім’я.",
                "Булочка з корицею зникла ще до фото.",
                "Мені це місце радили троє звідси, і всі троє мали рацію.",
            ),
        },
    },
    {
        "scenes": ("field", "flowers"),
        "tags": ("nature", "harmony", "літо"),
        "en": {
            "topic": "Summer",
            "titles": (
                "July in one picture",
                "In grandmother's garden",
                "Everything is in bloom",
                "A road between the fields",
            ),
            "sentences": (
                "The bees were too busy to mind us.",
                "Grandmother says the secret is not to hurry anything.",
                "We stopped the car just to listen.",
                "It smelled of thyme and rain.",
                "There are seedlings left: whoever wants some, write to me.",
            ),
        },
        "uk": {
            "topic": "Літо",
            "titles": ("Липень на одному фото", "У бабусиному саду", "Усе цвіте", "Дорога між полями"),
            "sentences": (
                "Бджоли були заклопотані, їм не до нас.",
                "Бабуся каже, що секрет у тому, щоб нічого не квапити.",
                "Зупинили машину, просто щоб послухати.",
                "Пахло чебрецем і дощем.",
                "Лишилася розсада: кому треба, пишіть.",
            ),
        },
    },
    {
        "scenes": ("lights", "books"),
        "tags": ("films", "inspiration"),
        "en": {
            "topic": "Films",
            "titles": ("We voted, and the old one won", "Film night on Saturday", "The best two hours of the week"),
            "sentences": (
                "Black and white, no explosions, and nobody looked at a phone.",
                "The projector works again, thanks to everybody who helped.",
                "Bring blankets, it gets cold after ten.",
                "I still think about the last scene.",
            ),
        },
        "uk": {
            "topic": "Кіно",
            "titles": ("Голосували, і переміг старий фільм", "У суботу вечір кіно", "Найкращі дві години тижня"),
            "sentences": (
                "Чорно-білий, жодного вибуху, і ніхто не дивився в телефон.",
                "Проєктор знову працює, дякуємо всім, хто допомагав.",
                "Беріть ковдри: після десятої холодно.",
                "Досі думаю про останню сцену.",
            ),
        },
    },
)

# Conversations in which two people take turns; None is a picture.
GROUP_NAMES = {"en": ("Weekend hikers", "Our town"), "uk": ("Похід на вихідні", "Наше містечко")}

DIALOGUES: dict[str, tuple[tuple[str | None, ...], ...]] = {
    "en": (
        ("Hi! Are you coming on Saturday?", "I think so, what time?", "Around six, bring something warm", "Will do 👍"),
        (
            "Did you see the pictures from the hike?",
            "Not yet",
            None,
            "Wow. Where is that?",
            "Just behind the pass, an hour from the road",
        ),
        ("Have you still got my book?", "Which one 😅", "The green one", "Oh. Yes. I will bring it tomorrow, promise"),
        ("How did it go?", "Better than I feared!", "Told you", "Thank you for yesterday, it really helped"),
        ("Dinner?", "Give me twenty minutes", "Take thirty, the soup is not ready"),
        (
            "Can you help me move a sofa?",
            "When?",
            "Sunday morning",
            "Only if there is coffee ☕",
            "There is always coffee",
        ),
        ("Happy birthday!!! 🎂🎉", "Thank you ❤️", "Many happy returns, see you tonight"),
        (
            "The train is late again",
            "How late?",
            "They say 40 minutes",
            "Then I will meet you at nine",
            "You are the best",
        ),
        ("Look who I met", None, "No way! Say hello from me"),
        (
            "What was the name of that café?",
            "The one by the bridge?",
            "Yes",
            "“Kvartyra”, they close at eight",
            "Thanks!",
        ),
    ),
    "uk": (
        ("Привіт! Будеш у суботу?", "Думаю, так, о котрій?", "Десь о шостій, візьми щось тепле", "Добре 👍"),
        ("Бачила фото з походу?", "Ще ні", None, "Ого. А де це?", "Одразу за перевалом, година від дороги"),
        ("Моя книжка ще в тебе?", "Яка саме 😅", "Зелена", "Ой. Так. Завтра принесу, обіцяю"),
        ("Ну як пройшло?", "Краще, ніж я боявся!", "А я казала", "Дякую за вчора, дуже допомогло"),
        ("Вечеряти йдеш?", "Дай двадцять хвилин", "Бери тридцять, суп ще не готовий"),
        ("Допоможеш перенести диван?", "Коли?", "У неділю вранці", "Тільки якщо буде кава ☕", "Кава є завжди"),
        ("З днем народження!!! 🎂🎉", "Дякую ❤️", "Щастя тобі, побачимося ввечері"),
        ("Потяг знову запізнюється", "Надовго?", "Кажуть, на 40 хвилин", "Тоді зустріну о дев’ятій", "Ти найкраща"),
        ("Дивись, кого я зустрів", None, "Не може бути! Передавай вітання"),
        ("Як називалося те кафе?", "Те, що біля мосту?", "Так", "«Квартира», вони до восьмої", "Дякую!"),
    ),
}
LINKS = ("https://www.gutenberg.org/", "https://www.openstreetmap.org/", "https://uk.wikipedia.org/wiki/Карпати")

COMMENTS = {
    "en": (
        "This made my morning, thank you.",
        "I was there last autumn and still think about it.",
        "Wonderful! Which way did you go?",
        "Saved for later 🙌",
        "Exactly what I needed to read today.",
        "The light in these is something else.",
        "I tried the same and it went much worse, so respect.",
        "More of this, please.",
        "My grandmother used to say just that.",
        "Would you do it again?",
        "How long did it take, all in all?",
        "I disagree a little, but it is beautifully told.",
        "So calm. I can almost hear it.",
        "Showed this to the kids and now they want to go too 😄",
        "Is there a list of what you took along?",
        "❤️",
        "Well said.",
        "This is why I like it here.",
        "I have walked past it a hundred times and never looked up.",
        "Next time, take me with you!",
        "The second part is the best one.",
        "Does it also work in winter?",
        "Thank you for writing it down and not only thinking it. I keep meaning to, and never find the evening.",
        "Now I am hungry.",
    ),
    "uk": (
        "Дякую, зробили мені ранок.",
        "Там минулої осені було найкраще, досі згадую.",
        "Краса! А якою дорогою йшли?",
        "Зберігаю на потім 🙌",
        "Саме те, що хотілося сьогодні прочитати.",
        "Яке ж тут світло!",
        "У мене вийшло значно гірше, тож моя повага.",
        "Ще такого, будь ласка.",
        "Моя бабуся казала точнісінько так.",
        "А вдруге наважилися б?",
        "Скільки на це пішло часу?",
        "Трохи не погоджуюсь, але розказано чудово.",
        "Такий спокій, що аж чути.",
        "Діти побачили й тепер теж хочуть 😄",
        "Є список, що брати з собою?",
        "❤️",
        "Гарно сказано.",
        "Ось за це й люблю цю спільноту.",
        "Сто разів іду повз і ніколи не підводжу голови.",
        "Наступного разу беріть мене!",
        "Друга частина найкраща.",
        "А взимку теж можна?",
        "Дякую, що не лише подумали, а й записали. Я все збираюся, та ніяк не знайду вечора.",
        "Тепер хочеться їсти.",
    ),
}

REPLIES = {
    "en": (
        "Thank you!",
        "About two days, with a long stop in the middle.",
        "Any time 🙂",
        "I thought the same.",
        "Write to me and I will tell you everything.",
        "In winter even more so.",
        "Ha, mine too!",
        "Let us go together in spring.",
        "Good question. I would, but not in August.",
        "That is kind of you.",
        "Me neither, until somebody pointed.",
        "Agreed.",
    ),
    "uk": (
        "Дякую!",
        "Днів зо два, з довгим перепочинком посередині.",
        "Завжди будь ласка 🙂",
        "Думаю так само.",
        "Напишіть мені, все розкажу.",
        "Взимку й поготів.",
        "Ха, моя теж!",
        "Ходімо разом навесні.",
        "Гарне питання. Так, але вже не в серпні.",
        "Дуже приємно.",
        "Мені теж показали випадково.",
        "Саме так.",
    ),
}
