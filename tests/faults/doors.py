"""World IT with two doors more: the owner of a group takes people in and sends them out."""

from flask import Response
from flask_login import login_required

from app import create_app
from app.actions import groups
from app.viewer import viewer

app = create_app()


@app.post("/test/chats/<int:chat_id>/members/<int:user_id>/<deed>")
@login_required
def change(chat_id: int, user_id: int, deed: str) -> Response:
    """Do what later screens will."""
    if deed == "add":
        groups.add(chat_id, viewer(), [user_id])
    else:
        groups.remove(chat_id, viewer(), user_id)
    return Response("done")
