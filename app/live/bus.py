"""Where the hub is that this process gives its orders to: here, or in a process of its own."""

from app.live.hub import Hub
from app.live.pushes import Push
from app.live.remote import RemoteHub

hub: Hub | RemoteHub = Hub()


def use(other: Hub | RemoteHub) -> None:
    """Give orders to another hub from now on."""
    global hub
    hub = other


def publish(push: Push) -> None:
    """Show a push in the tabs it is for, at whatever server they are."""
    hub.push(push)
