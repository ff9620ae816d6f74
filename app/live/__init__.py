"""Wires: the sockets of tabs, the frames on them, and how pushes find them."""
