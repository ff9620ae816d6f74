"""A believable community for an empty instance: the same for the same seed."""

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import bindparam, select, text, update

from app.actions.indexing import fill
from app.blueprints.usernames import in_latin
from app.demo.comments import Voices
from app.demo.community import ROWS_AT_ONCE, Community, Row, flush, insert_rows, showing, shown_in
from app.demo.groups import Group, gather
from app.demo.oneself import Lives
from app.demo.studio import photos
from app.demo.words import DIALOGUES, FIRST_NAMES, LAST_NAMES, LINKS, SUBJECTS
from app.errors import Refused
from app.extensions import Base, db, passwords, writing
from app.models import (
    Chat,
    Comment,
    CommentLike,
    Friendship,
    Like,
    Membership,
    Message,
    Picture,
    Post,
    PostLink,
    PostTag,
    PostView,
    Reader,
    Tag,
    TagFollow,
    User,
)
from app.models.post import topic_key
from app.models.tag import PRESETS
from app.text import fold

PASSWORD = "demo-password-1"


def settle(users: int, posts: int, messages: int, seed: int, until: datetime, group: int = 0) -> int | None:
    """Fill the empty database with so many people, posts and messages; raise Refused when it is not empty.

    If ``group`` is given, make a group of so many too, who have said more, and return its chat's id.
    """
    if db.session.scalar(select(User.id).limit(1)) is not None:
        raise Refused("This instance has people already; the demonstration needs an empty one.")
    in_small_group = min(60, messages // 10)
    community = Community(Random(seed), until, max(users, group), posts, messages - in_small_group)
    community.photos, portraits, looks = photos(seed)
    lives = Lives(community, looks, seed)
    with writing():
        _befriend(community)
        _publish(community, seed)
        _settle_people(community, lives)
        _talk(community)
        friends = sorted(community.friends[1])
        if in_small_group >= 6 and len(friends) >= 2:
            gather(community, Group(0, portraits[0], [1, *friends[:7]], friends[7:8], in_small_group, pause=600))
        large = None
        if group:
            everybody = range(1, community.users + 1)
            members, former = list(everybody[:group]), list(everybody[group : group + 5])
            large = gather(community, Group(1, portraits[1], members, former, messages=400, pause=150))
        lives.settle()
        fill(db.session.connection())
        _align_keys()
        db.session.commit()
    return large


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
    first = [pair for pair in community.friends_since if pair[0] == 1]
    asked = {pair for pair in community.friends_since if random.random() < 0.06}.difference(first)
    # Some have only been asked; the first person gets a few to answer.
    for low, high in asked | set(first[:3]):
        community.friends[low].discard(high)
        community.friends[high].discard(low)


def _publish(community: Community, seed: int) -> None:
    """Write the posts, with their tags, links, pictures, likes, views and comments."""
    random = community.random
    insert_rows(User, _placeholders(community))
    names = dict.fromkeys(
        [*PRESETS, *(fold(tag) for subject in SUBJECTS for tag in cast(tuple[str, ...], subject["tags"]))]
    )
    tags = {name: number for number, name in enumerate(names, 1)}
    insert_rows(Tag, ({"id": number, "name": name} for name, number in tags.items()))
    community.languages = ["uk" if random.random() < 0.6 else "en" for _ in range(community.users + 1)]
    moments = sorted(community.ago(400) for _ in range(community.posts))
    numbers, voices = itertools.count(1), Voices(community, seed)
    models = (Post, PostTag, PostLink, Picture, PostView, Like, Comment, CommentLike)
    batch: dict[type[Base], list[Row]] = {model: [] for model in models}
    for post_id, moment in enumerate(moments, 1):
        _write_post(community, batch, post_id, moment, tags, numbers)
        batch[Post][-1]["comment_count"] = voices.comment(batch, post_id, moment)
        if post_id % 2_000 == 0:
            flush(batch)
    flush(batch)
    pairs = community.readers.items()
    insert_rows(TagFollow, _tag_follows(community, sorted(tags.values())))
    insert_rows(Reader, ({"author_id": pair[0], "reader_id": pair[1], "post_count": count} for pair, count in pairs))


def _tag_follows(community: Community, tags: list[int]) -> Iterator[Row]:
    """Let most people follow a few tags."""
    for person in community.everybody:
        for tag_id in community.random.sample(tags, community.random.randrange(0, 5) if person > 1 else 4):
            yield {"user_id": person, "tag_id": tag_id, "created_at": community.ago(300)}


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
            batch[Picture].append(showing(next(numbers), photo, author, moment, at, post_id=post_id))
    audience = random.choices(("everyone", "friends", "me"), (85, 12, 3))[0]
    readers = {"friends": sorted({author} | community.friends[author]), "me": [author]}.get(
        audience, community.everybody
    )
    seen_by = random.sample(readers, min(len(readers), int(12 * random.random() ** 2)))
    liked_by = [reader for reader in seen_by if random.random() < 0.4]
    batch[PostView] += [{"post_id": post_id, "user_id": reader, "seen_at": moment} for reader in seen_by]
    batch[Like] += [{"post_id": post_id, "user_id": reader, "created_at": moment} for reader in liked_by]
    community.readers.update((author, reader) for reader in seen_by)
    batch[Post].append(
        {
            "id": post_id,
            "author_id": author,
            "client_id": f"demo-{post_id}",
            "title": random.choice(words["titles"]),
            "topic": words["topic"],
            "topic_folded": topic_key(words["topic"]),
            "audience": audience,
            "body": "\n\n".join(" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)),
            "created_at": moment,
            "like_count": len(liked_by),
            "view_count": len(seen_by),
        }
    )


def _settle_people(community: Community, lives: Lives) -> None:
    """Give everybody a name, what they tell about themselves, and the counts that came of what they did."""
    random = community.random
    published = text("SELECT author_id, count(*) FROM posts GROUP BY author_id")
    posts = {author_id: count for author_id, count in db.session.execute(published)}
    readers = Counter(author for author, _ in community.readers)
    taken: set[str] = set()
    rows = []
    for number in range(1, community.users + 1):
        language = community.languages[number]
        first, last = random.choice(FIRST_NAMES[language]), random.choice(LAST_NAMES[language])
        username = plain = f"{in_latin(first)}.{in_latin(last)}"[:24]
        while username in taken:
            username = f"{plain}{random.randrange(2, 10_000)}"
        taken.add(username)
        told = lives.tell(number)
        findable = f"{first} {last} {username}" if told["name_shown_to"] == "everyone" else username
        rows.append(
            {
                **told,
                "number": number,
                "first_name": first,
                "last_name": last,
                "username": username,
                "username_folded": fold(username),
                "search_text": fold(findable),
                "language": language,
                "is_admin": number == 1,
                "post_count": posts.get(number, 0),
                "reader_count": readers[number],
                "friend_count": len(community.friends[number]),
            }
        )
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "number"}
    named = update(User).where(User.id == bindparam("number")).values(columns)
    db.session.connection().execute(named, rows)
    insert_rows(Friendship, _friendships(community))


def _friendships(community: Community) -> Iterator[Row]:
    for (low, high), since in community.friends_since.items():
        requester = high if low == 1 or community.random.random() < 0.5 else low
        accepted = since if high in community.friends[low] else None
        yield {
            "low_id": low,
            "high_id": high,
            "requester_id": requester,
            "requested_at": since,
            "accepted_at": accepted,
        }


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
            showing(next(numbers), random.choice(photos), one["author_id"], one["sent_at"], 0, **shown_in(one))
            for one in said
            if not one["body"]
        )
        if len(batch[Message]) > ROWS_AT_ONCE:
            flush(batch)
    flush(batch)


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
        "member_count": 2,
        "members_version": 1,
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
    for table in ("users", "tags", "posts", "pictures", "avatars", "albums", "chats", "messages", "comments"):
        db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))  # noqa: S608
