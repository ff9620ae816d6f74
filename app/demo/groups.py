"""Groups of the demonstration: people talk in them, come and go."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.demo.community import Community, Row, flush, showing, shown_in
from app.demo.words import DIALOGUES, GROUP_NAMES
from app.emoji import QUICK
from app.extensions import Base, db
from app.media import Picture as Developed
from app.models import Chat, Membership, Message, Picture, Reaction


@dataclass(frozen=True, slots=True)
class Group:
    """What a group is to be: its members, the owner first, who left it, and how much is said in how quick a talk."""

    name: int  # its place in GROUP_NAMES
    photo: Developed
    members: list[int]
    former: list[int]
    messages: int
    pause: int  # minutes between two conversations, at most


def gather(community: Community, group: Group) -> int:
    """Make a group and return its chat's id."""
    chat_id, first_message, first_picture = (
        (db.session.scalar(select(func.max(model.id))) or 0) + 1 for model in (Chat, Message, Picture)
    )
    lines = _dated(community, list(_lines(community, group)), group.pause)
    for seq, (line, message_id) in enumerate(zip(lines, itertools.count(first_message)), 1):
        line |= {"id": message_id, "client_id": f"demo-{message_id}", "chat_id": chat_id, "seq": seq, "revision": seq}
    photos = [photo for scene in community.photos.values() for photo in scene]
    silent = [line for line in lines if line["kind"] == "said" and not line["body"]]
    pictures = [
        showing(number, community.random.choice(photos), line["author_id"], line["sent_at"], 0, **shown_in(line))
        for number, line in enumerate(silent, first_picture)
    ]
    revision = _change(lines)
    _answer(community, lines)
    chat = {
        "id": chat_id,
        "kind": "group",
        "name": GROUP_NAMES[community.languages[1]][group.name],
        "photo_key": group.photo.key,
        "member_count": len(group.members),
        "members_version": 1 + sum(line["kind"] == "system" for line in lines),
        "last_seq": len(lines),
        "last_revision": revision,
        "last_message_at": lines[-1]["sent_at"],
        "created_at": lines[0]["sent_at"],
    }
    batch: dict[type[Base], list[Row]] = {
        Chat: [chat],
        Membership: list(_memberships(community, group, chat_id, lines)),
        Message: lines,
        Picture: pictures,
        Reaction: list(_reactions(community, group, lines)),
    }
    flush(batch)
    return chat_id


def _line(author: int, body: str = "", event: str | None = None, subject: int | None = None) -> Row:
    kind = "system" if event else "said"
    return {"author_id": author, "kind": kind, "event": event, "subject_id": subject, "body": body}


def _lines(community: Community, group: Group) -> Iterator[Row]:
    """Say things, conversation after conversation; who has just come, or is about to leave, is there for a part of it.

    Where everybody is a member, those who leave are taken in again.
    """
    random, owner, count = community.random, group.members[0], group.messages
    late = group.members[3:][-max(1, len(group.members) // 12) :][:10] if len(group.members) > 4 else []
    leaving = group.former or late[::2]
    moments = sorted(random.sample(range(2, count), min(count - 2, len(leaving) + len(late))))
    turns = dict(zip(moments, [*(("left", one) for one in leaving), *(("came", one) for one in late)], strict=False))
    present = [one for one in [*group.members, *group.former] if one not in late or one in leaving]
    yield _line(owner, event="created")
    talk = _talk(community, present)
    for seq in range(2, count + 1):
        event, person = turns.get(seq, ("", 0))
        if event == "left":
            present.remove(person)
            yield _line(person, event="left", subject=person)
        elif event == "came":
            present.append(person)
            yield (
                _line(owner, event="added", subject=person)
                if random.random() < 0.7
                else _line(person, event="joined", subject=person)
            )
        else:
            yield next(talk)


def _talk(community: Community, present: list[int]) -> Iterator[Row]:
    """Let some of those present talk, without end; the first among them talk most."""
    random = community.random
    dialogues = DIALOGUES[community.languages[1]]
    while True:
        speakers: list[int] = []
        while len(speakers) < min(len(present), random.choice([2, 2, 3, 4])):
            speaker = present[int(len(present) * random.random() ** 2)]
            speakers += [speaker] if speaker not in speakers else []
        for turn, words in enumerate(random.choice(dialogues)):
            speaker = speakers[turn % len(speakers)]
            if speaker not in present:
                break
            yield _line(speaker, words or "") | {"begins": turn == 0}


def _dated(community: Community, lines: list[Row], pause: int) -> list[Row]:
    """Give lines their moments, up to the present."""
    random = community.random
    passed, moments = timedelta(), []
    for line in lines:
        begins = line.pop("begins", True)
        passed += timedelta(minutes=random.randrange(pause // 6, pause)) if begins else timedelta()
        passed += timedelta(seconds=random.randrange(15, 200))
        moments.append(passed)
    start = community.until - passed - timedelta(minutes=4)
    unchanged: dict[str, Any] = {"edited_at": None, "deleted_at": None}
    return [line | {"sent_at": start + moment} | unchanged for line, moment in zip(lines, moments, strict=True)]


def _answer(community: Community, lines: list[Row]) -> None:
    """Let some lines answer one that stands shortly before, and pin one of the last."""
    said = [line for line in lines if line["kind"] == "said" and not line["deleted_at"]]
    for line in lines:
        line |= {"reply_to_id": None, "pinned_at": None}
    for place, line in enumerate(said[3:]):
        if community.random.random() < 0.08:
            line["reply_to_id"] = said[place + community.random.randrange(3)]["id"]
    pinned = next(line for line in said[-30:] if line["body"])
    pinned["pinned_at"] = pinned["sent_at"] + timedelta(minutes=2)


def _reactions(community: Community, group: Group, lines: list[Row]) -> Iterator[Row]:
    """Let members react to what is said now and then, a few of them with the same emoji."""
    random = community.random
    for line in lines:
        if line["kind"] == "said" and not line["deleted_at"] and random.random() < 0.15:
            people = random.sample(group.members, min(len(group.members), random.choice([1, 1, 2, 3, 5])))
            moment = line["sent_at"] + timedelta(minutes=1)
            emoji = random.choice(QUICK)
            yield from (
                {"message_id": line["id"], "user_id": one, "emoji": emoji, "created_at": moment} for one in people
            )


def _change(lines: list[Row]) -> int:
    """Edit one of the last messages and delete another; return the chat's revision after that."""
    revision = len(lines)
    said = [line for line in lines if line["body"]][-12:]
    for line, column in ((said[0], "deleted_at"), (said[len(said) // 2], "edited_at")):
        revision += 1
        line |= {"revision": revision, column: line["sent_at"] + timedelta(minutes=1)}
    said[0]["body"] = ""
    return revision


def _memberships(community: Community, group: Group, chat_id: int, lines: list[Row]) -> Iterator[Row]:
    came = {
        line["subject_id"]: (line["seq"], line["sent_at"]) for line in lines if line["event"] in ("added", "joined")
    }
    for place, person in enumerate(group.members):
        seq, joined_at = came.get(person, (0, lines[0]["sent_at"]))
        unread = community.random.randrange(4) if place < 3 else int(len(lines) * community.random.random() ** 4)
        yield {
            "chat_id": chat_id,
            "user_id": person,
            "role": "owner" if place == 0 else "member",
            "read_seq": max(seq, len(lines) - unread),
            "joined_seq": seq,
            "joined_at": joined_at,
        }
