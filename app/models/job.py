"""Work that is to be done after its cause has been committed."""

from datetime import datetime

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.columns import Instant, Key, MaybeMoment, Moment


class Job(Base):
    """One piece of work; a runner leases it, and a lease that ran out gives it to the next."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "run_at", "id"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, str]] = mapped_column(JSON)
    run_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[MaybeMoment]
    # Of several that say the same word here the first stays: for work that is to be done from time to time.
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Moment]
