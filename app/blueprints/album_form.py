"""The form of an album."""

import re
from uuid import uuid4

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, ValidationError

from app.actions.albums import Draft
from app.actions.tags import wrong_name
from app.blueprints.fields import tidy
from app.language import day_of
from app.models import Album
from app.models.album import DESCRIPTION, FIRST_YEAR, NAME
from app.models.columns import now
from app.models.post import AUDIENCES
from app.models.tag import can_be_tag
from app.queries.tags import canonical
from app.text import clean


class AlbumForm(Form):
    """What an album is called, is about, and whom it is for."""

    client_id = StringField(filters=[lambda text: clean(text)[:36] or str(uuid4())])
    name = StringField(
        lazy_gettext("Album name"),
        filters=[tidy],
        validators=[
            DataRequired(lazy_gettext("Give the album a name.")),
            Length(max=NAME, message=lazy_gettext("Use 100 characters at most.")),
        ],
    )
    topic = StringField(lazy_gettext("Album topic"), filters=[tidy])
    year = StringField(lazy_gettext("Album year"), filters=[tidy])
    description = TextAreaField(
        lazy_gettext("Description"),
        filters=[clean],
        validators=[Length(max=DESCRIPTION, message=lazy_gettext("Use 1,000 characters at most."))],
    )
    audience = StringField(
        default="everyone", validators=[AnyOf(AUDIENCES, lazy_gettext("Choose who may see the album."))]
    )

    @classmethod
    def of(cls, album: Album) -> "AlbumForm":
        """Return the form that would make an album what it is."""
        topic = album.topic.label if album.topic else ""
        words = {"name": album.name, "topic": topic, "year": str(album.year or ""), "description": album.description}
        return cls(data=words | {"audience": album.audience})

    @classmethod
    def sent(cls) -> "AlbumForm":
        """Return the form that the request carries."""
        return cls(request.form)

    def validate_topic(self, field: StringField) -> None:
        """Require one tag, if there is any."""
        if field.data and not can_be_tag(canonical(field.data)):
            raise ValidationError(wrong_name(field.data))

    def validate_year(self, field: StringField) -> None:
        """Require a year of which there can be photographs, if there is any."""
        year, last = int(field.data) if re.fullmatch("[0-9]{4}", field.data) else 0, day_of(now()).year
        if field.data and not FIRST_YEAR <= year <= last:
            raise ValidationError(gettext("Give a year from %(first)s to %(last)s.", first=FIRST_YEAR, last=last))

    def draft(self) -> Draft:
        """Return what the album is to be."""
        year, topic = self.year.data, self.topic.data
        return Draft(
            self.name.data,
            canonical(topic) if topic else "",
            int(year) if year else None,
            self.description.data,
            self.audience.data,
        )
