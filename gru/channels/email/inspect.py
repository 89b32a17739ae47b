"""What did the reader understand of this mail? As plain values, to be printed as one line of JSON."""

import re

from gru.channels.email.mime import Mail, read

_CASE = re.compile(r"\[#(\d{4}-\d{6,7})\]|-\s*(\d{4}-\d{6,7})\b")


def inspect(name: str, raw: bytes, *, authserv_id: str = "") -> dict[str, object]:
    """One mail under the name of its file."""
    return {"file": name, **described(read(raw, authserv_id=authserv_id))}


def described(mail: Mail) -> dict[str, object]:
    """Every field but the contents of the files, of which the size is told."""
    return {
        "from_email": mail.from_email,
        "from_name": mail.from_name,
        "reply_to": mail.reply_to,
        "to": list(mail.to),
        "cc": list(mail.cc),
        "delivered_to": list(mail.delivered_to),
        "subject": mail.subject,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "received": mail.received.isoformat() if mail.received else None,
        "body": mail.text,
        "quoted": mail.quoted,
        "attachments": [
            {
                "filename": each.filename,
                "content_type": each.content_type,
                "size": len(each.content),
                "inline": each.inline,
            }
            for each in mail.attachments
        ],
        "auto_submitted": mail.automatic,
        "is_bounce": mail.is_bounce,
        "is_list": mail.is_list,
        "suppress_reply": mail.suppress_reply,
        "signals": list(mail.signals),
        "bounces": [
            {
                "recipient": each.recipient,
                "action": each.action,
                "status": each.status,
                "diagnostic": each.diagnostic,
                "original_message_id": each.original_message_id,
            }
            for each in mail.bounces
        ],
        "dmarc_pass": mail.dmarc_pass,
        "received_count": mail.received_count,
        "instance": mail.instance,
        "defects": list(mail.defects),
        "case_ref": case_in(mail.subject),
    }


def case_in(subject: str) -> str:
    """The case number as our own subjects carry it, "" without one."""
    found = _CASE.search(subject)
    return (found[1] or found[2]) if found else ""
