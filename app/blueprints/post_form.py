"""The form of a post: nothing typed or chosen in it is ever lost."""

import re
from collections.abc import Sequence
from uuid import uuid4

from flask import request
from flask_babel import gettext

from app.actions.posts import PICTURES, Draft
from app.actions.tags import wrong_name
from app.blueprints.keys import PATTERN
from app.blueprints.uploads import keep_all
from app.models import Picture, Post, User
from app.models.tag import PRESETS, can_be_tag
from app.queries.pictures import waiting_pictures
from app.queries.tags import canonical
from app.text import clean, web_address

TITLE, BODY, TAGS, LINKS = 150, 10_000, 20, 10


class PostForm:
    """What somebody fills in about a post, and what is wrong with it: ``errors`` has a sentence for each field."""

    def __init__(
        self,
        title: str = "",
        topic: str = "",
        body: str = "",
        tags: Sequence[str] = (),
        links: Sequence[str] = (),
        waiting: Sequence[Picture] = (),
        attached: Sequence[Picture] = (),
        removed: Sequence[int] = (),
        client_id: str = "",
    ) -> None:
        self.title, self.topic, self.body = title, topic, body
        self.tags, self.links = list(tags), list(links)
        self.waiting, self.attached, self.removed = list(waiting), list(attached), list(removed)
        self.client_id = client_id
        self.errors: dict[str, str] = {}
        self.link_errors: dict[int, str] = {}

    @classmethod
    def of(cls, post: Post) -> "PostForm":
        """Return the form that would make a post what it is."""
        tags, links = [tag.name for tag in post.tags], [link.url for link in post.links]
        return cls(post.title, post.topic, post.body, tags, links, attached=post.pictures)

    @classmethod
    def sent_by(cls, author: User, post: Post | None = None) -> "PostForm":
        """Return the form that the request carries; its good pictures wait, whatever else is wrong with it."""
        sent = request.form
        kept, reasons = keep_all(author, request.files.getlist("images")[:PICTURES])
        ids = [int(text) for text in sent.getlist("image_ids") if re.fullmatch(PATTERN, text)]
        form = cls(
            clean(sent.get("title")),
            clean(sent.get("topic")),
            clean(sent.get("body")),
            [name for text in sent.getlist("tags") for name in _tags_in(text)],
            [link for link in map(clean, sent.getlist("links")) if link],
            [*waiting_pictures(author, ids), *kept],
            post.pictures if post else (),
            [int(text) for text in sent.getlist("remove_images") if re.fullmatch(PATTERN, text)],
            clean(sent.get("client_id"))[:36] or str(uuid4()),
        )
        form.tags = list(dict.fromkeys(form.tags))
        if reasons:
            form.errors["images"] = " ".join(reasons)
        return form

    @property
    def own_tags(self) -> list[str]:
        """The chosen tags that are not among the presets."""
        return [name for name in self.tags if name not in PRESETS]

    @property
    def kept_count(self) -> int:
        """How many pictures the post would have."""
        return len(self.waiting) + sum(picture.id not in self.removed for picture in self.attached)

    def validate(self) -> bool:
        """Tell whether the post can be published; say what is wrong beside each field."""
        if not self.title:
            self.errors["title"] = gettext("Give the post a title.")
        for name in ("title", "topic"):
            if len(getattr(self, name)) > TITLE:
                self.errors[name] = gettext("Use %(count)s characters at most.", count=TITLE)
        if not self.body and not self.kept_count:
            self.errors["body"] = gettext("Write something or add a picture.")
        if len(self.body) > BODY:
            self.errors["body"] = gettext("Use %(count)s characters at most.", count=BODY)
        self._check_tags()
        self._check_links()
        if self.kept_count > PICTURES:
            self.errors["images"] = gettext("A post has ten pictures at most.")
        return not self.errors

    def draft(self) -> Draft:
        """Return what is to be published."""
        links = [address for address in map(web_address, self.links) if address]
        ids = [picture.id for picture in self.waiting]
        return Draft(self.title, self.topic, self.body, self.tags, links, ids, self.removed)

    def _check_tags(self) -> None:
        if wrong := [name for name in self.tags if not can_be_tag(name)]:
            self.errors["tags"] = wrong_name(wrong[0])
        elif len(self.tags) > TAGS:
            self.errors["tags"] = gettext("Choose %(count)s tags at most.", count=TAGS)

    def _check_links(self) -> None:
        for place, link in enumerate(self.links):
            if web_address(link) is None:
                self.link_errors[place] = gettext("This is not a web address. It looks like https://example.com.")
                self.errors["links"] = self.link_errors[place]
        if len(self.links) > LINKS:
            self.errors["links"] = gettext("Add %(count)s links at most.", count=LINKS)


def _tags_in(text: str) -> list[str]:
    return [name for word in re.split(r"[\s,#]+", clean(text)[:1000]) if (name := canonical(word))]
