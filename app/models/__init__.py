"""Nouns. Importing this package makes every table known."""

from app.models.chat import Ban, Chat, Membership
from app.models.friendship import EndedFriendship, Friendship, HiddenSuggestion
from app.models.job import Job
from app.models.message import Hiding, Mention, Message, Reaction
from app.models.picture import Picture
from app.models.post import Like, Post, PostLink, PostTag, PostView
from app.models.session import LoginSession
from app.models.signup import Signup
from app.models.tag import Tag
from app.models.user import User

__all__ = [
    "Ban",
    "Chat",
    "EndedFriendship",
    "Friendship",
    "HiddenSuggestion",
    "Hiding",
    "Job",
    "Like",
    "LoginSession",
    "Membership",
    "Mention",
    "Message",
    "Picture",
    "Post",
    "PostLink",
    "PostTag",
    "PostView",
    "Reaction",
    "Signup",
    "Tag",
    "User",
]
