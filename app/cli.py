"""Commands for operators: what ``./run`` does besides serving."""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import click
from flask import Flask, current_app

from app import jobs, logs
from app.actions.counts import recount
from app.actions.indexing import reindex
from app.actions.sweeps import GRACE, sweep
from app.actions.users import make_administrator
from app.errors import Refused
from app.live import bus
from app.live.process import host
from app.live.remote import RemoteHub
from app.models.columns import now
from app.queries.stock import FINDINGS, take_stock
from app.schema import bring_up_to_date


def init_app(app: Flask) -> None:
    """Add our commands to Flask's."""
    app.cli.add_command(demo)
    app.cli.add_command(recount_command)
    app.cli.add_command(reindex_command)
    app.cli.add_command(worker)
    app.cli.add_command(media)
    app.cli.add_command(admin)


@click.command("demo")
@click.option("--users", default=60, show_default=True, type=click.IntRange(3, 1_000_000), help="How many people.")
@click.option("--posts", default=300, show_default=True, type=click.IntRange(0, 10_000_000), help="How many posts.")
@click.option("--messages", default=3000, show_default=True, type=click.IntRange(0), help="How many messages.")
@click.option("--group", type=click.IntRange(3, 100_000), help="A group of so many people, too.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same community.")
def demo(users: int, posts: int, messages: int, group: int | None, seed: int) -> None:
    """Fill an empty instance with a believable community."""
    from app.demo import PASSWORD, settle  # here, since a server never needs it

    bring_up_to_date(current_app._get_current_object())  # type: ignore[attr-defined]
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    try:
        large = settle(users, posts, messages, seed, until, group or 0)
    except Refused as reason:
        raise click.ClickException(reason.sentence) from None
    users = max(users, group or 0)
    click.echo(f"{users} people, {posts} posts and {messages} messages are in. Sign in as any of them:")
    for number in range(1, min(users, 3) + 1):
        click.echo(f"  user{number}@example.com   {PASSWORD}" + ("   (administrator)" if number == 1 else ""))
    if large:
        config = current_app.config
        address = config["PUBLIC_URL"] or f"http://{config['HOST']}:{config['PORT']}"
        click.echo(f"The group of {group} is at {address}/chats/{large}")


@click.command("recount")
def recount_command() -> None:
    """Count again what is kept in columns: likes, views, posts, readers, friends."""
    recount()


@click.command("reindex")
def reindex_command() -> None:
    """Write anew by which words people, posts, tags and messages are found."""
    reindex()


@click.command("admin")
@click.argument("email")
def admin(email: str) -> None:
    """Make somebody an administrator."""
    try:
        name = make_administrator(email)
    except Refused as reason:
        raise click.ClickException(reason.sentence) from None
    click.echo(f"{name} is an administrator now.")


@click.command("worker")
def worker() -> None:
    """Send letters and do other later work, and nothing else, until told to end."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    logs.configure(str(app.config["LOG"]))
    if app.config["REDIS_URL"]:
        # A hub without tabs, which tells those of the servers what jobs change.
        hub = host(str(app.config["REDIS_URL"]))
        hub.start()
        remote = RemoteHub(hub.address)
        bus.use(remote)
        remote.work()
    bring_up_to_date(app)
    click.echo("World IT's worker does what was left for later (Ctrl-C stops it).")
    jobs.work(app)


@click.group("media")
def media() -> None:
    """Look after the bytes of pictures."""


@media.command("verify")
@click.option("--deep", is_flag=True, help="Read every picture, and check its content against its name.")
def verify(deep: bool) -> None:
    """Compare what is shown with what is stored; end with 1 if something is missing or broken."""
    began, counts = now(), Counter[str]()
    for finding in take_stock(deep):
        counts[finding.what] += 1
        if finding.what != "whole":
            about = ", ".join(finding.variants)
            if finding.since:
                about = f"for {(began - finding.since).total_seconds() / 3600:.1f} hours"
            click.echo(f"{finding.what} {finding.key} {about}".rstrip())
    click.echo(", ".join(f"{counts[what]} {what}" for what in FINDINGS))
    sys.exit(1 if counts["missing"] or counts["broken"] else 0)


@media.command("sweep")
@click.option(
    "--grace",
    default=GRACE.total_seconds() / 3600,
    show_default=True,
    type=click.FloatRange(0),
    help="Hours; less than one only while nobody uploads.",
)
def sweep_command(grace: float) -> None:
    """Set aside pictures that nothing shows, and remove those that have been aside for so long."""
    swept = sweep(timedelta(hours=grace))
    click.echo(
        f"{swept.set_aside} set aside, {swept.brought_back} brought back, {swept.removed} removed, "
        f"{swept.unfinished} unfinished files removed"
    )
