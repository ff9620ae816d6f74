"""The application as servers and ``flask`` commands find it."""

from app import create_app

app = create_app()
