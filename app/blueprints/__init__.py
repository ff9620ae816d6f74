"""Doors: one module per resource, its form beside its views."""

from flask import Flask

from app.blueprints import (
    accounts,
    albums,
    assets,
    avatars,
    blocks,
    chats,
    comment_likes,
    comments,
    confirmations,
    doorkeeper,
    emails,
    friends,
    friendships,
    groups,
    jobs,
    leaving,
    likes,
    live,
    media,
    members,
    memberships,
    mentions,
    messages,
    operators,
    pages,
    password_resets,
    passwords,
    photos,
    pictures,
    pins,
    posts,
    privacy,
    problems,
    profile,
    reactions,
    search,
    sessions,
    settings,
    signatures,
    tags,
    topics,
    users,
    views,
    welcome,
)
from app.blueprints.keys import KeyConverter
from app.config import THEMES
from app.language import current_language
from app.queries.badges import badges_of
from app.viewer import viewer_or_none

MODULES = (
    operators,
    pages,
    assets,
    accounts,
    password_resets,
    welcome,
    signatures,
    settings,
    leaving,
    jobs,
    profile,
    privacy,
    emails,
    passwords,
    confirmations,
    sessions,
    avatars,
    posts,
    likes,
    comments,
    comment_likes,
    views,
    tags,
    topics,
    pictures,
    albums,
    photos,
    media,
    friends,
    friendships,
    blocks,
    users,
    mentions,
    chats,
    groups,
    members,
    memberships,
    messages,
    reactions,
    pins,
    search,
    live,
)


def init_app(app: Flask) -> None:
    """Open every door, and give pages (never partials) what their frame shows."""
    app.url_map.converters.update(int=KeyConverter, topic=topics.TopicConverter)
    for module in MODULES:
        app.register_blueprint(module.bp)
    doorkeeper.init_app(app)
    problems.init_app(app)
    assets.init_app(app)
    app.context_processor(frame)


def frame() -> dict[str, object]:
    """Return what layouts need to know about who is looking."""
    viewer = viewer_or_none()
    return {
        "viewer": viewer,
        "badges": badges_of(viewer) if viewer else None,
        "theme": pages.theme_of(viewer),
        "text_size": pages.text_size_of(viewer),
        "themes": THEMES,
        "language": current_language(),
        "brand_name": "World IT",
    }
