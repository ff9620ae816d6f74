"""Tags: the posts that carry one, following them, suggestions; for administrators, their names."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.actions import tags
from app.blueprints.keys import key
from app.errors import Refused
from app.fragments import leave_for, partial, reply, retry
from app.models import Tag
from app.queries.tagged import posts_tagged
from app.queries.tags import (
    CountedTag,
    canonical,
    followed_by,
    follower_count,
    follows,
    popular_tags,
    renamable_tag,
    tag_called,
    tags_like,
)
from app.viewer import viewer

bp = Blueprint("tags", __name__, url_prefix="/tags")


@bp.get("")
@login_required
def index() -> Markup | str:
    """The tags one follows, and those that many posts have; with ``q`` a fragment of those that begin so."""
    if (q := request.args.get("q")) is not None:
        return partial("tag_suggestions", tags=tags_like(viewer(), q))
    return render_template("tags/index.html", followed=followed_by(viewer()), popular=popular_tags(viewer()))


@bp.get("/<name>")
@login_required
def show(name: str) -> str:
    """The posts of a tag."""
    found = _called(name)
    return _page(found, found.tag.label)


@bp.post("/<name>")
@login_required
def update(name: str) -> Response:
    """Rename a tag; where there is one of that name, ask first, then merge it into that one."""
    found = renamable_tag(viewer(), name) or abort(404)
    typed = request.form.get("name", "")
    wanted = canonical(typed)
    try:
        tags.rename(found.tag, wanted, viewer(), into=request.form.get("merge"))
    except tags.Taken as reason:
        return _again(found, typed, into=reason.name)
    except Refused as reason:
        return _again(found, typed, error=reason.sentence)
    return leave_for(url_for("tags.show", name=wanted))


@bp.post("/<name>/follow")
@login_required
def follow(name: str) -> Response:
    """Follow a tag."""
    tag = _called(name).tag
    tags.follow(tag, by=viewer())
    return _followed(tag, following=True)


@bp.post("/<name>/follow/delete")
@login_required
def unfollow(name: str) -> Response:
    """No longer follow a tag."""
    tag = _called(name).tag
    tags.unfollow(tag, by=viewer())
    return _followed(tag, following=False)


def _called(name: str) -> CountedTag:
    return tag_called(viewer(), name) or abort(404)


def _followed(tag: Tag, following: bool) -> Response:
    fragment = partial("tag_follow", tag=tag, following=following, followers=follower_count(tag))
    return reply(fragment, otherwise=url_for("tags.index"))


def _again(found: CountedTag, typed: str, error: str | None = None, into: str | None = None) -> Response:
    fragment = partial("tag_form", tag=found.tag, name=typed, error=error, into=into)
    return retry(fragment, lambda: _page(found, typed, error, into))


def _page(found: CountedTag, typed: str, error: str | None = None, into: str | None = None) -> str:
    tag = found.tag
    posts = posts_tagged(viewer(), tag, request.args.get("before", type=key))
    return render_template(
        "tags/show.html",
        tag=tag,
        count=found.count,
        found=posts,
        older=url_for("tags.show", name=tag.name, before=posts.before) if posts.before else None,
        following=follows(viewer(), tag),
        followers=follower_count(tag),
        form={"name": typed, "error": error, "into": into},
    )
