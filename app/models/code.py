"""The code that was mailed for what waits for one."""

from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.columns import Instant, now

CODE_LIFETIME = timedelta(minutes=30)
RESEND_EVERY = timedelta(minutes=1)
TRIES = 5


class Coded:
    """What the right code sets in motion; a code is good for half an hour, and for five tries."""

    code_hash: Mapped[str] = mapped_column(String(64))
    code_sent_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)

    @property
    def bound_to(self) -> str:
        """What its codes are for, whose they are, and to which address they were mailed: they confirm nothing else."""
        raise NotImplementedError

    @property
    def seconds_until_resend(self) -> int:
        """How long it takes until another code may be asked for."""
        return max(0, round((self.code_sent_at + RESEND_EVERY - now()).total_seconds()))

    @property
    def tries_left(self) -> int:
        """How many more codes may be tried before a new one has to be mailed."""
        return max(0, TRIES - self.tries)
