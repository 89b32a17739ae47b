"""What does one raw mail say?

`read` is pure and answers for any bytes: what cannot be understood is a code in `defects`, never an exception.
"""

from dataclasses import dataclass, field

from gru.channels.email import attachments as files
from gru.channels.email import bodies, bounces, quotes, tnef
from gru.channels.email.addresses import addresses
from gru.channels.email.charsets import decode
from gru.channels.email.classify import judge
from gru.channels.email.headers import Headers, dmarc_passed, message_ids, moment, received_moment
from gru.channels.email.mail import Attachment, Bounce, Mail
from gru.channels.email.parts import Part, split

__all__ = ["Attachment", "Bounce", "Mail", "read"]

_TEXTS = ("text/plain", "text/html")
_REPORTS = ("message/delivery-status", "message/disposition-notification", "message/feedback-report",
            "text/rfc822-headers", "message/global-delivery-status")  # fmt: skip
_LONGEST_SUBJECT = 5000


@dataclass(slots=True)
class _Gathered:
    """What a part and its children hold: texts in order, each with whether it is HTML, and files."""

    texts: list[tuple[Part, bool]] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)

    def add(self, other: "_Gathered") -> None:
        self.texts += other.texts
        self.files += other.files


def read(raw: bytes, *, authserv_id: str = "") -> Mail:
    """The mail; `dmarc_pass` holds only on the word of the server that calls itself `authserv_id`."""
    defects: dict[str, None] = {}
    root = split(raw, defects)
    headers = root.headers
    headers.hint = _hint(root)
    gathered = _gather(root, defects)
    whole, uuencoded = files.without_uuencoded(
        _text(gathered.texts or _named_text(root), defects) or _text_in_tnef(root)
    )
    senders = [each for value in headers.all("from") for each in addresses(value)]
    sender = _sender(headers, senders)
    subject = headers.text("subject")[:_LONGEST_SUBJECT]
    reports = bounces.from_report(root)
    verdict = judge(root, sender[1], subject, whole, [report.action for report in reports])
    if verdict.is_bounce:
        reports = reports or bounces.from_words(root, whole, subject, _own(headers, sender[1]))
    folded = quotes.Folded(whole, "") if verdict.is_bounce else quotes.fold(whole, subject)
    received = headers.all("received")
    return Mail(
        from_email=sender[1],
        from_name=sender[0],
        reply_to=next((each for _, each in _people(headers, "reply-to")), ""),
        to=tuple(each for _, each in _people(headers, "to")),
        cc=tuple(each for _, each in _people(headers, "cc")),
        delivered_to=_delivered_to(headers),
        subject=subject,
        message_id="".join(message_ids(headers.first("message-id"))[:1]),
        in_reply_to="".join(message_ids(headers.first("in-reply-to"))[:1]),
        references=message_ids(" ".join(headers.all("references"))),
        date=moment(headers.first("date")),
        received=received_moment(received[0]) if received else None,
        text=folded.text,
        quoted=folded.quoted,
        attachments=files.without_repeats(gathered.files + uuencoded),
        automatic=verdict.automatic,
        is_bounce=verdict.is_bounce,
        is_list=verdict.is_list,
        suppress_reply=verdict.suppress_reply,
        signals=verdict.signals,
        bounces=tuple(reports),
        dmarc_pass=len(senders) == 1 and _vouched(headers, authserv_id, sender[1]),
        received_count=headers.times("received"),
        instance=headers.first("x-gru-instance"),
        defects=tuple(defects),
    )


def _hint(root: Part) -> str:
    """The charset the message declares for its text: raw 8-bit headers are written in it."""
    return next((leaf.parameters["charset"] for leaf in bounces.leaves(root) if "charset" in leaf.parameters), "")


def _sender(headers: Headers, senders: list[tuple[str, str]]) -> tuple[str, str]:
    named = next((each for each in senders if each[1]), None)
    return named or next(iter(senders + addresses(headers.first("sender"))), ("", ""))


def _people(headers: Headers, name: str) -> list[tuple[str, str]]:
    return [each for value in headers.all(name) for each in addresses(value) if each[1]]


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    names = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
    return tuple(dict.fromkeys(each for name in names for _, each in _people(headers, name)))


def _own(headers: Headers, from_email: str) -> set[str]:
    """Who sent the notice and who got it: not the ones it speaks of."""
    return {
        from_email.lower(),
        *(each.lower() for name in ("to", "cc") for _, each in _people(headers, name)),
    }


def _vouched(headers: Headers, authserv_id: str, from_email: str) -> bool:
    results = headers.all("authentication-results")
    return bool(results) and dmarc_passed(results[0], authserv_id, from_email.rpartition("@")[2])


def _gather(part: Part, defects: dict[str, None], is_root: bool = True) -> _Gathered:
    kind = part.content_type
    if part.children:
        gathered = [_gather(child, defects, False) for child in part.children]
        return _alternative(gathered) if kind == "multipart/alternative" else _together(gathered)
    if kind in _REPORTS:
        return _Gathered(texts=[(part, False)] if is_root else [])
    if kind in _TEXTS and not _is_file(part):
        return _Gathered(texts=[(part, kind == "text/html")])
    if kind.startswith("multipart/"):
        return _Gathered(texts=[(part, False)])
    found = files.from_part(part)
    if not found[0].content:
        defects["empty-attachment"] = None
    return _Gathered(files=found)


def _is_file(part: Part) -> bool:
    if part.disposition == "attachment":
        return True
    return bool(files.named(part))


def _together(gathered: list[_Gathered]) -> _Gathered:
    whole = _Gathered()
    for each in gathered:
        whole.add(each)
    return whole


def _alternative(gathered: list[_Gathered]) -> _Gathered:
    """One body in several forms: the plain one if it says something, else the last that does."""
    whole = _Gathered(files=[each for one in gathered for each in one.files])
    spoken = [one.texts for one in gathered if any(part.encoded.strip() for part, _ in one.texts)]
    plain = [texts for texts in spoken if not texts[0][1] and not _points_to_html(texts[0][0])]
    whole.texts = plain[0] if plain else spoken[-1] if spoken else []
    return whole


def _points_to_html(part: Part) -> bool:
    """« Votre messagerie n'affiche pas le HTML »: a plain form that says nothing of its own."""
    return part.end - part.start < 400 and b"html" in part.encoded.lower()


def _named_text(root: Part) -> list[tuple[Part, bool]]:
    """The words of a mail whose only text has a file name, though nobody called it an attachment."""
    texts = (leaf for leaf in bounces.leaves(root) if leaf.content_type in _TEXTS and leaf.disposition != "attachment")
    return [(leaf, leaf.content_type == "text/html") for leaf in texts][:1]


def _text(texts: list[tuple[Part, bool]], defects: dict[str, None]) -> str:
    pieces = (_piece(part, is_html, defects) for part, is_html in texts)
    return "\n\n".join(piece for piece in pieces if piece.strip())


def _piece(part: Part, is_html: bool, defects: dict[str, None]) -> str:
    content = part.content()
    if len(content) > bodies.LONGEST:
        defects["text-cut"] = None
        content = content[: bodies.LONGEST]
    charset = part.parameters.get("charset", "")
    if is_html:
        return bodies.from_html(decode(content, charset or bodies.declared_in_html(content)))
    return bodies.plain(decode(content, charset))


def _text_in_tnef(root: Part) -> str:
    """The words of a mail that has them only inside winmail.dat."""
    for part in bounces.leaves(root):
        if files.is_tnef(part):
            found = tnef.unpack(part.content())
            return bodies.plain(found.text) or bodies.from_html(found.html)
    return ""
