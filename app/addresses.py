"""Where templates find doors.

World IT stands at the root of its host, so an address follows from its door alone, and needs no request.
"""

from functools import cache
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import Rule


def init_app(app: Flask) -> None:
    """Let templates write ``url_for("posts.show", post_id=7)``, as Flask does; there it searches anew each time."""

    @cache
    def rule_of(endpoint: str) -> Rule:
        return next(app.url_map.iter_rules(endpoint))

    def url_for(endpoint: str, *, _anchor: str | None = None, **values: object) -> str:
        built = rule_of(endpoint).build({name: value for name, value in values.items() if value is not None})
        if built is None:
            raise ValueError(f"{endpoint} has no address for {values}")
        return f"{built[1]}#{quote(_anchor)}" if _anchor else built[1]

    app.jinja_env.globals["url_for"] = url_for
