"""Verbs: everything that changes something. Each is one call and one transaction."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from app.extensions import db, writing

logger = logging.getLogger(__name__)  # not «log»: that is the module beside this one
P = ParamSpec("P")
R = TypeVar("R")


def verb(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action as one transaction: it commits once, last, and only then do its pushes and letters leave.

    A verb that calls a verb would commit half of its work, so that is an error.
    """

    @wraps(action)
    def transaction(*args: P.args, **kwargs: P.kwargs) -> R:
        info = db.session().info
        if "after_commit" in info:
            raise RuntimeError(f"{action.__name__} was called within another verb")
        info["after_commit"] = []
        try:
            with writing():
                result = action(*args, **kwargs)
                db.session.commit()
        except BaseException:
            del info["after_commit"]
            raise
        for deed in info.pop("after_commit"):
            try:
                deed()
            except Exception:  # What was said is stored: the answer is yes, whatever becomes of showing it.
                logger.exception("after the commit of %s", action.__name__)
        return result

    return transaction
