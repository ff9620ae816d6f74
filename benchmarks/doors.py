"""World IT with a few doors more, as references: some do nothing, one commits a trifle."""

from flask_login import login_required
from sqlalchemy import text

from app import create_app
from app.extensions import db, writing

app = create_app()


@app.get("/benchmark/nothing")
def nothing() -> str:
    """Do nothing, for anybody."""
    return ""


@app.route("/benchmark/empty", methods=["GET", "POST"])
@login_required
def empty() -> str:
    """Do nothing for somebody who is signed in."""
    return ""


@app.post("/benchmark/commit")
@login_required
def commit() -> str:
    """Commit a change, durably."""
    with writing():
        db.session.execute(text("UPDATE chats SET last_revision = last_revision WHERE id = 1"))
        db.session.commit()
    return ""
