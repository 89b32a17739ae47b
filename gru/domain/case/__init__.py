"""What does a case remember, what is it asked, and what does it answer?

`state` remembers; each other module holds the wishes of one topic, every decision right under its command.
"""

from gru.domain.case.answering import (
    AcknowledgeReceipt,
    RecordFailure,
    RecordSent,
    WithdrawReply,
    WithholdReply,
    WriteReply,
)
from gru.domain.case.closing import CloseCase, ReopenCase
from gru.domain.case.deciding import CaseCommand, decide
from gru.domain.case.given import Command, Given
from gru.domain.case.overhearing import RecordAnswerElsewhere, RecordEdit, RecordFileNotKept, RecordRemoval
from gru.domain.case.qualifying import (
    AssignCase,
    MakeSafe,
    PlanIntervention,
    QualifyCase,
    TransferCase,
)
from gru.domain.case.receiving import AddMessage, IdentifyRequester, OpenCase, SetPlace
from gru.domain.case.remembering import (
    AddNote,
    DeclareDifficulty,
    ErasePerson,
    LinkCase,
    NoticeBreach,
    NoticeLegalDate,
    ProlongCommitment,
    RedactText,
    RenewLinks,
    UnlinkCase,
)
from gru.domain.case.state import Case, Commitment, LegalDate, Reply, Wait, evolve, replay
from gru.domain.case.waiting import EndWait, StartWait

__all__ = [
    "AcknowledgeReceipt",
    "AddMessage",
    "AddNote",
    "AssignCase",
    "Case",
    "CaseCommand",
    "CloseCase",
    "Command",
    "Commitment",
    "DeclareDifficulty",
    "EndWait",
    "ErasePerson",
    "Given",
    "IdentifyRequester",
    "LegalDate",
    "LinkCase",
    "MakeSafe",
    "NoticeBreach",
    "NoticeLegalDate",
    "OpenCase",
    "PlanIntervention",
    "ProlongCommitment",
    "QualifyCase",
    "RecordAnswerElsewhere",
    "RecordEdit",
    "RecordFailure",
    "RecordFileNotKept",
    "RecordRemoval",
    "RecordSent",
    "RedactText",
    "RenewLinks",
    "ReopenCase",
    "Reply",
    "SetPlace",
    "StartWait",
    "TransferCase",
    "UnlinkCase",
    "Wait",
    "WithdrawReply",
    "WithholdReply",
    "WriteReply",
    "decide",
    "evolve",
    "replay",
]
