"""The form of a post: nothing typed or chosen in it is ever lost."""

import re
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from flask import request
from flask_babel import gettext

from app.actions.post_parts import PICTURES, Draft
from app.actions.tags import wrong_name
from app.blueprints.fields import tidy
from app.blueprints.keys import keys
from app.blueprints.post_pictures import FormPicture, arranged, moved
from app.blueprints.uploads import keep_all
from app.formatting import tags_in
from app.models import Post, User
from app.models.post import AUDIENCES
from app.models.tag import PRESETS, can_be_tag
from app.queries.pictures import waiting_pictures
from app.queries.tags import canonical
from app.text import clean, web_address

TITLE, BODY, ALT, TAGS, TEXT_TAGS, LINKS = 150, 10_000, 500, 20, 30, 10
MANY = 100  # of what repeats in a form, so many are looked at


class PostForm:
    """What somebody fills in about a post, and what is wrong with it: ``errors`` has a sentence for each field.

    ``rearranged`` says that a button for the order of pictures was pressed: the form is shown again, and nothing else.
    """

    def __init__(
        self,
        title: str = "",
        topic: str = "",
        body: str = "",
        tags: Sequence[str] = (),
        links: Sequence[str] = (),
        pictures: Sequence[FormPicture] = (),
        audience: str = "everyone",
        takes_comments: bool = True,
        client_id: str = "",
    ) -> None:
        self.title, self.topic, self.body = title, topic, body
        self.tags, self.links, self.pictures = list(tags), list(links), list(pictures)
        self.audience, self.takes_comments = audience, takes_comments
        self.client_id = client_id
        self.rearranged = False
        self.errors: dict[str, str] = {}
        self.link_errors: dict[int, str] = {}

    @classmethod
    def of(cls, post: Post) -> "PostForm":
        """Return the form that would make a post what it is."""
        tags, links = [tag.name for tag in post.tags], [link.url for link in post.links]
        pictures = [FormPicture(picture, picture.alt) for picture in post.pictures]
        return cls(post.title, post.topic, post.body, tags, links, pictures, post.audience, post.takes_comments)

    @classmethod
    def sent_by(cls, author: User, post: Post | None = None) -> "PostForm":
        """Return the form that the request carries; its good pictures wait, whatever else is wrong with it."""
        sent = request.form
        kept, reasons = keep_all(author, request.files.getlist("images")[:PICTURES])
        attached = post.pictures if post else ()
        waiting = waiting_pictures(author, keys(sent.getlist("image_ids")), post.id if post else None)
        tags = (name for word in _words_in(sent.getlist("tags")) if (name := canonical(word)))
        comments = sent.getlist("takes_comments")
        form = cls(
            tidy(sent.get("title")),
            tidy(sent.get("topic")),
            clean(sent.get("body")),
            list(dict.fromkeys(tags)),
            [link for link in map(clean, sent.getlist("links")[:MANY]) if link],
            arranged(dict.fromkeys([*attached, *waiting, *kept]), sent),
            sent.get("audience", post.audience if post else "everyone"),
            # A box that is not ticked sends nothing; an empty field before it tells that from a form without the box.
            comments[-1] not in ("", "0") if comments else not post or post.takes_comments,
            clean(sent.get("client_id"))[:36] or str(uuid4()),
        )
        if "move" in sent:
            form.pictures, form.rearranged = moved(form.pictures, sent["move"]), True
        if reasons:
            form.errors["images"] = " ".join(reasons)
        return form

    @property
    def own_tags(self) -> list[str]:
        """The chosen tags that are not among the presets."""
        return [name for name in self.tags if name not in PRESETS]

    @property
    def kept(self) -> list[FormPicture]:
        """The pictures the post would have."""
        return [one for one in self.pictures if not one.removed]

    def validate(self) -> bool:
        """Tell whether the post can be published; say what is wrong beside each field."""
        if not self.title:
            self.errors["title"] = gettext("Give the post a title.")
        if not self.body and not self.kept:
            self.errors["body"] = gettext("Write something or add a picture.")
        lengths = {"title": (self.title, TITLE), "topic": (self.topic, TITLE), "body": (self.body, BODY)}
        for name, (words, most) in (lengths | {f"alt-{one.picture.id}": (one.alt, ALT) for one in self.kept}).items():
            if len(words) > most:
                self.errors[name] = gettext("Use %(count)s characters at most.", count=most)
        if self.audience not in AUDIENCES:
            self.errors["audience"] = gettext("Choose who may see the post.")
        self._check_tags()
        self._check_links()
        if len(self.kept) > PICTURES:
            self.errors["images"] = gettext("A post has ten pictures at most.")
        return not self.errors

    def made(self, post: Post) -> bool:
        """Tell whether this form, sent before, has made a post."""
        made = Draft.of(post)  # the pictures that it took are no longer among those that wait
        return replace(self.draft(), pictures=made.pictures).says_the_same(made) and not post.deleted_at

    def draft(self) -> Draft:
        """Return what is to be published."""
        links = tuple(address for address in map(web_address, self.links) if address)
        pictures = tuple((one.picture.id, one.alt) for one in self.kept)
        words = (self.title, self.topic, self.body)
        return Draft(*words, tuple(self.tags), links, pictures, self.audience, self.takes_comments)

    def _check_tags(self) -> None:
        if wrong := [name for name in self.tags if not can_be_tag(name)]:
            self.errors["tags"] = wrong_name(wrong[0])
        elif len(self.tags) > TAGS:
            self.errors["tags"] = gettext("Choose %(count)s tags at most.", count=TAGS)
        if len(self.body) <= BODY and len(tags_in(self.body)) > TEXT_TAGS:
            self.errors["body"] = gettext("Use %(count)s different #tags in the text at most.", count=TEXT_TAGS)

    def _check_links(self) -> None:
        for place, link in enumerate(self.links):
            if web_address(link) is None:
                self.link_errors[place] = gettext("This is not a web address. It looks like https://example.com.")
                self.errors["links"] = self.link_errors[place]
        if len(self.links) > LINKS:
            self.errors["links"] = gettext("Add %(count)s links at most.", count=LINKS)


def _words_in(texts: Sequence[str]) -> list[str]:
    words = (word for text in texts[:MANY] for word in re.split(r"[\s,#]+", clean(text)[:1000]))
    return list(dict.fromkeys(words))[:MANY]
