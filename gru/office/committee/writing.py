"""What do people do with a report: begin it, write in it, freeze it, correct it, and record what was decided?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Literal, get_args

import msgspec

from gru.domain.events import DecisionTaken, ReportBegun, ReportFrozen, TextRef
from gru.domain.references import derived_id, is_id
from gru.domain.report import (
    BeginCorrection,
    BeginReport,
    Command,
    Decided,
    FreezeReport,
    Frozen,
    Report,
    State,
    StrikeDecision,
    TakeDecision,
    WriteSection,
    names_in,
    replay,
)
from gru.domain.report.decisions import Kind
from gru.domain.report.drafting import SectionChanged, Written
from gru.office.desk import Desk
from gru.office.figures.named import Named
from gru.office.projector import Projector
from gru.storage.archive import Archive
from gru.storage.log import Log
from gru.storage.sealing import Tampered

GROUP: Literal["inline"] = "inline"


Part = Literal["content", "pdf", "xlsx"]
"""What is kept of a frozen version: the canonical JSON of its words and figures, and the two files made of them."""

PAGE = 200
"""So many facts are read at once."""


def digest_of(version: Frozen, part: Part) -> str:
    """The SHA-256 under which it is kept."""
    return {"content": version.digest, "pdf": version.pdf, "xlsx": version.xlsx}[part]


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of a report for its freezing: `content` is its canonical JSON, `made_from` the version read."""

    content: bytes
    pdf: bytes
    xlsx: bytes
    cut: int
    cut_at: datetime
    town_version: int
    made_from: int
    number: int
    today: date


class Committee:
    """The reports and decisions of the town. What is done twice is done once."""

    def __init__(self, *, log: Log, desk: Desk, archive: Archive, projector: Projector, secret: bytes) -> None:
        self._log = log
        self._desk = desk
        self._archive = archive
        self._projector = projector
        self._secret = secret

    def report(self, report_id: str) -> Report | None:
        state = self._told(report_id)
        return state if isinstance(state, Report) else None

    def decision(self, decision_id: str) -> Decided | None:
        state = self._told(decision_id)
        return state if isinstance(state, Decided) else None

    def _told(self, stream: str) -> State | None:
        """What an id from an address stands for; a case, or nothing that could be an id, is no paper of ours."""
        history = self._log.history(stream) if is_id(stream) else []
        ours = bool(history) and isinstance(history[0].event, (ReportBegun, DecisionTaken))
        return replay(history) if ours else None

    def texts(self, report: Report) -> dict[str, str]:
        """The words of each section that has any."""
        refs = {code: one.text for code, one in report.sections.items() if one.text}
        found = self._archive.texts([ref.id for ref in refs.values()])
        return {code: found[ref.id] or "" for code, ref in refs.items()}

    def titles(self, ids: Sequence[str]) -> dict[str, str]:
        """The words of titles by their ids."""
        return {id: text or "" for id, text in self._archive.texts([id for id in ids if id]).items()}

    # --- a report ---

    def begin(self, first: date, last: date, *, by: str, key: str) -> str:
        """A new draft; its id. The same `key` of the same person gives the same report."""
        report_id = derived_id(self._secret, "report", by, key)
        self._do(BeginReport(stream=report_id, first=first, last=last), by=by)
        return report_id

    def write(
        self,
        report_id: str,
        words: Mapping[str, str],
        seen: Mapping[str, str],
        figures: Mapping[str, Named],
        *,
        by: str,
        read_again: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """Write what was changed; the sections somebody else has written meanwhile are left, and named.

        What a figure was is noted with the words that name it: again, unchanged, where somebody has `read_again`.
        """
        report = self.report(report_id)
        before = self.texts(report) if report else {}
        there = report.sections if report else {}
        lost = []
        for section, text in words.items():
            stands = there.get(section, Written(None))
            if text == before.get(section, "") and section not in read_again:
                continue
            names = names_in(text)
            wish = WriteSection(
                stream=report_id,
                section=section,
                text=self._kept(report_id, section, text, seen.get(section, ""), stands) if text else None,
                names=names,
                values=tuple(figures[name].stated for name in names),
                seen=seen.get(section, ""),
            )
            try:
                self._do(wish, by=by)
            except SectionChanged:
                lost.append(section)
        return tuple(lost)

    def _kept(self, report_id: str, section: str, text: str, seen: str, stands: Written) -> TextRef:
        """The words under an id of their own: sent twice they are the same, written over others they are new."""
        if stands.text is not None and self._archive.texts([stands.text.id])[stands.text.id] == text:
            return stands.text
        digest = sha256(text.encode("utf-8", "replace")).hexdigest()
        id = derived_id(self._secret, "report text", report_id, section, seen, digest)
        return self._archive.write_text(text, person="", case=report_id, id=id)

    def freeze(self, report_id: str, made: Made, *, by: str) -> None:
        """Keep what was made of it for ever, under the digests of the fact that says so."""
        wish = FreezeReport(
            stream=report_id,
            number=made.number,
            digest=self._archive.keep_content(made.content),
            pdf=self._archive.keep_content(made.pdf),
            xlsx=self._archive.keep_content(made.xlsx),
            cut=made.cut,
            cut_at=made.cut_at,
            town_version=made.town_version,
            made_from=made.made_from,
            today=made.today,
        )
        self._do(wish, by=by)

    def correct(self, report_id: str, number: int, *, by: str) -> None:
        self._do(BeginCorrection(stream=report_id, number=number), by=by)

    def frozen(self, version: Frozen, part: Part) -> bytes:
        """The bytes of a frozen version. Raises `Tampered` or `KeyError` where they are not those that were frozen."""
        return self._archive.content(digest_of(version, part))

    def unfit(self, version: Frozen) -> tuple[Part, ...]:
        """Which of its files are not kept as they were frozen: changed, or gone."""
        return tuple(part for part in get_args(Part) if not self._fits(version, part))

    def _fits(self, version: Frozen, part: Part) -> bool:
        try:
            self.frozen(version, part)
        except (Tampered, KeyError):
            return False
        return True

    def all_frozen(self) -> Iterator[tuple[str, Frozen]]:
        """Every version ever frozen, with its report's id, as the log itself says it."""
        position = 0
        while found := self._log.read(position, PAGE, (ReportFrozen.NAME,)):
            position = found[-1].position
            for report_id in dict.fromkeys(one.stream_id for one in found):
                report, here = self.report(report_id), {one.position for one in found}
                yield from ((report_id, one) for one in (report.versions if report else ()) if one.position in here)

    # --- a decision ---

    def take(
        self,
        title: str,
        effect: date,
        types: Sequence[str],
        departments: Sequence[str],
        *,
        by: str,
        key: str,
        kind: Kind = "decision",
    ) -> str:
        """Record what was decided; its id."""
        decision_id = derived_id(self._secret, "decision", by, key)
        ref = self._archive.write_text(
            title, person="", case=decision_id, id=derived_id(self._secret, "decision title", decision_id, title)
        )
        wish = TakeDecision(
            stream=decision_id,
            kind=kind,
            title=ref,
            effect=effect,
            types=tuple(types),
            departments=tuple(departments),
        )
        self._do(wish, by=by)
        return decision_id

    def strike(self, decision_id: str, *, by: str) -> None:
        self._do(StrikeDecision(stream=decision_id), by=by)

    def _do(self, wish: Command, *, by: str) -> None:
        done = self._desk.execute(wish, by=by)
        if done.recorded:
            self._projector.catch_up(GROUP, to=done.position)
