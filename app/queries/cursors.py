"""Where long lists go on: a cursor tells the last one that was shown, so that pages neither skip nor repeat anybody."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, or_

from app.models import User
from app.models.columns import EPOCH

PAGE = 24


def cursor(moment: datetime, last_id: int) -> str:
    """Return the cursor of a list that goes by moments, the latest first."""
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}-{last_id}"


def numbers_after(text: str | None, digits: int = 9) -> tuple[int, int] | None:
    """Return the two numbers of a cursor; what is not one, or too long for the database, begins the list anew."""
    match = re.fullmatch(rf"([0-9]{{1,{digits}}})-([0-9]{{1,9}})", text or "")
    return (int(match[1]), int(match[2])) if match else None


def moment_after(text: str | None) -> tuple[datetime, int] | None:
    """Return the moment and the id of a cursor."""
    last = numbers_after(text, digits=17)
    return (EPOCH + timedelta(microseconds=last[0]), last[1]) if last else None


def beyond(column: SQLColumnExpression[Any], value: Any, last_id: int) -> ColumnElement[bool]:
    """Pick the people who come after a value and an id, both falling."""
    return or_(column < value, and_(column == value, User.id < last_id))


def after_name(people: Select[User], last_id: int) -> ColumnElement[bool]:
    """Pick those of these people who come after one of them by name; others could be looked for with it otherwise."""
    name = people.with_only_columns(User.search_text).where(User.id == last_id).correlate(None).scalar_subquery()
    return or_(User.search_text > name, and_(User.search_text == name, User.id > last_id))
