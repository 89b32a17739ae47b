"""How does the committee learn that a draft waits, or that a report is frozen? By mail, once, at each of its addresses.

Sent first and recorded then, like every reply: a mail sent twice bears one Message-ID.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time

from gru.channels.base import Attachment, Channel, Outgoing, Undeliverable
from gru.domain import references as refs
from gru.domain.report import Frozen, RecordPosted, Report
from gru.domain.town import Town
from gru.office.committee.writing import Committee
from gru.office.desk import Desk
from gru.office.letters import CaseFacts, Letter, ReportNote, letter
from gru.office.town_hall import TownBook

BY = "system:delivery"
PDF = "application/pdf"
DRAFT, REPORT = "committee_draft", "committee_report"


class CommitteePost:
    def __init__(
        self,
        *,
        desk: Desk,
        committee: Committee,
        town: TownBook,
        channels: Mapping[str, Channel],
        secret: bytes,
        public_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._committee = committee
        self._town = town
        self._channels = channels
        self._secret = secret
        self._public_url = public_url.rstrip("/")
        self._now = now

    def post(self, report_id: str, number: str, cause: str) -> None:
        """Write to the committee about version `number`, `0` for the draft; nothing when that was done, or nobody
        is to be written to."""
        report, version = self._committee.report(report_id), int(number)
        town = self._town.in_force(self._now())
        if report is None or version in report.posted or not town.committee:
            return
        frozen = next((one for one in report.versions if one.number == version), None)
        written = self._letter(town, report_id, report, frozen)
        if written is None:
            return
        files = (self._file(report, frozen),) if frozen else ()
        readers = sum(self._send(town, address, written, files, report_id, version) for address in town.committee)
        self._desk.execute(RecordPosted(stream=report_id, number=version, readers=readers), by=BY, cause=cause)

    def give_up(self, report_id: str, number: str, cause: str) -> None:
        """The mail cannot leave: the report says that nobody was reached."""
        self._desk.execute(RecordPosted(stream=report_id, number=int(number), readers=0), by=BY, cause=cause)

    def _send(
        self, town: Town, address: str, written: Letter, files: tuple[Attachment, ...], report_id: str, version: int
    ) -> bool:
        name = refs.derived_id(self._secret, "committee mail", report_id, str(version), address)
        outgoing = Outgoing(
            external_id=name,
            return_tag=refs.return_tag(self._secret, name),
            address=address,
            name="",
            sender=town.name,
            reply_to=town.email,
            subject=written.subject,
            text=written.text,
            automatic=True,
            attachments=files,
        )
        try:
            self._channels["email"].send(outgoing)
        except Undeliverable:
            return False
        return True

    def _letter(self, town: Town, report_id: str, report: Report, frozen: Frozen | None) -> Letter | None:
        """`None` when this version of the town has no letter for it."""
        template = town.letters.get(REPORT if frozen else DRAFT)
        if template is None:
            return None
        zone, now = town.legal_calendar.zone, self._now()
        note = ReportNote(
            first=datetime.combine(report.first, time(12), zone),
            last=datetime.combine(report.last, time(12), zone),
            link=f"{self._public_url}/rapports/{report_id}",
            version=frozen.number if frozen else 0,
            digest=frozen.digest if frozen else "",
        )
        return letter(town, template, CaseFacts(number="", received_at=now, now=now, report=note))

    def _file(self, report: Report, frozen: Frozen) -> Attachment:
        content = self._committee.frozen(frozen, "pdf")
        return Attachment(f"rapport-{report.last:%Y-%m}-v{frozen.number}.pdf", PDF, content)
