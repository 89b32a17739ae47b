"""How is a report written by several people, with figures named in the text, and nothing typed lost?

Each section is saved for itself: who comes second in one section reads what the first wrote there, beside his own
words, and the other sections are saved.
"""

from collections.abc import Iterator, Mapping

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from gru.domain.errors import Refused
from gru.domain.report import MOST_SENTENCES, Report, Written, names_in, nearest, sentences
from gru.domain.report.drafting import SECTIONS
from gru.domain.report.words import half_open
from gru.office.figures.named import MEASURES, TOWN, Named
from gru.web import current
from gru.web.agents.shell import shell
from gru.web.committee.document import period_words
from gru.web.committee.live import live, meaning, said, stated
from gru.web.committee.pages import FigureRow, Flag, SectionForm, WritePage
from gru.web.errors import sentence
from gru.web.forms import MAX_TEXT, Field, FieldError
from gru.web.i18n import t
from gru.web.pages import Link

BASE = "/rapports"
NAMES = {section: section.replace("/", "-") for section in SECTIONS}
"""What the field of a section is called in the form."""

LONGEST_TITLE = 150


def flags_of(report: Report, named: Mapping[str, Named]) -> tuple[Flag, ...]:
    """Every figure that is another than when the words around it were written."""
    return tuple(flag for section in SECTIONS for flag in _flags(report.sections.get(section), named))


def _flags(written: Written | None, named: Mapping[str, Named]) -> Iterator[Flag]:
    for name, before in zip(written.names, written.values, strict=True) if written else ():
        figure = named.get(name)
        if figure is None:
            yield Flag(name, t("rapport.chiffre_disparu"))
        elif figure.stated != before:
            said_before = stated(figure.unit, before)
            yield Flag(name, t("rapport.chiffre_modifie", avant=said_before, apres=stated(figure.unit, figure.stated)))


# --- the form ----------------------------------------------------------------------------------------------------


def screen(
    report_id: str,
    report: Report,
    typed: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
    lost: tuple[str, ...] = (),
) -> ResponseReturnValue:
    """The form; with what was `typed` where something is wrong, and what others wrote in the sections `lost`."""
    counted = live(report.first, report.last)
    texts = current.office().committee.texts(report)
    page = WritePage(
        title=t("rapport.rediger_titre"),
        period=period_words(report.first, report.last),
        action=f"{BASE}/{report_id}/rediger",
        back=Link(f"{BASE}/{report_id}", t("rapport.retour")),
        sections=tuple(
            _section(section, report, texts, counted.named, typed, errors, section in lost) for section in SECTIONS
        ),
        figures=tuple(_documented(counted.named)),
        whose=tuple(_whose(counted.named)),
        errors=errors,
    )
    shown = render_template("committee/write.html", page=page, shell=shell(space="committee"))
    return make_response(shown, 422 if errors else 200)


def _section(
    section: str,
    report: Report,
    texts: Mapping[str, str],
    named: Mapping[str, Named],
    typed: Mapping[str, str] | None,
    errors: tuple[FieldError, ...],
    lost: bool,
) -> SectionForm:
    name = NAMES[section]
    stands = report.sections.get(section, Written(None))
    wrong = next((error.text for error in errors if error.field == name), "")
    words = texts.get(section, "")
    key = section.replace("comment/", "comment_")
    field = Field(
        name,
        t(f"rapport.section.{key}"),
        "text" if section == "title" else "textarea",
        typed.get(name, words) if typed is not None else words,
        hint=t(f"rapport.aide.{key}"),
        error=wrong,
        optional=True,
    )
    seen = stands.seen if typed is None or lost else typed.get(f"vu-{name}", stands.seen)
    again = "oui" if typed is not None and typed.get(f"relu-{name}") else ""
    return SectionForm(field, seen, tuple(_flags(stands, named)), again, theirs=words if lost else None)


def _documented(named: Mapping[str, Named]) -> Iterator[FigureRow]:
    """The figures of the town, with what each is now."""
    for measure in MEASURES:
        name = measure.code.replace(".", f".{TOWN}.", 1)
        if name in named:
            yield FigureRow(f"{{{{{name}}}}}", meaning(measure.code), said(named[name]))


def _whose(named: Mapping[str, Named]) -> Iterator[FigureRow]:
    """What stands in the middle of a name: the town, or a department."""
    departments = current.town().departments
    for figure in named.values():
        if figure.code == MEASURES[0].code:
            known = departments.get(figure.whose)
            yield FigureRow(figure.name.split(".")[1], known.name if known else t("rapport.ensemble"), "")


# --- saving ------------------------------------------------------------------------------------------------------


def save(report_id: str, report: Report) -> ResponseReturnValue:
    typed = {name: text.replace("\r\n", "\n").strip() for name, text in request.form.items()}
    words = {section: typed[name] for section, name in NAMES.items() if name in typed}
    named = live(report.first, report.last).named
    errors = tuple(error for section, text in words.items() for error in _wrong(section, text, named))
    if errors:
        return screen(report_id, report, typed, errors)
    committee = current.office().committee
    try:
        lost = committee.write(
            report_id,
            words,
            {section: typed.get(f"vu-{name}", "") for section, name in NAMES.items()},
            named,
            by=f"agent:{current.agent().id}",
            read_again=[section for section, name in NAMES.items() if typed.get(f"relu-{name}")],
        )
    except Refused as refusal:
        return screen(report_id, report, typed, (FieldError(NAMES[SECTIONS[0]], sentence(refusal)),))
    if lost:
        told = tuple(FieldError(NAMES[section], t("rapport.section_modifiee")) for section in lost)
        return screen(report_id, committee.report(report_id) or report, typed, told, lost)
    flash(t("rapport.enregistre"), "ok")
    return redirect(f"{BASE}/{report_id}", 303)


def _wrong(section: str, text: str, named: Mapping[str, Named]) -> Iterator[FieldError]:
    """What is wrong with the words of a section: one sentence each."""
    name = NAMES[section]
    longest = LONGEST_TITLE if section == "title" else MAX_TEXT
    unknown = next((one for one in names_in(text) if one not in named), None)
    if len(text) > longest:
        yield FieldError(name, t("erreur.longueur", n=len(text), max=longest))
    elif unknown is not None:
        near = nearest(unknown, named)
        key = "rapport.nom_inconnu_proches" if near else "rapport.nom_inconnu"
        yield FieldError(name, t(key, nom=unknown, proches=", ".join(near)))
    elif half_open(text):
        yield FieldError(name, t("rapport.accolades"))
    elif section == "keep" and (count := sentences(text)) > MOST_SENTENCES:
        yield FieldError(name, t("rapport.cinq_phrases", n=count))
