"""What do the fields of a letter say about this case?

A field has its value, or is known and not filled, or is not known at all. A template may ask whether a field is filled;
it can print neither of the other two.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jinja2 import StrictUndefined, Undefined

from gru.domain.clocks import Amount, Calendar
from gru.domain.events import Channel, Outcome, Regime
from gru.domain.town import Department, RequestType, Town
from gru.office.letters import french
from gru.office.letters.facts import CaseFacts

REGIMES: dict[Regime, str] = {
    "acceptance": "SVA",
    "rejection": "SVR",
    "none": "SANS_DECISION",
    "exempt": "AR_DISPENSE",
    "special": "SPECIAL",
}
CHANNELS: dict[Channel, str] = {
    "email": "courriel",
    "facebook": "Facebook",
    "web": "formulaire en ligne",
    "counter": "guichet",
    "phone": "téléphone",
    "post": "courrier",
    "open311": "Open311",
    "tracking": "page de suivi",
    "agent": "agent",
    "system": "automate",
}
OUTCOMES: dict[Outcome, str] = {
    "resolved": "resolue",
    "refused": "refusee",
    "redirected": "reorientee",
    "duplicate": "doublon",
    "withdrawn": "retiree",
    "no_reply": "sans_suite_usager",
    "out_of_scope": "hors_competence",
}


class Unfilled(Undefined):
    """A field that exists and has no value: a template may test or compare it, not print it or go through it."""

    @property
    def path(self) -> str:
        """Its name, as a template calls it."""
        return str(self._undefined_hint)

    def __str__(self) -> str:
        self._fail_with_undefined_error()

    def __iter__(self) -> Iterator[Any]:
        self._fail_with_undefined_error()


class Group:
    """The fields under one name: « demande.numero »."""

    __slots__ = ("_name", "_values")

    def __init__(self, _name: str, /, **values: object) -> None:
        self._name = _name
        self._values = values

    def __getitem__(self, key: str) -> object:
        path = f"{self._name}.{key}"
        if key not in self._values:
            return StrictUndefined(hint=path)
        value = self._values[key]
        return Unfilled(hint=path) if value is None or value == "" else value


Context = Mapping[str, object]


def context_of(town: Town, facts: CaseFacts) -> Context:
    """Everything a template may name, in French, for one case under one version of the town."""
    kind = town.types.get(facts.type)
    department = town.departments[facts.department or (kind.department if kind else town.reception)]
    return {
        "ville": _town(town),
        "usager": _resident(facts),
        "demande": _case(town, facts, kind),
        "delais": _dates(town, facts, kind),
        "service": _service(town, department),
        "agent": Group("agent", prenom_nom=facts.agent),
        "signataire": Group("signataire", prenom_nom=facts.signatory, qualite=facts.signatory_title),
        "complement": _supplement(town, facts),
        "reponse": _answer(facts),
        "recours": _appeal(town, facts, kind),
        "transfert": _transfer(town, facts),
        "retard": _lateness(town, facts),
        "relance": _reminder(town, facts),
        "cloture": _closing(town, facts),
        "attestation": Group("attestation", date=_day(town, facts.now), complet_le=_day(town, facts.complete_at)),
        "ticket": _ticket(town, facts),
        "rgpd": _privacy(town, kind),
        "liens": _links(town, facts),
        "tiers": _third_party(town, facts),
        "nouvelle": _news(facts),
        "rapport": _report(town, facts),
    }


def _calendar(town: Town) -> Calendar:
    return town.legal_calendar


def _day(town: Town, instant: datetime | None) -> str | None:
    return french.day_of(_calendar(town), instant) if instant else None


def _limit(town: Town, instant: datetime | None) -> str | None:
    return french.last_day_of(_calendar(town), instant) if instant else None


def _town(town: Town) -> Group:
    real = [site.name for site in town.sites.values() if site.kind != "virtual"]
    return Group(
        "ville",
        nom=town.name,
        adresse=town.address,
        telephone=town.phone,
        telephone_urgence=town.emergency_phone,
        liste_sites=", ".join(real),
    )


def _resident(facts: CaseFacts) -> Group:
    first, _, last = facts.name.partition(" ")
    return Group(
        "usager",
        civilite_nom=f"{facts.civility} {last or first}" if facts.civility and facts.name else facts.name,
        prenom_nom=facts.name,
        initiales=" ".join(f"{word[0]}." for word in facts.name.split()) or "anonyme",
        prenom_public=first,
        canal_reponse=CHANNELS[facts.reply_channel],
    )


def _case(town: Town, facts: CaseFacts, kind: RequestType | None) -> Group:
    return Group(
        "demande",
        numero=facts.number,
        type_libelle=kind.label if kind else "",
        confidentiel=kind is not None and kind.confidentiality == "secret",
        resume=facts.summary,
        recu_le_date=_day(town, facts.received_at),
        recu_le_heure=french.hour_of(_calendar(town), facts.received_at),
        texte_recu=facts.message if facts.proven else "",
        lieu=facts.place if facts.proven else "",
        prochaine_etape=kind.next_step if kind else "",
        regime=REGIMES[kind.legal.regime if kind else "none"],
        canal=CHANNELS[facts.channel],
        site=town.sites[facts.site].name if facts.site in town.sites else "",
        code_suivi=facts.tracking_code,
        pieces_manquantes=facts.missing,
        pieces_recues=facts.received,
    )


def _dates(town: Town, facts: CaseFacts, kind: RequestType | None) -> Group:
    delay = town.silence_delay(kind.code) if kind else None
    return Group(
        "delais",
        ar_au_plus_tard=_limit(town, facts.legal.get("acknowledgement")),
        premiere_reponse=_limit(town, facts.due.get("first_response")),
        cible_resolution=_limit(town, facts.due.get("resolve")),
        decision_implicite_le=_limit(town, facts.legal.get("silence")),
        complement_avant=_limit(town, facts.supplement.before if facts.supplement else None),
        duree_legale=french.length_of(delay) if delay else None,
    )


def _service(town: Town, department: Department) -> Group:
    return Group(
        "service",
        nom=department.name,
        telephone=department.phone,
        horaires=french.hours_of(town.calendars[department.calendar].week),
        courriel=department.email,
        adresse=department.address,
    )


def _supplement(town: Town, facts: CaseFacts) -> Group:
    said = facts.supplement
    items = said.items if said else ()
    return Group(
        "complement",
        nature=("indispensable" if said.indispensable else "utile") if said else None,
        avant_le=_limit(town, said.before if said else None),
        demande_le=_day(town, said.asked_at if said else None),
        consequence=said.consequence if said else None,
        elements=tuple(Group("complement.elements", libelle=item.label, pourquoi=item.why) for item in items) or None,
    )


def _answer(facts: CaseFacts) -> Group:
    said = facts.answer
    return Group(
        "reponse",
        nature=("accord" if said.granted else "information") if said else None,
        texte=said.text if said else None,
        a_faire=said.to_do if said else (),
        motif_fait=said.ground_fact if said else None,
        motif_droit=said.ground_law if said else None,
        alternative=said.alternative if said else None,
        phrase_generale=said.public_sentence if said else None,
    )


def _appeal(town: Town, facts: CaseFacts, kind: RequestType | None) -> Group:
    prior = kind.prior_appeal if kind else None
    return Group(
        "recours",
        origine="expresse" if facts.answer and facts.answer.ground_fact else "implicite",
        prealable=Group("recours.prealable", autorite=prior.authority, adresse=prior.address, delai=prior.delay)
        if prior
        else None,
        date_limite=_limit(town, facts.appeal_until),
        delai_contentieux=french.length_of(Amount(town.appeal.months, "month")),
        gracieux_proroge=kind.appeal_extends if kind else True,
        tribunal=Group(
            "recours.tribunal", nom=town.appeal.court, adresse=town.appeal.address, site=town.appeal.website
        ),
    )


def _transfer(town: Town, facts: CaseFacts) -> Group:
    said = facts.transfer
    body = town.bodies.get(said.body) if said else None
    return Group(
        "transfert",
        raison=said.reason if said else None,
        organisme=body.name if body else None,
        adresse=body.address if body else None,
        telephone=body.phone if body else None,
        reference=said.reference if said else None,
        date=_day(town, said.at if said else None),
        verifier_le=_day(town, said.check_at if said else None),
    )


def _lateness(town: Town, facts: CaseFacts) -> Group:
    said = facts.lateness
    return Group(
        "retard",
        date_annoncee=_limit(town, said.promised if said else None),
        nouvelle_date=_limit(town, said.new_date if said else None),
        raison=said.reason if said else None,
    )


def _reminder(town: Town, facts: CaseFacts) -> Group:
    said = facts.reminder
    return Group(
        "relance",
        libelle=said.label if said else None,
        echeance=_limit(town, said.due if said else None),
        situation=said.situation if said else None,
        depuis=said.since if said else None,
    )


def _closing(town: Town, facts: CaseFacts) -> Group:
    said = facts.closing
    return Group(
        "cloture",
        issue=OUTCOMES[said.outcome] if said else None,
        resume=said.summary if said else None,
        date=_day(town, said.at if said else None),
        rouvrir_avant=_limit(town, said.reopen_before if said else None),
        dossier_principal=said.main if said else None,
    )


def _ticket(town: Town, facts: CaseFacts) -> Group:
    said = facts.ticket
    return Group(
        "ticket",
        site=town.sites[facts.site].name if facts.site in town.sites else None,
        lettre=said.letter if said else None,
        numero=said.number if said else None,
        date=said.at.astimezone(_calendar(town).zone).strftime("%d/%m/%Y") if said else None,
        heure=said.at.astimezone(_calendar(town).zone).strftime("%H:%M") if said else None,
        avant_vous=said.ahead if said else None,
        attente_min=said.minutes if said else None,
    )


def _third_party(town: Town, facts: CaseFacts) -> Group:
    said = facts.asked
    return Group(
        "tiers",
        question=said.question if said else None,
        avant_le=_limit(town, said.before if said else None),
        demande_le=_day(town, said.asked_at if said else None),
        lien=said.link if said else None,
        lien_jusqu_au=_limit(town, said.link_until if said else None),
        lieu=said.place if said else None,
        usager=said.resident if said else None,
    )


def _news(facts: CaseFacts) -> Group:
    said = facts.news
    return Group(
        "nouvelle",
        close=said.closed if said else None,
        issue=OUTCOMES[said.outcome] if said and said.outcome else None,
        votre_numero=said.own_number if said else None,
        votre_suivi=said.own_link if said else None,
        ne_plus_suivre=said.stop_link if said else None,
    )


def _report(town: Town, facts: CaseFacts) -> Group:
    said = facts.report
    return Group(
        "rapport",
        du=_day(town, said.first if said else None),
        au=_day(town, said.last if said else None),
        lien=said.link if said else None,
        version=str(said.version) if said and said.version else None,
        empreinte=said.digest if said else None,
    )


def _privacy(town: Town, kind: RequestType | None) -> Group:
    retention = french.kept_for(kind.retention if kind else town.privacy.retention)
    return Group(
        "rgpd",
        duree=f"{retention} après la fin du dossier, sauf durée légale plus longue",
        duree_enquete=french.kept_for(town.privacy.survey_retention),
        dpo_courriel=town.privacy.email,
        dpo_nom=town.privacy.officer,
        dpo_adresse=town.privacy.address,
    )


def _links(town: Town, facts: CaseFacts) -> Group:
    own = facts.tracking_url
    return Group(
        "liens",
        suivi=own,
        depot=own and f"{own}/message",
        completer=own and f"{own}/completer",
        enquete=own and f"{own}/avis",
        refus_enquete=own and f"{own}/avis/refus",
        suivi_court=town.links.tracking,
        formulaire=town.links.form,
        notice_donnees=town.links.privacy,
        dossier_agent=facts.agent_url,
    )
