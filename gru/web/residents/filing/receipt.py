"""What does the receipt say that a resident can keep on paper?"""

from collections.abc import Iterator

import structlog
from flask import Blueprint, make_response
from flask.typing import ResponseReturnValue

from gru.domain.clocks import Amount
from gru.domain.references import tracking_code
from gru.office.letters.french import length_of
from gru.office.papers import FilingSheet, PaperJam, qr_svg
from gru.web import current, errors
from gru.web.i18n import t
from gru.web.owners import public
from gru.web.pages import phone
from gru.web.residents.filing import around
from gru.web.residents.thread import Tracked
from gru.web.residents.tracking import SECRET_LINK, find
from gru.web.security import DOWNLOAD_POLICY

pages = Blueprint("receipt", __name__)
logger = structlog.get_logger(__name__)

PAPERS = 60
"""Receipts made for one address in an hour: each costs a process."""


@pages.get("/suivi/<ref>/<token>/recepisse.pdf")
@public(SECRET_LINK)
def show(ref: str, token: str) -> ResponseReturnValue:
    return paper_of(find(ref, token))


def paper_of(link: Tracked) -> ResponseReturnValue:
    if not around.allow("paper", PAPERS):
        return errors.plain(t("erreur.titre"), t("etat.trop_requetes", minutes="60"), 429)
    try:
        paper = current.office().press.filing(receipt_of(link))
    except PaperJam as error:
        logger.error("a receipt could not be made", case=link.case.id, error=str(error))
        return errors.plain(t("etat.erreur_titre"), t("recepisse.echec"), 503)
    response = make_response(paper)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="recepisse-{link.case.number}.pdf"'
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    return response


def receipt_of(link: Tracked) -> FilingSheet:
    """The mentions of CRPA R112-5 and R112-11-1; no name and no word of the resident: a paper gets lost."""
    office, french, case, town = current.office(), current.french(), link.case, link.town
    site = town.sites[case.site].name if case.site in town.sites else case.site
    tracking = f"{office.settings.public_url}{link.base}"
    return FilingSheet(
        town=town.name,
        title=t("recepisse.titre", ref=case.number),
        received=t("recepisse.recue", date=french.long_day(case.received_at), heure=french.hour(case.received_at),
                   site=site),
        number_label=t("recepisse.reference"),
        number=case.number,
        code_label=t("recepisse.code"),
        code=tracking_code(office.settings.secret, case.id, case.link_generation),
        rows=tuple(_rows(link)),
        lines=tuple(_lines(link)),
        qr=qr_svg(tracking),
        qr_alt=t("recepisse.qr"),
        footer=t("recepisse.donnees", delegue=town.privacy.officer, email=town.privacy.email),
    )  # fmt: skip


def _rows(link: Tracked) -> Iterator[tuple[str, str]]:
    department = link.department
    number = phone(department.phone)
    reach = (department.address, number.shown if number else "", department.email)
    yield t("recepisse.objet"), link.names.type(link.case.type)
    yield t("recepisse.service"), department.name
    yield t("recepisse.joindre"), " · ".join(part for part in reach if part)


def _lines(link: Tracked) -> Iterator[str]:
    french, case, town = current.french(), link.case, link.town
    resolve = case.commitments.get("resolve")
    if resolve is not None:
        yield t("recepisse.promesse", date=french.last_day(resolve.due))
    silence = case.legal.get("silence")
    if silence is not None and silence.regime == "acceptance":
        yield t("recepisse.sva", date=french.last_day(silence.due))
        yield t("recepisse.complet")
    elif silence is not None:
        yield t("recepisse.svr", date=french.last_day(silence.due), recours=_appeal(link))
        yield t("recepisse.complet")
    yield t("recepisse.suivre", url=f"{current.office().settings.public_url}/suivi")
    number = phone(town.phone)
    yield t("recepisse.sans_internet", tel=number.shown if number else town.phone)


def _appeal(link: Tracked) -> str:
    """To whom, and within which time; first to the authority that must be asked before the judge."""
    town, kind = link.town, link.town.types.get(link.case.type)
    if kind is not None and kind.prior_appeal is not None:
        prior = kind.prior_appeal
        return t("recepisse.recours_prealable", autorite=prior.authority, delai=prior.delay, adresse=prior.address)
    appeal = town.appeal
    months = length_of(Amount(appeal.months, "month"))
    return t("recepisse.recours", delai=months, tribunal=appeal.court, adresse=appeal.address, site=appeal.website)
