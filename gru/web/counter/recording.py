"""How does what was typed at the counter become history, once, however often it is sent?

The case's id derives from the form's key: an entry kept on the post while the network was away may be sent again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from gru.domain import events as e
from gru.domain.case import AddMessage, Case, CheckDocuments, OpenCase, RecordSent, WriteReply
from gru.domain.case.receiving import LATE_ENTRY
from gru.domain.references import derived_id
from gru.domain.town import Town
from gru.office.letters import UnfilledField
from gru.storage.people import Person, tidy_email, tidy_phone
from gru.web import current
from gru.web.counter.entry import CHANNELS, Typed
from gru.web.counter.motives import OTHER
from gru.web.uploads import Upload

TO_BRING = timedelta(days=30)
"""Until when a document that is missing is asked for (CRPA L114-5: the town sets a time)."""


def record(typed: Typed, uploads: Sequence[Upload]) -> Case:
    """The case this entry opened, now or when it was sent before."""
    office, case_id = current.office(), typed.case_id
    if case_id is None:
        raise LookupError("the form's key was not checked")
    by = f"agent:{typed.agent.id}"
    if office.desk.case(case_id) is None:
        person = person_of(typed)
        done = office.desk.execute(_opening(typed, case_id, person, uploads), *_papers(typed, case_id), by=by)
        office.projector.catch_up("inline", to=done.position)
    case = office.desk.case(case_id)
    if case is None:
        raise LookupError("the case just opened is not there")
    _acknowledge(case, by)
    return case


def person_of(typed: Typed) -> str:
    """The one he was recognised as, with what he said anew; else somebody new; `""` for nobody."""
    archive, known = current.office().archive, typed.who
    if typed.anonymous:
        return ""
    if known is not None:
        return archive.save_person(_completed(known, typed))
    new = Person(name=typed.name, email=typed.email, phone=typed.phone, address=typed.address)
    return archive.save_person(new) if any((new.name, new.email, new.phone, new.address)) else ""


def _completed(known: Person, typed: Typed) -> Person:
    """What is known stays; a new postal address counts, another mail or telephone is remembered besides."""
    person = replace(
        known,
        name=known.name or typed.name,
        email=known.email or typed.email,
        phone=known.phone or typed.phone,
        address=typed.address or known.address,
    )
    more = {typed.email} if tidy_email(typed.email) != tidy_email(person.email) else set()
    more |= {typed.phone} if tidy_phone(typed.phone) != tidy_phone(person.phone) else set()
    return replace(person, also=tuple(sorted({*person.also, *more} - {""})))


def _opening(typed: Typed, case_id: str, person: str, uploads: Sequence[Upload]) -> OpenCase:
    office, now = current.office(), current.now()
    received = min(typed.received_at or now, now)
    archive = office.archive
    title = archive.write_text(title_of(typed), person=person, case=case_id)
    text = archive.write_text(typed.said, person=person, case=case_id)
    place = archive.write_text(typed.place, person=person, case=case_id) if typed.place else None
    return OpenCase(
        case_id=case_id,
        channel=CHANNELS[typed.channel],
        site=typed.site,
        received_at=received,
        number=office.work.next_number(received.astimezone(typed.town.legal_calendar.zone).year),
        requester=person,
        title=title,
        text=text,
        files=tuple(
            archive.put_file(one.name, one.media_type, one.content, person=person, case=case_id) for one in uploads
        ),
        place=place,
        cell=typed.town.cell(typed.place),
        reply_channel=typed.reply_channel,
        late_reason=typed.late_why if now - received > LATE_ENTRY else "",
        assisted=typed.channel != "courrier",
        consent=typed.consent,
        type=typed.kind.code if typed.kind and typed.type != OTHER else "",
        danger=typed.danger,
    )


def title_of(typed: Typed) -> str:
    """Short enough for a list: what it is and where, or its first words."""
    label = typed.kind.label if typed.kind and typed.type != OTHER else ""
    if label and typed.place:
        return f"{label}, {typed.place}"[:200]
    first = typed.said.splitlines()[0] if typed.said else typed.words
    return (f"{label} : {first}" if label else first)[:200]


def _papers(typed: Typed, case_id: str) -> list[CheckDocuments]:
    """Said only when the documents of this very type were on the screen."""
    kind = typed.kind
    if kind is None or not kind.documents or typed.documents_for != kind.code or typed.channel == "telephone":
        return []
    received = tuple(code for code in kind.documents if code in typed.documents)
    missing = tuple(code for code in kind.documents if code not in typed.documents)
    return [
        CheckDocuments(
            case_id=case_id,
            received=received,
            missing=missing,
            before=end_of_day(current.now() + TO_BRING) if missing else None,
            originals_returned=typed.originals,
        )
    ]


def end_of_day(at: datetime) -> datetime:
    """The midnight that ends this day in the town."""
    local = current.french().local(at) + timedelta(days=1)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


# --- the acknowledgement of who came, called or wrote on paper (CRPA L112-3, R112-5) ---------------------------------


def _acknowledge(case: Case, by: str) -> None:
    """On paper over the counter; to who called or wrote, as he wishes to be told. Its id derives from the case."""
    office = current.office()
    reply_id = derived_id(office.settings.secret, "acknowledgement", case.id)
    if reply_id in case.replies or case.status == "closed":
        return
    town = office.town.version(case.town_version)
    person = office.archive.people([case.requester]).get(case.requester)
    channel = _way_of(case, person)
    if channel is None:
        return
    try:
        letter = _letter(town, case, person, channel)
    except UnfilledField:
        return
    text = office.archive.write_text(letter[0], person=case.requester, case=case.id)
    wish = WriteReply(
        case_id=case.id,
        reply_id=reply_id,
        kind="acknowledgement",
        channel=channel,
        text=text,
        template=letter[1],
        human=False,
    )
    handed = RecordSent(case_id=case.id, reply_id=reply_id, sent_at=current.now())
    done = office.desk.execute(wish, *([handed] if channel == "counter" else []), by=by)
    office.projector.catch_up("inline", to=done.position)


def _way_of(case: Case, person: Person | None) -> e.Channel | None:
    if case.channel == "counter":
        return "counter"
    if person is None or not case.type:
        return None
    if case.reply_channel == "email" and person.email:
        return "email"
    if case.reply_channel == "post" and person.address:
        return "post"
    return None


def _letter(town: Town, case: Case, person: Person | None, channel: e.Channel) -> tuple[str, str]:
    letters = current.office().letters
    if channel == "counter":
        paper = letters.counter_receipt(town, case, person)
    else:
        paper = letters.acknowledgement(town, case, person, current.now())
    return paper.whole, paper.template


# --- the same request again ------------------------------------------------------------------------------------------


def add_to(case: Case, typed: Typed, uploads: Sequence[Upload]) -> None:
    """What this person says joins a case that is open already; the form's key lets it happen once."""
    office, case_id = current.office(), typed.case_id
    if case_id is None:
        raise LookupError("the form's key was not checked")
    if case_id in case.messages:
        return
    person, archive = person_of(typed), office.archive
    words, now = typed.said or typed.words, current.now()
    adding = AddMessage(
        case_id=case.id,
        message=case_id,
        channel=CHANNELS[typed.channel],
        received_at=max(min(typed.received_at or now, now), case.received_at),
        proof="agent",
        author=person,
        text=archive.write_text(words, person=person, case=case.id) if words else None,
        files=tuple(
            archive.put_file(one.name, one.media_type, one.content, person=person, case=case.id) for one in uploads
        ),
    )
    done = office.desk.execute(adding, by=f"agent:{typed.agent.id}")
    office.projector.catch_up("inline", to=done.position)
