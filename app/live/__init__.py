"""Wires: the sockets of this process, the frames on them, and how pushes find them."""

from app.live.bus import hub

__all__ = ["hub"]
