"""Which of the files somebody sends may come in, and what is he told of the others?"""

from collections.abc import Sequence

from werkzeug.datastructures import FileStorage

from gru.office.files import LARGEST, FileRefused, SafeFile
from gru.web import current
from gru.web.i18n import t

Upload = SafeFile

MOST = 5

_SENTENCES = {
    "empty": "erreur.fichier_vide",
    "too_large": "erreur.fichier_trop_grand",
    "virus": "erreur.fichier_virus",
    "not_scanned": "erreur.fichier_non_verifie",
    "type": "erreur.fichier_type",
    "too_many_pixels": "erreur.fichier_pixels",
    "damaged": "erreur.fichier_illisible",
    "locked": "erreur.fichier_protege",
}


def given(files: Sequence[FileStorage]) -> list[FileStorage]:
    """Those that were chosen at all: a browser sends an empty one when none was."""
    return [file for file in files if file.filename]


def take(files: Sequence[FileStorage]) -> tuple[tuple[Upload, ...], str]:
    """The files as they may be kept, or the sentence that says what is wrong with one of them."""
    chosen = given(files)
    if len(chosen) > MOST:
        return (), t("erreur.fichier_nombre")
    taken = []
    for file in chosen:
        upload, wrong = let_in(file)
        if upload is None:
            return (), wrong
        taken.append(upload)
    return tuple(taken), ""


def let_in(file: FileStorage) -> tuple[Upload | None, str]:
    """One file; no more of it than may be kept is ever in memory."""
    try:
        return current.office().files.let_in(file.filename or "", file.stream.read(LARGEST + 1)), ""
    except FileRefused as refused:
        return None, t(_SENTENCES[refused.reason], nom=refused.name)
