"""Doors: one module per resource, its form beside its views."""

from flask import Flask
from werkzeug.routing import IntegerConverter

from app.blueprints import accounts, assets, doorkeeper, friends, friendships, pages, problems, settings, users, welcome
from app.config import THEMES
from app.language import current_language
from app.queries.badges import badges_of
from app.viewer import viewer_or_none

MODULES = (pages, assets, accounts, welcome, settings, friends, friendships, users)


class Key(IntegerConverter):
    """A row's key in a path; a number that no row can have matches no path, and never reaches the database."""

    regex = r"[0-9]{1,9}"


def init_app(app: Flask) -> None:
    """Open every door, and give pages (never partials) what their frame shows."""
    app.url_map.converters["int"] = Key
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
        "themes": THEMES,
        "language": current_language(),
        "brand_name": "World IT",
    }
