"""On which invented cases is a letter tried before a town may adopt it?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

from msgspec.structs import replace

from gru.domain.clocks import Amount
from gru.domain.events import Outcome, Regime
from gru.domain.town import Legal, PriorAppeal, RequestType, Town
from gru.office.letters.facts import (
    Answer,
    Asked,
    CaseFacts,
    Closing,
    Item,
    Lateness,
    News,
    Reminder,
    ReportNote,
    Supplement,
    Ticket,
    Transfer,
)

_RECEIVED = datetime(2026, 12, 23, 9, 42, tzinfo=UTC)
_WEEK = timedelta(days=7)


def examples(town: Town, use: str) -> Iterator[tuple[Town, CaseFacts]]:
    """A town with one request type that the letter of this use may be about, and a case: with and without documents
    missing, an authority to ask before the judge, a known name, a tracking page; with each outcome."""
    kind = _type_for(town, use)
    prior = PriorAppeal("le préfet", "deux mois", "")
    for number, outcome in enumerate(get_args(Outcome)):
        plain = number % 2 == 0
        shown = replace(kind, prior_appeal=None if plain else prior, appeal_extends=plain)
        yield replace(town, types={kind.code: shown}), _facts(town, kind, outcome, use, plain=plain)


def _type_for(town: Town, use: str) -> RequestType:
    named, _, regime = use.partition("/")
    wanted = cast(Regime, regime) if named == "acknowledgement" else "rejection"
    found = next((kind for kind in town.types.values() if kind.legal.regime == wanted), None)
    kind = found or next(iter(town.types.values()))
    legal = kind.legal if found else Legal(regime=wanted, delay=Amount(2, "month"))
    return replace(kind, legal=legal, next_step=kind.next_step or "un agent lit votre message.")


def _facts(town: Town, kind: RequestType, outcome: Outcome, use: str, *, plain: bool) -> CaseFacts:
    return CaseFacts(
        number="2026-000123",
        received_at=_RECEIVED,
        now=_RECEIVED + 2 * _WEEK,
        type=kind.code,
        channel="counter",
        site=next(iter(town.sites)),
        proven=plain,
        message="Bonjour, je voudrais réserver deux places pour mon déménagement.",
        place="14 rue des Acacias",
        summary="réserver deux places devant le 14 rue des Acacias",
        name="Nadia Fictive" if plain or use == "attestation" else "",
        civility="Madame" if plain else "",
        reply_channel="post",
        due={"first_response": _RECEIVED + _WEEK, "resolve": _RECEIVED + 2 * _WEEK},
        legal={"acknowledgement": _RECEIVED + 2 * _WEEK, "silence": _RECEIVED + 9 * _WEEK},
        missing=() if plain else ("Attestation d'assurance",),
        received=("Justificatif de domicile",) if plain else (),
        tracking_url=f"{town.links.site}/suivi/2026-000123/exemple",
        tracking_code="K7F3-Q9TM",
        agent_url=f"{town.links.site}/agent/demandes/2026-000123",
        agent="Camille Modèle",
        signatory="Dominique Exemple",
        signatory_title="Adjointe au maire, par délégation du maire",
        appeal_until=None if plain else _RECEIVED + 18 * _WEEK,
        complete_at=None if plain else _RECEIVED + _WEEK,
        supplement=Supplement(
            indispensable=plain,
            before=_RECEIVED + 2 * _WEEK,
            items=(Item(label="Attestation d'assurance", why="elle est exigée par l'arrêté municipal"),),
            asked_at=_RECEIVED + timedelta(days=1),
            consequence="Après cette date, le délai de réponse reprend.",
        ),
        answer=Answer(
            text="Les deux places vous sont réservées.",
            granted=plain,
            to_do=("Poser les panneaux 48 heures avant.",) if plain else (),
            ground_fact="la rue est fermée ce jour-là." if use == "refusal" else "",
            ground_law="arrêté municipal du 1er décembre 2026, article 2.",
            alternative="" if plain else "choisir le samedi 16 janvier 2027.",
            public_sentence="Nous allons regarder cela.",
        ),
        transfer=Transfer(
            reason="la rue relève de la voirie communale.",
            body=next(iter(town.bodies), ""),
            at=_RECEIVED + _WEEK,
            reference="" if plain else "MX-4412",
            check_at=_RECEIVED + 4 * _WEEK,
        ),
        lateness=Lateness(
            promised=_RECEIVED + 2 * _WEEK,
            new_date=_RECEIVED + 3 * _WEEK,
            reason="nous attendons l'avis des pompiers.",
        ),
        reminder=Reminder(
            label="première réponse attendue",
            due=_RECEIVED + _WEEK,
            situation="en attente du service",
            since="4 jours ouvrés",
        ),
        closing=Closing(
            outcome=outcome,
            at=_RECEIVED + 2 * _WEEK,
            reopen_before=_RECEIVED + 6 * _WEEK,
            summary="les panneaux ont été posés le 7 janvier.",
            main="2026-000101",
        ),
        asked=Asked(
            question="Pouvez-vous reboucher la tranchée devant le 14 ?",
            before=_RECEIVED + _WEEK,
            link=f"{town.links.site}/tiers/exemple",
            link_until=_RECEIVED + 5 * _WEEK,
            asked_at=_RECEIVED + timedelta(days=1),
            place="14 rue des Acacias" if plain else "",
            resident="" if plain else "Nadia Fictive, 06 39 98 00 00",
        ),
        news=News(
            closed=not plain,
            outcome=None if plain else outcome,
            own_number="2026-000101" if plain else "",
            own_link=f"{town.links.site}/suivi/2026-000101/exemple" if plain else "",
            stop_link="" if plain else f"{town.links.site}/ne-plus-suivre/exemple",
        ),
        report=ReportNote(
            first=_RECEIVED - 8 * _WEEK,
            last=_RECEIVED - 4 * _WEEK,
            link=f"{town.links.site}/rapports/exemple",
            version=1,
            digest="0f" * 32,
        ),
        ticket=Ticket(letter="B", number="042", at=_RECEIVED, ahead=3, minutes=15),
    )
