"""Which mails reach the running towns? Invented ones, each by another resident, the same for the same seed."""

import email
import email.policy
import random
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

from gru.channels.email.channel import content_digest, external_id
from gru.domain.references import message_id
from tests.journeys.towns import ADDRESS
from tests.servers import Mailbox, Outbox

SUBJECTS = (
    "Nid-de-poule rue des Acacias",
    "Lampadaire éteint",
    "Inscription à la crèche",
    "Dépôt sauvage",
    "Bruit la nuit",
    "Carte d’identité périmée",
    "Cantine : facture de septembre",
    "Arbre dangereux près de l’école",
)
TEXT = (
    "bonjour je vous signale que depuis plusieurs jours le trottoir devant chez moi est abîmé et que ma mère âgée ne"
    " peut plus passer merci de faire le nécessaire rapidement la rue des Acacias est dangereuse pour les enfants de"
    " l’école où en est ma demande à propos du dossier déposé à la mairie cordialement"
)
GARBAGE_IN = 100
"""One mail in so many is bytes that no mail program wrote."""


def letters(count: int, seed: int = 1) -> list[bytes]:
    """Plain, HTML and with files, one each by `count` residents."""
    return [_letter(number, random.Random(seed * 1_000_003 + number)) for number in range(count)]


def with_garbage(raws: Sequence[bytes], seed: int = 1) -> list[bytes]:
    """One in a hundred in the middle of its way replaced by rubbish, no two alike."""
    chance = random.Random(seed)
    kinds = _garbage(chance)
    return [next(kinds) if number % GARBAGE_IN == GARBAGE_IN // 2 else raw for number, raw in enumerate(raws)]


def sender(raw: bytes) -> str:
    made = email.message_from_bytes(raw, policy=email.policy.default)
    return str(made["From"].addresses[0].addr_spec)


def key_of(secret: bytes, raw: bytes) -> str:
    return message_id(secret, "email", external_id(raw), content_digest(raw))


def put_into_maildir(folder: Path, raws: Sequence[bytes], name: str = "mail") -> None:
    """As a mail server does: written beside, then moved in."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(raws):
        beside = folder / "tmp" / f"{name}-{number:05}"
        beside.write_bytes(raw)
        beside.rename(folder / "new" / beside.name)


def put_into_imap(mailbox: Mailbox, raws: Sequence[bytes]) -> None:
    with mailbox.client() as client:
        for raw in raws:
            client.append("INBOX", raw)


def imap_url(mailbox: Mailbox) -> str:
    return f"imap://{mailbox.user}:{mailbox.password}@{mailbox.host}:{mailbox.port}/INBOX"


def smtp_url(outbox: Outbox) -> str:
    return f"smtp://{outbox.host}:{outbox.port}"


def _letter(number: int, chance: random.Random) -> bytes:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = f"Résident {number} <resident{number}@courriel{number % 7}.example>"
    made["To"] = ADDRESS
    made["Subject"] = f"{chance.choice(SUBJECTS)} ({number})"
    made["Date"] = "Mon, 02 Mar 2026 09:00:00 +0100"
    made["Message-ID"] = f"<{number}.{chance.getrandbits(64):x}@courriel{number % 7}.example>"
    made["Received"] = f"from relais.example by mx.val-des-tilleuls.example; id {number}"
    text = _text(chance)
    made.set_content(text, cte=chance.choice(("quoted-printable", "base64", "8bit")))
    if chance.random() < 0.5:
        made.add_alternative(f"<html><body><p>{text.replace(chr(10), '<br>')}</p></body></html>", subtype="html")
    if chance.random() < 0.1:
        made.add_attachment(chance.randbytes(20_000), maintype="application", subtype="pdf", filename="pièce.pdf")
    return bytes(made)


def _text(chance: random.Random) -> str:
    sentences = (" ".join(chance.choices(TEXT.split(), k=chance.randint(5, 18))) for _ in range(chance.randint(3, 12)))
    return "\n".join(sentence.capitalize() + "." for sentence in sentences) + "\n"


def _garbage(chance: random.Random) -> Iterator[bytes]:
    for number in range(1_000_000):
        noise = chance.randbytes(chance.randint(1, 5_000))
        yield noise
        yield b"From: \xff\xfe<@@>\r\nSubject: =?utf-8?b?" + noise.hex().encode() + b"?=\r\nno colon\r\n\r\n" + noise
        boundary = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        yield b"Message-ID: <%d\r\n" % number + boundary + b"--b\r\n" * 50 + noise
        yield b"\r\n" * (number + 1)
        yield b"Content-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: base64\r\n\r\n" + noise
