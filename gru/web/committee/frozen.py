"""What is kept of a report for ever, and how is it made?"""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from gru.domain.report import Report
from gru.office.committee import Made
from gru.office.figures.named import Named
from gru.office.papers import Document
from gru.web import current
from gru.web.committee.document import Told, composed
from gru.web.committee.live import Live
from gru.web.i18n import t
from gru.web.reports import exports


class KeptFigure(msgspec.Struct, frozen=True):
    value: float | None
    of: int | None


class FrozenReport(msgspec.Struct, frozen=True, kw_only=True):
    """`document` is every word and table as shown, `texts` what people wrote with the names of their figures in it,
    `figures` every figure that could be named."""

    report: str
    number: int
    first: date
    last: date
    cut: int
    cut_at: datetime
    town_version: int
    town_digest: str
    texts: Mapping[str, str]
    figures: Mapping[str, KeptFigure]
    document: Document


def canonical(frozen: FrozenReport) -> bytes:
    """The same report always gives the same bytes."""
    return msgspec.json.encode(frozen, order="sorted")


def read(content: bytes) -> FrozenReport:
    return msgspec.json.decode(content, type=FrozenReport)


def make(report_id: str, report: Report, live: Live, said: Told) -> Made:
    """The canonical content, the PDF and the workbook, all of one document. Raises `PaperJam`."""
    cut, town = live.summary.cut, live.town
    document = composed(report, report.number, live, said)
    frozen = FrozenReport(
        report=report_id,
        number=report.number,
        first=report.first,
        last=report.last,
        cut=cut.position,
        cut_at=cut.at,
        town_version=town.number,
        town_digest=town.digest,
        texts=said.texts,
        figures={name: _kept(figure) for name, figure in live.named.items()},
        document=document,
    )
    return Made(
        content=canonical(frozen),
        pdf=as_file(document, "pdf", cut.at, cut.position),
        xlsx=as_file(document, "xlsx", cut.at, cut.position),
        cut=cut.position,
        cut_at=cut.at,
        town_version=town.number,
        made_from=report.version,
        number=report.number,
        today=cut.at.astimezone(town.legal_calendar.zone).date(),
    )


def as_file(document: Document, format: str, at: datetime, position: int) -> bytes:
    short = t("rapport.pied", n=str(position))
    return exports.made(document, format, at, current.office().press, short)


def _kept(figure: Named) -> KeptFigure:
    return KeptFigure(figure.value, figure.of)
