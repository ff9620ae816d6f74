"""Who has seen an author's posts: pieces of the verbs that see, delete and restore posts."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, case, delete, insert, select, update
from sqlalchemy.orm import aliased

from app.extensions import UNSYNCHRONISED, db
from app.models import PostView, Reader, User
from app.models.columns import insert_all_once


def add(viewer: User, seen: Mapping[int, int]) -> None:
    """Within a verb: count the viewer once among the readers of each author, of whom they saw so many more posts."""
    _hold_authors(list(seen))
    rows = [{"author_id": author, "reader_id": viewer.id, "post_count": count} for author, count in seen.items()]
    new = insert_all_once(Reader, rows, returning=Reader.author_id)
    known = {author: count for author, count in seen.items() if author not in new}
    if known:
        theirs = (Reader.reader_id == viewer.id, Reader.author_id.in_(known))
        more = {"post_count": Reader.post_count + case(known, value=Reader.author_id)}
        db.session.execute(update(Reader).where(*theirs).values(more), execution_options=UNSYNCHRONISED)
    if new:
        _count(new, +1)


def forget_post(author: User, post_id: int) -> None:
    """Within a verb that deletes a post: whoever has seen no other of the author's posts is their reader no longer."""
    _hold_authors([author.id])
    theirs = _who_saw(author, post_id)
    fewer = update(Reader).where(*theirs).values(post_count=Reader.post_count - 1)
    db.session.execute(fewer, execution_options=UNSYNCHRONISED)
    none = delete(Reader).where(Reader.author_id == author.id, Reader.post_count <= 0).returning(Reader.reader_id)
    _count([author.id], -len(db.session.scalars(none, execution_options=UNSYNCHRONISED).all()))


def remember_post(author: User, post_id: int) -> None:
    """Within a verb that restores a post: whoever has seen it is the author's reader again."""
    _hold_authors([author.id])
    more = update(Reader).where(*_who_saw(author, post_id)).values(post_count=Reader.post_count + 1)
    known = aliased(Reader)
    already = select(known.reader_id).where(known.author_id == author.id)
    missing = select(PostView.user_id).where(PostView.post_id == post_id, PostView.user_id.not_in(already))
    back = db.session.scalars(missing).all()
    db.session.execute(more, execution_options=UNSYNCHRONISED)
    if back:
        db.session.execute(insert(Reader), [{"author_id": author.id, "reader_id": reader} for reader in back])
    _count([author.id], len(back))


def _who_saw(author: User, post_id: int) -> tuple[ColumnElement[bool], ...]:
    saw = select(PostView.user_id).where(PostView.post_id == post_id)
    return Reader.author_id == author.id, Reader.reader_id.in_(saw)


def _hold_authors(authors: list[int]) -> None:
    """Lock the authors in the order of their ids, so that no two verbs wait for each other in a ring."""
    db.session.execute(select(User.id).where(User.id.in_(authors)).order_by(User.id).with_for_update(key_share=True))


def _count(authors: list[int], change: int) -> None:
    counted = update(User).where(User.id.in_(authors)).values(reader_count=User.reader_count + change)
    db.session.execute(counted, execution_options=UNSYNCHRONISED)
