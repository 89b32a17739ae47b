"""What did somebody type into a form that cannot be taken, and how does he come back to it?"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData

from gru.web import current

LONG = frozenset({"texte", "message", "description"})
"""Fields that ask for words; of the others only what has several words in it is worth copying."""

SECRET = frozenset({"mot_de_passe", "code"})

FIRST = 500_000
"""Of a form refused for its size so much is looked at: words come before files."""

MOST_DRAINED = 200_000_000
"""So much of it is read and thrown away: a browser that is cut off in the middle shows its own error instead of our
sentence."""


def words() -> str:
    return _joined(request.form.items(multi=True))


def words_before_files() -> str:
    """Of a form that was refused unread for its size; never more of it is read than was announced."""
    announced = request.content_length or 0
    if announced <= current.config("MAX_CONTENT_LENGTH"):
        return ""
    body, left = request.environ["wsgi.input"], min(announced, MOST_DRAINED)
    first = body.read(FIRST)
    left -= len(first)
    while left > 0 and (part := body.read(min(left, 65_536))):
        left -= len(part)
    return _joined(_parts(first))


def way_back() -> str:
    """The page the form stood on, as far as its address tells."""
    routes = current_app.create_url_adapter(request)
    for path in (request.path, request.path.rpartition("/")[0]):
        try:
            if routes is not None and path:
                routes.match(path, "GET")
                return quote(path)
        except HTTPException:
            continue
    return ""


def _joined(values: Iterable[tuple[str, str]]) -> str:
    """Never a password or a code."""
    found = ((name, value.strip()) for name, value in values if name not in SECRET)
    return "\n\n".join(value for name, value in found if value and (name in LONG or " " in value))


def _parts(body: bytes) -> Iterator[tuple[str, str]]:
    """The fields at the beginning of a form, as far as they can be read."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        return
    decoder, name = MultipartDecoder(boundary.encode("latin-1", "replace")), ""
    decoder.receive_data(body)
    try:
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, Field | File):
                name = event.name if isinstance(event, Field) else ""
            elif isinstance(event, Data) and name:
                yield name, event.data.decode("utf-8", "replace")
    except (ValueError, HTTPException):
        return
