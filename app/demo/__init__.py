"""A believable community for an empty instance: the same for the same seed."""

import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any, cast

from flask import current_app
from sqlalchemy import bindparam, insert, select, text, update

from app.blueprints.usernames import in_latin
from app.demo.pictures import SCENES, paint
from app.demo.words import DIALOGUES, FIRST_NAMES, LAST_NAMES, LINKS, SUBJECTS
from app.errors import Refused
from app.extensions import Base, db, passwords, writing
from app.media import Picture as Developed
from app.media import develop
from app.models import (
    Chat,
    Friendship,
    Like,
    Membership,
    Message,
    Picture,
    Post,
    PostLink,
    PostTag,
    PostView,
    Tag,
    User,
)
from app.models.tag import PRESETS
from app.models.user import fold

PASSWORD = "demo-password-1"
PAINTINGS_PER_SCENE = 3
ROWS_AT_ONCE = 20_000
Row = dict[str, Any]


@dataclass(slots=True)
class Community:
    """What has been made so far, and the chance that makes it."""

    random: Random
    until: datetime
    users: int
    posts: int
    messages: int
    languages: list[str] = field(default_factory=list)
    friends: list[set[int]] = field(default_factory=list)
    friends_since: dict[tuple[int, int], datetime] = field(default_factory=dict)
    photos: dict[str, list[Developed]] = field(default_factory=dict)
    readers: list[int] = field(default_factory=list)

    def ago(self, days: float) -> datetime:
        """Return a random moment within the last so many days, recent ones more often."""
        return self.until - timedelta(days=days * self.random.random() ** 2)


def settle(users: int, posts: int, messages: int, seed: int, until: datetime) -> None:
    """Fill the empty database with so many people, posts and messages; raise Refused when it is not empty."""
    if db.session.scalar(select(User.id).limit(1)) is not None:
        raise Refused("This instance has people already; the demonstration needs an empty one.")
    community = Community(Random(seed), until, users, posts, messages)
    community.photos = _photos(seed)
    with writing():
        _befriend(community)
        _publish(community)
        _settle_people(community)
        _talk(community)
        _align_keys()
        db.session.commit()


