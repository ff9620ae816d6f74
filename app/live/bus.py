"""How a push reaches the sockets it is for, wherever they live: in this process, the only one there is so far."""

from app.live.hub import Hub, Push

hub = Hub()


def publish(push: Push) -> None:
    """Hand a push to every hub that may have somebody to show it to."""
    hub.push(push)
