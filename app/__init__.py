"""World IT: a self-hosted social network and messenger for one community."""

from collections.abc import Mapping

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from app import addresses, blueprints, cli, emoji, fragments, jobs, language, logs, media, metrics, models, security
from app.actions import albums, avatars, burials, comment_removals, passwords, photos, posts, sweeps
from app.config import configure
from app.devices import device_of
from app.extensions import babel, db, engine_options, limiter, login_manager, migrate, sock
from app.extensions import mail as mailer
from app.formatting import formatted, plain
from app.live.sockets import server_options, without_compression
from app.mail import letters
from app.models.tag import PRESETS
from app.text import rich_text, short_address, short_number, short_size, up_to
from app.words import marked, snippet

__all__ = ["create_app", "models"]


def create_app(overrides: Mapping[str, object] | None = None) -> Flask:
    """Connect every part; decide nothing. ``overrides`` replaces settings, for tests."""
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(configure())
    app.config.from_mapping(overrides or {})
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(
        str(app.config["SQLALCHEMY_DATABASE_URI"]), int(app.config["THREADS"])
    )
    app.config["SOCK_SERVER_OPTIONS"] = server_options()
    app.wsgi_app = without_compression(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if proxies := int(app.config["PROXIES"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]

    fragments.init_app(app)
    logs.init_app(app)
    metrics.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db)
    login_manager.init_app(app)
    mailer.init_app(app)
    language.init_app(app, babel)
    limiter.init_app(app)

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        device_of=device_of,
        emoji_groups=emoji.GROUPS,
        formatted=formatted,
        marked=marked,
        picture_types=media.TYPES,
        plain=plain,
        quick_reactions=emoji.QUICK,
        presets=PRESETS,
        rich_text=rich_text,
        short_address=short_address,
        short_number=short_number,
        short_size=short_size,
        snippet=snippet,
        up_to=up_to,
    )
    addresses.init_app(app)
    security.init_app(app)
    blueprints.init_app(app)
    deeds = {
        "letter": letters.send,
        "forgotten": passwords.mail_link,
        "bury_post": posts.bury,
        "bury_comment": comment_removals.bury,
        "bury_album": albums.bury,
        "bury_photo": photos.bury,
        "bury_avatar": avatars.bury,
        "sweep_media": sweeps.sweep_media,
        "bury_person": burials.bury_person,
    }
    jobs.init_app(app, deeds, repeated={"sweep_media": sweeps.EVERY})
    sock.init_app(app)
    cli.init_app(app)
    return app
