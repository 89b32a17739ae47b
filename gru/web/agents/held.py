"""Where are files while a reply is still being written? Kept under the case already; the form carries a sealed list.

A browser forgets the files of a form that is shown again. The seal names the case, so that no form can attach a file
of another one.
"""

from typing import Any

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from gru.domain import events as e
from gru.web import current
from gru.web.agents.sheet import Sheet
from gru.web.uploads import Upload

Values = dict[str, Any]


def hold(sheet: Sheet, before: tuple[e.FileRef, ...], files: tuple[Upload, ...]) -> tuple[e.FileRef, ...]:
    """All files of the reply so far."""
    case, archive = sheet.latest, current.office().archive
    person = "" if case.requester in case.erased else case.requester
    return (*before, *(archive.put_file(f.name, f.media_type, f.content, person=person, case=case.id) for f in files))


def sealed(sheet: Sheet, files: tuple[e.FileRef, ...]) -> str:
    return _serializer().dumps([sheet.latest.id, msgspec.to_builtins(files)]) if files else ""


def held(sheet: Sheet, values: Values) -> tuple[e.FileRef, ...]:
    """The files this form has carried so far; none of a forged or foreign list."""
    if values.get("sans_gardees"):
        return ()
    try:
        case_id, files = _serializer().loads(values.get("gardees") or "")
    except (BadData, TypeError, ValueError):
        return ()
    return msgspec.convert(files, tuple[e.FileRef, ...]) if case_id == sheet.latest.id else ()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current.secret(), salt="held files")
