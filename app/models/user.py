"""A person of the community."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zlib import crc32

from flask_login import UserMixin
from sqlalchemy import Date, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Key, MaybeMoment, Moment
from app.text import fold, initials

BIO = 500
STATUS = 100
AUDIENCES = ("everyone", "friends", "nobody")  # who is shown a thing of somebody's, besides themselves
ASKERS = ("everyone", "mutual", "nobody")  # who may ask to be friends: "mutual" are friends of friends
TEXT_SIZES = ("small", "normal", "large", "largest")
TINTS = 8  # of letters that stand for a missing photo, see people.css
SIGNATURES = ("name", "drawing")
SIGNATURE_WIDTHS = (240, 480, 960)  # a drawing is kept in, three times as wide as high
GONE = text("deleted_at IS NOT NULL")
KEPT = timedelta(days=14)  # for so long somebody who deletes their account may change their mind


class User(Base, UserMixin):
    """Somebody who has confirmed an e-mail address; their counts are kept by the verbs that change them."""

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_deleted", "id", sqlite_where=GONE, postgresql_where=GONE),)
    __allow_unmapped__ = True

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), unique=True)  # folded
    password_hash: Mapped[str] = mapped_column(String(200))
    first_name: Mapped[str] = mapped_column(String(60), default="")
    last_name: Mapped[str] = mapped_column(String(60), default="")
    username: Mapped[str | None] = mapped_column(String(30))
    username_folded: Mapped[str | None] = mapped_column(String(30), unique=True)
    # SQLite's LIKE knows no Cyrillic, so names are searched in this folded copy; it has what everybody may know.
    search_text: Mapped[str] = mapped_column(String(160), default="")
    bio: Mapped[str] = mapped_column(String(BIO), default="")
    status: Mapped[str] = mapped_column(String(STATUS), default="")
    birth_date: Mapped[date | None] = mapped_column(Date)
    photo_key: Mapped[str | None] = mapped_column(String(64), index=True)  # of the avatar they show now
    signature_key: Mapped[str | None] = mapped_column(String(64), index=True)  # of a drawn or uploaded one
    signs_by: Mapped[str] = mapped_column(String(10), default="name")  # one of SIGNATURES
    language: Mapped[str] = mapped_column(String(5), default="en")
    theme: Mapped[str] = mapped_column(String(10), default="system")
    text_size: Mapped[str] = mapped_column(String(10), default="normal")
    is_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    post_count: Mapped[int] = mapped_column(default=0)
    reader_count: Mapped[int] = mapped_column(default=0)
    friend_count: Mapped[int] = mapped_column(default=0)
    enter_sends: Mapped[bool] = mapped_column(default=True)  # or the enter key begins a new line
    # What others are told: that they are here, that they write, and how far they have read.
    shows_presence: Mapped[bool] = mapped_column(default=True)
    shows_typing: Mapped[bool] = mapped_column(default=True)
    shows_reading: Mapped[bool] = mapped_column(default=True)
    last_seen_at: Mapped[MaybeMoment]
    name_shown_to: Mapped[str] = mapped_column(String(10), default="everyone")
    birth_date_shown_to: Mapped[str] = mapped_column(String(10), default="nobody")
    shows_birth_year: Mapped[bool] = mapped_column(default=True)  # or only the day and the month
    email_shown_to: Mapped[str] = mapped_column(String(10), default="nobody")
    friends_shown_to: Mapped[str] = mapped_column(String(10), default="everyone")
    requests_from: Mapped[str] = mapped_column(String(10), default="everyone")  # one of ASKERS
    deleted_at: Mapped[MaybeMoment]  # when they asked for the end of their account; for a while it can be taken back

    # The login session this person is looking through; set when a request is recognised, never stored here.
    session_id: int | None = None
    session_token: str | None = None

    @property
    def real_name(self) -> str:
        """First and last name, for those who may know it: themselves, and whom ``name_shown_to`` tells."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def full_name(self) -> str:
        """What everybody may call them: by name if they show it to everyone, or by what else there is."""
        return self._shown_name(self.real_name)

    @property
    def short_name(self) -> str:
        """The same where there is room for little."""
        return self._shown_name(self.first_name)

    def _shown_name(self, name: str) -> str:
        shown = name if self.name_shown_to in (None, "everyone") else ""
        return shown or self.username or self.email.split("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters that stand for a missing photo."""
        return initials(self.full_name)

    @property
    def tint(self) -> int:
        """Which of TINTS colours these letters stand on: the same for the same name, whoever has it."""
        return _tint(self.full_name)

    @property
    def drawing(self) -> str | None:
        """The key of the signature they have drawn, while they sign by it."""
        return self.signature_key if self.signs_by == "drawing" else None

    @property
    def is_introduced(self) -> bool:
        """Whether they have told the community their name."""
        return self.username is not None

    @property
    def ends_at(self) -> datetime | None:
        """When their account is deleted for good, if they want that."""
        return self.deleted_at and self.deleted_at + KEPT

    def get_id(self) -> str:
        """Return what the cookie remembers: the token of a login session, so that each can be ended alone."""
        return self.session_token or ""

    def name_themselves(self, first_name: str, last_name: str, username: str) -> None:
        """Take new names, and the folded copies by which they are compared and searched."""
        self.first_name, self.last_name = first_name, last_name
        self.username, self.username_folded = username, fold(username)
        self.show_name_to(self.name_shown_to or "everyone")

    def show_name_to(self, audience: str) -> None:
        """Be called by name, and found by it, by everyone or else by the username."""
        self.name_shown_to = audience
        names = (self.full_name, self.username) if audience == "everyone" else (self.username,)
        # Folding can lengthen text (ß becomes ss), and PostgreSQL refuses what does not fit.
        self.search_text = fold(" ".join(filter(None, names)))[:160]


@lru_cache(maxsize=4096)
def _tint(name: str) -> int:
    return crc32(fold(name).encode()) % TINTS
