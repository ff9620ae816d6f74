"""What people of the demonstration keep about themselves: faces, signatures, words, whom they show what, albums."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sqlalchemy import func, select

from app.demo.community import Community, Row, insert_rows, showing
from app.demo.lives import ALBUMS, BIOS, CAPTIONS, STATUSES
from app.extensions import db
from app.media import Picture as Developed
from app.models import Album, Avatar, Picture, Tag
from app.text import fold

FACES, AUTOGRAPHS = 14, 7  # so many different ones, which people share
KEEPERS = 10  # the first people all have albums, of the others a few


@dataclass(frozen=True, slots=True)
class Looks:
    """The pictures people show of themselves, and sign with."""

    faces: list[Developed]
    autographs: list[Developed]


class Lives:
    """What is told and shown by each; chance apart from all other chance."""

    def __init__(self, community: Community, looks: Looks, seed: int) -> None:
        self.community = community
        self.looks = looks
        self.random = Random(f"{seed} lives")
        self.avatars: list[Row] = []

    def tell(self, person: int) -> Row:
        """Return the columns of what somebody tells about themselves, and remember their avatar."""
        random, language = self.random, self.community.languages[person]
        face = self._face(person) if random.random() < 0.67 or person == 1 else None
        drawing = random.choice(self.looks.autographs).key if random.random() < 0.35 or person == 1 else None
        signs_by = "drawing" if drawing and (random.random() < 0.85 or person == 1) else "name"
        told: Row = {
            "photo_key": face,
            "signature_key": drawing,
            "signs_by": signs_by,
            "status": random.choice(STATUSES[language]) if random.random() < 0.4 else "",
            "bio": random.choice(BIOS[language]) if random.random() < 0.7 else "",
            "birth_date": self._birth_date() if random.random() < 0.8 else None,
        }
        return told | self._shown_to(person)

    def _face(self, person: int) -> str:
        faces = self.random.sample(self.looks.faces, 1 + (self.random.random() < 0.2))
        for face in faces:
            row = {"user_id": person, "key": face.key, "size": face.size, "hidden": False}
            self.avatars.append(row | {"created_at": self.community.ago(500)})
        # The one that stands for them came last.
        self.avatars[-1]["created_at"] = max(row["created_at"] for row in self.avatars[-len(faces) :])
        return faces[-1].key

    def _birth_date(self) -> date:
        return date(1948, 1, 1) + timedelta(days=self.random.randrange(60 * 365))

    def _shown_to(self, person: int) -> Row:
        """Choose who is shown what: most people hide little, and the first ten not their names."""

        def choose(everyone: int, friends: int, nobody: int) -> str:
            return self.random.choices(("everyone", "friends", "nobody"), (everyone, friends, nobody))[0]

        name = choose(96, 4, 0)
        return {
            "name_shown_to": "everyone" if person <= KEEPERS else name,
            "birth_date_shown_to": choose(25, 50, 25),
            "shows_birth_year": self.random.random() < 0.6,
            "email_shown_to": choose(2, 13, 85),
            "friends_shown_to": choose(82, 14, 4),
            "requests_from": self.random.choices(("everyone", "mutual", "nobody"), (90, 8, 2))[0],
        }

    def settle(self) -> None:
        """Keep the avatars and fill the albums."""
        insert_rows(Avatar, ({"id": number, **row} for number, row in enumerate(self.avatars, 1)))
        first = (db.session.scalar(select(func.max(Picture.id))) or 0) + 1
        tags = {name: tag_id for name, tag_id in db.session.execute(select(Tag.name, Tag.id))}
        albums: list[Row] = []
        photos: list[Row] = []
        for album in self._albums(itertools.count(1), tags):
            shown = list(self._photos(album, itertools.count(first + len(photos))))
            album |= {"photo_count": len(shown), "cover_id": self._cover(shown)}
            albums.append(album)
            photos += shown
        insert_rows(Album, albums)
        insert_rows(Picture, photos)

    def _albums(self, numbers: "itertools.count[int]", tags: dict[str, int]) -> Iterator[Row]:
        random = self.random
        for person in self.community.everybody:
            count = random.randrange(2, 5) if person <= KEEPERS else random.randrange(1, 4) * (random.random() < 0.15)
            for kind in random.sample(range(len(ALBUMS)), count):
                _, tag, names, descriptions = ALBUMS[kind]
                language, made = self.community.languages[person], self.community.ago(400)
                number = next(numbers)
                yield {
                    "id": number,
                    "client_id": f"demo-{number}",
                    "owner_id": person,
                    "name": names[language],
                    "description": descriptions[language],
                    "tag_id": tags.get(fold(tag)) if random.random() < 0.8 else None,
                    "year": made.year - random.choice((0, 0, 0, 1, 2, 7, 30)) if random.random() < 0.8 else None,
                    "audience": random.choices(("everyone", "friends", "me"), (70, 22, 8))[0],
                    "created_at": made,
                    "kind": kind,
                }

    def _photos(self, album: Row, numbers: "itertools.count[int]") -> Iterator[Row]:
        random = self.random
        scenes = ALBUMS[album.pop("kind")][0]
        photos = [photo for scene in dict.fromkeys(scenes) for photo in self.community.photos[scene]]
        captions = CAPTIONS[self.community.languages[album["owner_id"]]]
        for place, photo in enumerate(random.sample(photos, random.randrange(3, len(photos) + 1))):
            row = showing(next(numbers), photo, album["owner_id"], album["created_at"], place, album_id=album["id"])
            yield row | {"caption": random.choice(captions) if random.random() < 0.35 else ""}

    def _cover(self, shown: list[Row]) -> int | None:
        return self.random.choice(shown)["id"] if self.random.random() < 0.5 else None
