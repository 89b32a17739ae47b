"""What did the writer say now, and what did the mail program repeat below it?

Folding never deletes: what is not in the text is in the quoted part. Answers written between quoted lines stay
where they are, with what they answer.
"""

import re
from dataclasses import dataclass

_MOST_LINES = 5000
_LONGEST_NAME = 200  # characters that may follow « a écrit »
_LONGEST_LINE = 300  # characters that are looked at
_LONGEST_FIELD = 1000  # characters of a line of a header block
_WRAPPED_AT = 70  # characters after which programs break a line
_LONGEST_DEVICE = 60  # characters of a mail that says nothing but what it was sent with
_ATTRIBUTION_LINES = 5  # a wrapped "Le … a écrit :" has been seen on four lines

_VERBS = (
    r"(?:[aà]|ont) [ée]crit|wrote|writes|schrieb(?: am)?|escribi[óo]|escreveu|ha scritto|scrisse|schreef|geschreven"
    r"|skrev|kirjoitti|napisał(?:\(a\))?|napsala?|напис\w+|пише|yazdı|írta|a scris|έγραψε"
)
_OPENINGS = r"Le|On|Am|El|Em|Il|Op|Den|Dne|Dnia|W dniu|På|Pe|Στις|V|20\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|De|From|At"
_OPENING = re.compile(rf"[\s>*_-]*(?:{_OPENINGS})\b", re.IGNORECASE)
_VERB = re.compile(rf"(?:{_VERBS})\b", re.IGNORECASE)
_NAMED = re.compile(rf"[^\n.!?]{{2,120}}(?:{_VERBS})\s*:\s*$", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]+")
_TIME = re.compile(r"\d{1,2}\s*[:h.]\s*\d{2}|\d{1,2}\s*h\b", re.IGNORECASE)
_CLOCK_TIME = re.compile(r"\d{1,2}\s*[:h.]\s*\d{2}(?:[:.]\d{2})?(?!\s*[/.]\d)", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[/.]\d{1,2}[/.]\d{2}")
_SPOKEN = re.compile(r"\b(?:m|t|l|nous|vous|lui|leur|s)['’ ]\s*(?:a|ont) [ée]crit", re.IGNORECASE)

_SEPARATOR = re.compile(
    r"\s*[-_*=—]{2,}\s*(?:message|mail|e-?mail|courriel|forwarded|original|originalnachricht|ursprüngliche|mensagem"
    r"|messaggio|mensaje|reply above|oorspronkelijk|répon\w+ (?:au-dessus|ci-dessus))\b"
    r"[^\n]{0,60}?[-_*=—]{2,}\s*$|\s*begin forwarded message\s*:\s*$"
    r"|\s*début du message (?:réexpédié|transféré)\s*:\s*$",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(
    r"(?:>\s*)*[-#=*_\s]*(?:please )?(?:reply above|type your reply above|write above|"
    r"(?:répond\w+|écri\w+)(?: votre réponse)? (?:au-dessus|ci-dessus))\b.{0,80}$", re.IGNORECASE
)  # fmt: skip
_FORWARDING = re.compile(r"forwarded|transf[ée]r|réexpédi|weitergeleitet|reenviad|encaminhad|inoltrat", re.IGNORECASE)
_RULE = re.compile(r"\s*[_-]{10,}\s*$")
_FIELD = re.compile(
    r"[\s>*]*(?P<name>de|from|von|van|fra|från|od|da|para|envoyé(?: le)?|date|sent|gesendet|verzonden|enviado|enviada"
    r"|inviato|data|fecha|datum|skickat|à|a|to|an|aan|till|pour|cc|copie à?|objet|sujet|subject|betreff|onderwerp"
    r"|asunto|assunto|oggetto|ämne|répondre à|reply-to|please respond to|organization|importance|priorité)"
    r"[\s*\xa0]*:[\s*\xa0]*(?P<value>.*)$",
    re.IGNORECASE,
)
_FROM_NAMES = {"de", "from", "von", "van", "fra", "från", "od", "da"}
_DATE_NAMES = {
    "envoyé", "envoyé le", "date", "sent", "gesendet", "verzonden", "enviado", "enviada", "inviato", "data", "fecha",
    "datum", "skickat",
}  # fmt: skip
_OTHER_NAMES = _DATE_NAMES | {
    "à", "a", "to", "an", "aan", "till", "pour", "objet", "sujet", "subject", "betreff",
    "onderwerp", "asunto", "assunto", "oggetto", "ämne", "para", "please respond to",
}  # fmt: skip
_SUBJECT_NAMES = {"objet", "sujet", "subject", "betreff", "onderwerp", "asunto", "assunto", "oggetto", "ämne"}
_ANSWERED_SUBJECT = re.compile(r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:r[eé]p?|aw|antw|sv|vs|rif|odp)\s*:", re.IGNORECASE)
_NOTES_TO, _NOTES_SUBJECT = ("to", "pour", "a", "à", "an"), ("subject", "objet", "betreff")
_FORWARDED_SUBJECT = re.compile(r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:fwd?|tr|wg|rv|enc|i)\s*:", re.IGNORECASE)
_QUOTED = re.compile(r"\s{0,3}>")
_INLINE_ANSWERS = re.compile(
    r"\b(?:répon\w{1,12}|answers?|comment\w{0,12}|remarques?)\b.{0,60}\b(?:ci-dessous|dans le (?:texte|corps|mail)"
    r"|dans le message|en (?:rouge|bleu|vert|gras|couleur)|below|inline)", re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_DEVICE = (
    r"mon|ma|l['’]app\w*|la messagerie|un (?:mobile|smartphone|téléphone|appareil)|outlook|yahoo|gmail|iphone|ipad"
    r"|android|galaxy|courrier pour|mail|proton|thunderbird|laposte|la poste|orange|free|sfr|bluemail|samsung|huawei"
)
_PHONE = re.compile(
    rf"[-–—_]{{0,3}}\s?\[?(?:(?:envoyée?|expédiée?) (?:de(?:puis)?|à partir d[e’']|avec|via|par) ?(?:{_DEVICE})\b"
    r".{0,100}|sent (?:from|via|with) (?:my|mail|outlook|yahoo|proton|gmail|the).{1,80}"
    r"|(?:obtenir|télécharge[rz]) outlook pour .{1,80}|get outlook for .{1,80}"
    r"|gesendet von .{1,60}|enviado (?:desde|do) .{1,60}|inviato da .{1,60}"
    r"|provenance ?: (?:courrier|mail) .{1,60}|mail envoyé depuis .{1,60})$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Folded:
    """The words of the writer, and what was folded away below, above or between."""

    text: str
    quoted: str


def fold(text: str, subject: str = "") -> Folded:
    """Part what is said now from the history repeated below it; `subject` tells a forwarded mail from a reply."""
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        return Folded(text, "")
    looked_at = [line.strip()[:_LONGEST_LINE] for line in lines]
    start, stop = _history(looked_at, bool(_FORWARDED_SUBJECT.match(subject)))
    if not _has_words([*looked_at[:start], *looked_at[stop:]]):
        start, stop = len(lines), len(lines)
    above, below = lines[:start], lines[stop:]
    kept, advertised = _without_phone([*above, *([""] if above and below else []), *below])
    return Folded(_joined(kept), _joined(advertised + lines[start:stop]))


def handed_on(lines: list[str], subject: str = "") -> int | None:
    """The line of the header block above a mail that was forwarded; `None` when none is."""
    looked_at = [line.strip()[:_LONGEST_LINE] for line in lines[:_MOST_LINES]]
    by_subject = _FORWARDED_SUBJECT.match(subject)
    for index, line in enumerate(looked_at):
        if _SEPARATOR.match(line) and _FORWARDING.search(line):
            return next((below for below in range(index + 1, len(lines)) if lines[below].strip(" >")), None)
        if by_subject and _is_header_block(looked_at, index):
            return index
    return None


def repeated(lines: list[str], subject: str) -> int | None:
    """The line of the header block above a repeated mail, unless the subject says that it is the one answered."""
    looked_at = [line.strip()[:_LONGEST_LINE] for line in lines[:_MOST_LINES]]
    if _ANSWERED_SUBJECT.match(subject):
        return None
    return next((index for index in range(len(looked_at)) if _is_of_a_program(looked_at, index)), None)


def is_rule(line: str) -> bool:
    """Nothing, a line drawn across, or « Message transféré » between dashes."""
    return not line.strip() or bool(_RULE.match(line) or _SEPARATOR.match(line))


def header_block(lines: list[str], index: int) -> tuple[dict[str, str], int]:
    """What « De : … Objet : … » says from this line on (`from`, `subject`), and the line below it."""
    said: dict[str, str] = {}
    while index < len(lines) and (found := _FIELD.match(lines[index][:_LONGEST_FIELD])):
        name, value = found["name"].lower(), found["value"].strip(" *\xa0")
        if name in _FROM_NAMES:
            said.setdefault("from", value)
        elif name in _SUBJECT_NAMES:
            said.setdefault("subject", value)
        index += 1
    return said, index


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _history(lines: list[str], forwarded: bool) -> tuple[int, int]:
    """The range of lines to fold."""
    nothing = (len(lines), len(lines))
    start, prefixed = _beginning(lines)
    if start is None or forwarded:
        return nothing
    above = lines[:start]
    if _INLINE_ANSWERS.search("\n".join(above)):
        return nothing
    return _prefixed(lines, start) if prefixed else (start, len(lines))


def _prefixed(lines: list[str], start: int) -> tuple[int, int]:
    """Fold the one block marked with ">"; several with words between are answers to each: keep all."""
    marked = [index for index in range(start, len(lines)) if _QUOTED.match(lines[index])]
    first, last = marked[0], marked[-1]
    if any(_is_answer(lines, index) for index in range(first, last + 1)):
        return len(lines), len(lines)
    return start, last + 1


def _is_answer(lines: list[str], index: int) -> bool:
    """A line between quoted ones that is neither blank nor the tail of a line the program wrapped."""
    line = lines[index]
    if not line.strip() or _QUOTED.match(line):
        return False
    return not _is_wrapped(lines[index - 1], line) and not _attribution_at(lines, index)


def _is_wrapped(above: str, line: str) -> bool:
    """Whether the line is the end of the quoted one above, which its first word would have made too long for a program
    that gives no new line a mark."""
    too_long = len(f"{above} {line.split()[0]}") > _WRAPPED_AT and above.rstrip()[-1:] not in ".?!:;"
    return bool(_QUOTED.match(above)) and too_long and line[:1].islower()


def _has_words(lines: list[str]) -> bool:
    return any(line.strip() and not _PHONE.match(line) and not _RULE.match(line) for line in lines)


def _beginning(lines: list[str]) -> tuple[int | None, bool]:
    """The line where the history begins, and whether it is marked with ">"."""
    for index, line in enumerate(lines):
        if not line:
            continue
        if _REPLY_ABOVE.match(line):
            return index, False
        if _SEPARATOR.match(line) and _FORWARDING.search(line):
            return None, False  # what is forwarded is what the writer wants read
        if _SEPARATOR.match(line):
            return index, _marked_below(lines, index + 1)
        length = _attribution_at(lines, index)
        if length:
            return index, _marked_below(lines, index + length)
        if _is_of_a_program(lines, index) or _is_notes_block(lines, index):
            return _with_rule(lines, index), bool(_QUOTED.match(line))
    return _trailing_quote(lines)


def _marked_below(lines: list[str], index: int) -> bool:
    following = next((line for line in lines[index : index + 8] if line), "")
    return bool(_QUOTED.match(following))


def _attribution_at(lines: list[str], index: int) -> int:
    """How many lines the attribution that begins here has, 0 when none begins here."""
    line = lines[index]
    if _OPENING.match(line) is None:
        return 1 if _is_named(line) and _marked_below(lines, index + 1) else 0
    joined = ""
    for length in range(1, _ATTRIBUTION_LINES + 1):
        if index + length > len(lines) or (length > 1 and not lines[index + length - 1].strip()):
            return 0
        joined = f"{joined} {lines[index + length - 1].lstrip('> ').strip()}".strip()
        if _VERB.search(joined[-_LONGEST_NAME:]) and _is_attribution(joined, lines, index + length):
            return length
    return 0


def _is_named(line: str) -> bool:
    """« Jean Dupont a écrit : » without a date; only what stands below tells it from prose."""
    return len(line) < 160 and line.rstrip().endswith(":") and bool(_NAMED.match(line))


def _is_attribution(joined: str, lines: list[str], below: int) -> bool:
    """A date, a name and a verb; prose that says « le maire m'a écrit » is none."""
    if len(joined) > 800 or _SPOKEN.search(joined):
        return False
    if _marked_below(lines, below):
        return True
    if not joined.rstrip(" *_").endswith(":"):
        return False
    return bool(_ADDRESS.search(joined) or (_TIME.search(joined) and _YEAR.search(joined)))


def _is_header_block(lines: list[str], index: int) -> bool:
    """« De : … Envoyé : … À : … Objet : … », as Outlook and its relatives write above a repeated mail."""
    fields = _block(lines, index)
    dates = [value for name, value in fields.items() if name in _DATE_NAMES]
    dated = not dates or any(_TIME.search(value) or _YEAR.search(value) for value in dates)
    return dated and bool(fields.keys() & _FROM_NAMES) and len(fields.keys() & _OTHER_NAMES) >= 2


def _is_of_a_program(lines: list[str], index: int) -> bool:
    """A header block no resident writes by hand, such as « De : 8 rue Foch, À : 2 rue Pasteur, Date : samedi »."""
    if not _is_header_block(lines, index):
        return False
    fields = _block(lines, index)
    dates = [fields[name] for name in fields.keys() & _DATE_NAMES]
    if any(_ADDRESS.search(fields[name]) for name in fields.keys() & _FROM_NAMES) and dates:
        return True
    sent = any(_YEAR.search(date) and len(_CLOCK_TIME.findall(date)) == 1 for date in dates)
    return sent and bool(fields.keys() & _SUBJECT_NAMES)


def _block(lines: list[str], index: int) -> dict[str, str]:
    """The fields from this line on, by their names; none when it is no beginning of a block."""
    first = _FIELD.match(lines[index])
    if first is None or first["name"].lower() not in _FROM_NAMES | _DATE_NAMES:
        return {}
    fields = {first["name"].lower(): first["value"]}
    for line in lines[index + 1 : index + 10]:
        if found := _FIELD.match(line):
            fields.setdefault(found["name"].lower(), found["value"])
    return fields


def _is_notes_block(lines: list[str], index: int) -> bool:
    """Lotus Notes writes who and when, then « Pour » and « Objet » each on a line of its own."""
    if not lines[index].rstrip().endswith(">") or not _ADDRESS.search(lines[index]):
        return False
    alone = [line.strip(" :").lower() for line in lines[index + 1 : index + 20]]
    return any(word in alone for word in _NOTES_TO) and any(word in alone for word in _NOTES_SUBJECT)


def _with_rule(lines: list[str], index: int) -> int:
    """The header block's start, with the line drawn above it or the quoted lines it stands among."""
    while index > 0 and _QUOTED.match(lines[index]) and _QUOTED.match(lines[index - 1]):
        index -= 1
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above]) else index


def _trailing_quote(lines: list[str]) -> tuple[int | None, bool]:
    """A block marked with ">" that ends the mail though nothing announces it."""
    last = len(lines) - 1
    while last >= 0 and (not lines[last].strip() or _PHONE.match(lines[last])):
        last -= 1
    if last < 0 or not _QUOTED.match(lines[last]):
        return None, False
    start = last
    while start > 0 and (_QUOTED.match(lines[start - 1]) or not lines[start - 1].strip()):
        start -= 1
    while not lines[start].strip():
        start += 1
    return start, True


def _without_phone(lines: list[str]) -> tuple[list[str], list[str]]:
    """Fold the last lines that only name the device or the program."""
    end = len(lines)
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    start = end
    while start > 0 and end - start < 3 and _PHONE.match(lines[start - 1].strip()[:_LONGEST_LINE]):
        start -= 1
    alone = not any(line.strip() for line in lines[:start])
    if start == end or (alone and any(len(line) > _LONGEST_DEVICE for line in lines[start:end])):
        return lines, []
    return lines[:start], lines[start:]
