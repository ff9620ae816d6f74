"""Nouns. Importing this package makes every table known."""

from app.models.album import Album
from app.models.avatar import Avatar
from app.models.block import Block
from app.models.chat import Ban, Chat, Membership
from app.models.comment import Comment, CommentLike, CommentMention
from app.models.confirmation import Confirmation, PasswordReset
from app.models.former_username import FormerUsername
from app.models.friendship import EndedFriendship, Friendship, HiddenSuggestion
from app.models.job import Job
from app.models.message import Hiding, Mention, Message, Reaction
from app.models.picture import Picture
from app.models.post import Like, Post, PostLink, PostMention, PostTag, PostView, Reader
from app.models.session import LoginSession
from app.models.signup import Signup
from app.models.tag import Tag, TagAlias, TagFollow
from app.models.user import User
from app.models.words import MessageWords, PersonWords, PostWords, TagWords

__all__ = [
    "Album",
    "Avatar",
    "Ban",
    "Block",
    "Chat",
    "Comment",
    "CommentLike",
    "CommentMention",
    "Confirmation",
    "EndedFriendship",
    "FormerUsername",
    "Friendship",
    "HiddenSuggestion",
    "Hiding",
    "Job",
    "Like",
    "LoginSession",
    "Membership",
    "Mention",
    "Message",
    "MessageWords",
    "PasswordReset",
    "PersonWords",
    "Picture",
    "Post",
    "PostLink",
    "PostMention",
    "PostTag",
    "PostView",
    "PostWords",
    "Reaction",
    "Reader",
    "Signup",
    "Tag",
    "TagAlias",
    "TagFollow",
    "TagWords",
    "User",
]
