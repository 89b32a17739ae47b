"""Which photos and documents come with the request, and what is said of those that may not?"""

from werkzeug.datastructures import FileStorage

from gru.domain.town import RequestType, Town
from gru.web import current, uploads
from gru.web.forms import FieldError
from gru.web.i18n import t
from gru.web.pages import file_size
from gru.web.residents.filing import around, steps
from gru.web.residents.filing.draft import Draft, DraftFile, Held
from gru.web.residents.filing.filing_page import AddedFile

MOST_BYTES = 30_000_000
"""Of all files of one request, as they are kept."""


def added(draft: Draft, step: str) -> tuple[AddedFile, ...]:
    return tuple(AddedFile(file.id, file.name, file_size(file.size)) for file in draft.files if file.step == step)


def most(town: Town, kind: RequestType, step: str) -> int:
    """How many the catalogue allows; documents have at least a file each."""
    if step == steps.DOCUMENTS:
        return max(uploads.MOST, len(steps.wanted(town, kind)))
    counts = [town.fields[code].max_count for code in kind.fields if town.fields[code].datatype == "file"]
    return max(counts, default=0) or uploads.MOST


def add(held: Held, step: str, sent: list[FileStorage], room: int) -> tuple[Held, tuple[FieldError, ...]]:
    """The good ones are kept whatever the others are; each of the others gets its sentence."""
    errors = []
    for file in uploads.given(sent):
        if sum(one.step == step for one in held.draft.files) >= room:
            errors.append(t("erreur.fichier_nombre_max", n=room))
            break
        if not around.allow("files", around.FILES):
            errors.append(t("etat.trop_requetes", minutes="60"))
            break
        upload, wrong = uploads.let_in(file)
        if upload is None:
            errors.append(wrong)
        elif held.draft.bytes + len(upload.content) > MOST_BYTES:
            errors.append(t("erreur.fichiers_total", nom=upload.name))
        else:
            held = _with(held, step, upload)
    return held, tuple(FieldError("fichiers", said) for said in errors)


def _with(held: Held, step: str, upload: uploads.Upload) -> Held:
    id = current.office().drafts.put_file(held.token, upload.content)
    file = DraftFile(id, upload.name, upload.media_type, len(upload.content), step)
    return held.keep(held.draft.after(step, files=(*held.draft.files, file)))


def remove(held: Held, id: str) -> Held:
    current.office().drafts.drop_file(held.token, id)
    kept = tuple(file for file in held.draft.files if file.id != id)
    return held.keep(held.draft.after(_step_of(held.draft, id), files=kept)) if kept != held.draft.files else held


def _step_of(draft: Draft, id: str) -> str:
    return next(file.step for file in draft.files if file.id == id)
