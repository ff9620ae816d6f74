"""People: what they published, their pictures, their friends, and what they tell about themselves."""

from typing import NoReturn

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import login_required

from app.blueprints.friends import words
from app.blueprints.keys import key
from app.live import presence
from app.queries.albums import albums_of
from app.queries.avatars import shown_by
from app.queries.friends import friends_of_person
from app.queries.people import Person, named_in, person_named, person_once_named
from app.queries.posts import posts_by
from app.queries.profiles import count_posts, pictures_by, tags_of
from app.viewer import viewer

bp = Blueprint("users", __name__, url_prefix="/@<username>")


@bp.get("")
@login_required
def show(username: str) -> str:
    """A person, what they are to the viewer, and what they published."""
    person = _person(username)
    found = posts_by(viewer(), person.user, request.args.get("before", type=key))
    older = url_for(".show", username=person.user.username, before=found.before) if found.before else None
    return _page("users/show.html", person, found=found, older=older)


@bp.get("/albums")
@login_required
def albums(username: str) -> str:
    """A person's albums, and the pictures of their posts."""
    person = _person(username)
    found = pictures_by(viewer(), person.user, request.args.get("before", type=key))
    shelf = albums_of(viewer(), person.user, request.args.get("album", type=key))
    return _page("users/albums.html", person, found=found, shelf=shelf)


@bp.get("/photos")
@login_required
def photos(username: str) -> str:
    """The photos a person has stood behind."""
    person = _person(username)
    found = shown_by(viewer(), person.user, request.args.get("before", type=key))
    return _page("users/photos.html", person, found=found)


@bp.get("/friends")
@login_required
def friends(username: str) -> str:
    """A person's friends, or those the viewer shares with them, who are told of in any case."""
    person, q = _person(username), words()
    mutual = "mutual" in request.args or not person.shows_friends
    found = friends_of_person(viewer(), person.user, request.args.get("after", type=key), q, mutual)
    return _page("users/friends.html", person, found=found, wanted={"q": q or None, "mutual": 1 if mutual else None})


@bp.get("/about")
@login_required
def about(username: str) -> str:
    """What a person tells about themselves, and writes about."""
    person = _person(username)
    return _page("users/about.html", person, tags=tags_of(viewer(), person.user))


def _person(username: str) -> Person:
    return person_named(viewer(), username) or _lead_from(username)


def _lead_from(username: str) -> NoReturn:
    """Send who asks for a username that somebody had to the same address of theirs."""
    user = person_once_named(viewer(), username) or abort(404)
    address = url_for(str(request.endpoint), **(request.view_args or {}) | {"username": user.username})
    query = request.query_string.decode(errors="replace")
    abort(redirect(f"{address}?{query}" if query else address))


def _page(template: str, person: Person, **things: object) -> str:
    return render_template(
        template,
        person=person,
        named=named_in(viewer(), person.user.bio),
        post_count=count_posts(viewer(), person.user),
        online=person.kind == "friend" and bool(presence.online([person.user.id])),
        **things,
    )