def _photos(seed: int) -> dict[str, list[Developed]]:
    """Paint and develop a few pictures of every scene; one is developed while the next is painted."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def develop_painting(scene: str, number: int) -> Developed:
        file = BytesIO()
        paint(scene, Random(f"{seed} {scene} {number}")).save(file, "JPEG", quality=88)
        file.seek(0)
        with app.app_context():
            return develop(file, f"{scene}.jpg")

    with ThreadPoolExecutor(3) as pool:
        done = {
            scene: [pool.submit(develop_painting, scene, n) for n in range(PAINTINGS_PER_SCENE)] for scene in SCENES
        }
        return {scene: [photo.result() for photo in photos] for scene, photos in done.items()}


def _insert(model: type[Base], rows: Iterable[Row]) -> None:
    """Insert rows in large batches, past the ORM."""
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, ROWS_AT_ONCE)):
        db.session.execute(insert(model), batch)


def _flush(batch: dict[type[Base], list[Row]]) -> None:
    """Insert what has gathered, table by table in this order, and empty it."""
    for model, rows in batch.items():
        _insert(model, rows)
        rows.clear()


def _befriend(community: Community) -> None:
    """Join everybody to their neighbours and to a few far away, as communities are joined."""
    random, count = community.random, community.users
    community.friends = [set() for _ in range(count + 1)]
    for person in range(1, count + 1):
        for _ in range(30 if person == 1 else random.randrange(3, 13)):
            near = random.random() < 0.7
            other = person + random.randrange(-12, 13) if near else random.randrange(1, count + 1)
            if 1 <= other <= count and other != person:
                low, high = min(person, other), max(person, other)
                community.friends_since.setdefault((low, high), community.ago(500))
                community.friends[low].add(high)
                community.friends[high].add(low)


def _publish(community: Community) -> None:
    """Write the posts, with their tags, links, pictures, likes and views."""
    random = community.random
    _insert(User, _placeholders(community))
    names = dict.fromkeys(
        [*PRESETS, *(fold(tag) for subject in SUBJECTS for tag in cast(tuple[str, ...], subject["tags"]))]
    )
    tags = {name: number for number, name in enumerate(names, 1)}
    _insert(Tag, ({"id": number, "name": name} for name, number in tags.items()))
    community.languages = ["uk" if random.random() < 0.6 else "en" for _ in range(community.users + 1)]
    community.readers = [0] * (community.users + 1)
    moments = sorted(community.ago(400) for _ in range(community.posts))
    numbers = itertools.count(1)
    batch: dict[type[Base], list[Row]] = {model: [] for model in (Post, PostTag, PostLink, Picture, PostView, Like)}
    for post_id, moment in enumerate(moments, 1):
        _write_post(community, batch, post_id, moment, tags, numbers)
        if post_id % 2_000 == 0:
            _flush(batch)
    _flush(batch)


def _placeholders(community: Community) -> Iterator[Row]:
    """Give every person a row to point at; _settle_people fills them in once their counts are known."""
    hashed = passwords.hash(PASSWORD)
    joined = community.until - timedelta(days=600)
    for number in range(1, community.users + 1):
        yield {"id": number, "email": f"user{number}@example.com", "password_hash": hashed, "created_at": joined}


def _write_post(
    community: Community,
    batch: dict[type[Base], list[Row]],
    post_id: int,
    moment: datetime,
    tags: dict[str, int],
    numbers: "itertools.count[int]",
) -> None:
    random = community.random
    author = min(community.users, 1 + int(community.users * random.random() ** 1.5))
    subject = random.choice(SUBJECTS)
    language = community.languages[author]
    words = cast(dict[str, Any], subject[language])
    sentences = random.sample(words["sentences"], random.randrange(1, min(5, len(words["sentences"])) + 1))
    chosen = random.sample(cast(tuple[str, ...], subject["tags"]), random.randrange(0, 3))
    batch[PostTag] += [{"post_id": post_id, "tag_id": tags[fold(tag)], "position": at} for at, tag in enumerate(chosen)]
    if random.random() < 0.08:
        batch[PostLink].append({"post_id": post_id, "position": 0, "url": random.choice(LINKS)})
    if random.random() < 0.55:
        photos = [photo for scene in cast(tuple[str, ...], subject["scenes"]) for photo in community.photos[scene]]
        for at, photo in enumerate(random.sample(photos, min(len(photos), random.choice([1, 1, 1, 2, 3, 4, 5])))):
            batch[Picture].append(_showing(next(numbers), photo, author, moment, at, post_id=post_id))
    seen_by = random.sample(range(1, community.users + 1), min(community.users, int(12 * random.random() ** 2)))
    liked_by = [reader for reader in seen_by if random.random() < 0.4]
    batch[PostView] += [{"post_id": post_id, "user_id": reader, "seen_at": moment} for reader in seen_by]
    batch[Like] += [{"post_id": post_id, "user_id": reader, "created_at": moment} for reader in liked_by]
    community.readers[author] += len(seen_by)
    batch[Post].append(
        {
            "id": post_id,
            "author_id": author,
            "client_id": f"demo-{post_id}",
            "title": random.choice(words["titles"]),
            "topic": words["topic"],
            "body": "\n\n".join(" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)),
            "created_at": moment,
            "like_count": len(liked_by),
            "view_count": len(seen_by),
        }
    )


def _showing(number: int, photo: Developed, owner: int, moment: datetime, position: int, **place: int) -> Row:
    return {
        "id": number,
        "key": photo.key,
        "owner_id": owner,
        "post_id": None,
        "message_id": None,
        **place,
        "position": position,
        "width": photo.width,
        "height": photo.height,
        "colour": photo.colour,
        "size": 0,  # the demonstration's bytes weigh on nobody's quota
        "created_at": moment,
    }


def _settle_people(community: Community) -> None:
    """Give everybody a name, and the counts that came of what they did."""
    random = community.random
    published = text("SELECT author_id, count(*) FROM posts GROUP BY author_id")
    posts = {author_id: count for author_id, count in db.session.execute(published)}
    pending = _requests(community)
    taken: set[str] = set()
    rows = []
    for number in range(1, community.users + 1):
        language = community.languages[number]
        first, last = random.choice(FIRST_NAMES[language]), random.choice(LAST_NAMES[language])
        username = plain = f"{in_latin(first)}.{in_latin(last)}"[:24]
        while username in taken:
            username = f"{plain}{random.randrange(2, 10_000)}"
        taken.add(username)
        friends = sum(
            1 for other in community.friends[number] if (min(number, other), max(number, other)) not in pending
        )
        rows.append(
            {
                "number": number,
                "first_name": first,
                "last_name": last,
                "username": username,
                "username_folded": fold(username),
                "search_text": fold(f"{first} {last} {username}"),
                "language": language,
                "is_admin": number == 1,
                "post_count": posts.get(number, 0),
                "reader_count": community.readers[number],
                "friend_count": friends,
            }
        )
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "number"}
    named = update(User).where(User.id == bindparam("number")).values(columns)
    db.session.connection().execute(named, rows)
    _insert(Friendship, _friendships(community, pending))


def _requests(community: Community) -> set[tuple[int, int]]:
    """Choose which friendships have only been asked for; the first person gets a few to answer."""
    pending = {pair for pair in community.friends_since if community.random.random() < 0.06}
    first = [pair for pair in community.friends_since if pair[0] == 1]
    return pending.difference(first) | set(first[:3])


def _friendships(community: Community, pending: set[tuple[int, int]]) -> Iterator[Row]:
    for (low, high), since in community.friends_since.items():
        requester = high if low == 1 or community.random.random() < 0.5 else low
        accepted = None if (low, high) in pending else since
        row = {
            "low_id": low,
            "high_id": high,
            "requester_id": requester,
            "requested_at": since,
            "accepted_at": accepted,
        }
        if accepted is None:
            community.friends[low].discard(high)
            community.friends[high].discard(low)
        yield row


def _talk(community: Community) -> None:
    """Let friends talk: most chats are short, a few are very long."""
    random = community.random
    pairs = [(low, high) for low, friends in enumerate(community.friends) for high in sorted(friends) if low < high]
    mine = [pair for pair in pairs if 1 in pair]
    others = [pair for pair in pairs if 1 not in pair]
    random.shuffle(others)
    chosen = mine + others[: max(0, min(len(others), community.messages // 12) - len(mine))]
    weights = [random.paretovariate(1.1) for _ in chosen]
    share = community.messages / sum(weights) if chosen else 0
    photos = [photo for scene in community.photos.values() for photo in scene]
    first_picture = (db.session.scalar(select(Picture.id).order_by(Picture.id.desc()).limit(1)) or 0) + 1
    numbers, message_ids = itertools.count(first_picture), itertools.count(1)
    batch: dict[type[Base], list[Row]] = {model: [] for model in (Chat, Membership, Message, Picture)}
    left = community.messages
    for chat_id, (pair, weight) in enumerate(zip(chosen, weights, strict=True), 1):
        count = min(left, max(1, round(weight * share))) if chat_id < len(chosen) else left
        if not count:
            break
        left -= count
        said = list(_conversation(community, chat_id, pair, count, message_ids))
        batch[Chat].append(_chat_row(chat_id, pair, said))
        batch[Membership] += _members(community, chat_id, pair, said)
        batch[Message] += said
        batch[Picture] += (
            _showing(next(numbers), random.choice(photos), one["author_id"], one["sent_at"], 0, message_id=one["id"])
            for one in said
            if not one["body"]
        )
        if len(batch[Message]) > ROWS_AT_ONCE:
            _flush(batch)
    _flush(batch)


def _conversation(
    community: Community, chat_id: int, pair: tuple[int, int], count: int, message_ids: "itertools.count[int]"
) -> Iterator[Row]:
    """Say ``count`` things in turns, dialogue after dialogue, up to the last days."""
    random = community.random
    dialogues = DIALOGUES[community.languages[pair[0]]]
    moment = community.until - timedelta(days=20 * random.random() ** 3, minutes=count * 95 + 5)
    seq = 0
    while seq < count:
        speaker = random.randrange(2)
        for turn, words in enumerate(random.choice(dialogues)):
            if seq == count:
                return
            seq += 1
            moment = min(moment + timedelta(seconds=random.randrange(15, 300)), community.until)
            number = next(message_ids)
            yield {
                "id": number,
                "chat_id": chat_id,
                "seq": seq,
                "revision": seq,
                "author_id": pair[(speaker + turn) % 2],
                "client_id": f"demo-{number}",
                "body": words or "",
                "sent_at": moment,
            }
        moment += timedelta(minutes=random.randrange(30, 600))


def _chat_row(chat_id: int, pair: tuple[int, int], said: list[Row]) -> Row:
    return {
        "id": chat_id,
        "kind": "direct",
        "low_id": pair[0],
        "high_id": pair[1],
        "last_seq": len(said),
        "last_revision": len(said),
        "last_message_at": said[-1]["sent_at"],
        "created_at": said[0]["sent_at"],
    }


def _members(community: Community, chat_id: int, pair: tuple[int, int], said: list[Row]) -> Iterator[Row]:
    for person in pair:
        unread = (
            community.random.randrange(1, 4)
            if said[-1]["author_id"] != person and community.random.random() < 0.3
            else 0
        )
        yield {
            "chat_id": chat_id,
            "user_id": person,
            "read_seq": max(0, len(said) - unread),
            "joined_at": said[0]["sent_at"],
        }


def _align_keys() -> None:
    """On PostgreSQL, let the next row of each table get the next number."""
    if db.session.connection().dialect.name != "postgresql":
        return
    for table in ("users", "tags", "posts", "pictures", "chats", "messages"):
        db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))  # noqa: S608
