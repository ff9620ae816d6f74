"""Finding by words: a page for everything, a page for each kind, and what is found while somebody types."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, render_template, request
from flask_login import login_required
from markupsafe import Markup

from app.blueprints.keys import key
from app.blueprints.search_form import KINDS, SearchForm
from app.blueprints.throttles import by_person
from app.fragments import partial
from app.queries.search import PAGE, Filters, Hits, messages_found, people_found, posts_found, tags_found
from app.text import clean
from app.viewer import viewer
from app.words import Query, asked

bp = Blueprint("search", __name__, url_prefix="/search")

A_FEW, SUGGESTED = 5, 3


@bp.get("")
@login_required
@by_person("240 per minute")
def index() -> tuple[str, int]:
    """Everything that has these words, a few of each kind, or one kind page after page."""
    form = SearchForm(viewer(), request.args)
    found: dict[str, Hits[Any]] = {}
    if form.query and not form.errors:
        kinds = [kind for kind in form.kinds if form.kind in (None, kind)]
        after = request.args.get("after", type=key) if form.kind else None
        found = _found(form.query, kinds, form.filters, PAGE if form.kind else A_FEW, after)
    page = render_template("search/index.html", form=form, found=found, chats=form.chats(viewer()))
    return page, 422 if form.errors else 200


@bp.get("/suggestions")
@login_required
@by_person("240 per minute")
def suggestions() -> Markup:
    """A few of each kind while somebody types: a fragment."""
    words = clean(request.args.get("q"))[:100]
    query = asked(words)
    found = _found(query, KINDS, Filters(), SUGGESTED) if query else {}
    return partial("search_suggestions", words=words, query=query, found=found)


def _found(
    query: Query, kinds: Iterable[str], filters: Filters, limit: int, after: int | None = None
) -> dict[str, Hits[Any]]:
    questions: dict[str, Callable[[], Hits[Any]]] = {
        "people": lambda: people_found(viewer(), query, after, limit),
        "posts": lambda: posts_found(viewer(), query, filters, after, limit),
        "tags": lambda: tags_found(viewer(), query, after, limit),
        "messages": lambda: messages_found(viewer(), query, filters, after, limit),
    }
    found = {kind: questions[kind]() for kind in kinds}
    return {kind: hits for kind, hits in found.items() if hits.things}
