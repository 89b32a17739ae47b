"""What does a case remember, what is it asked, and what does it answer?

`state` remembers, `deciding` finds the decision, `given` is what it is told, `conflicts` what its asker must have
seen. Each module of a topic (`receiving`, `qualifying`, `waiting`, `answering`, `closing`, `merging` …) holds its
wishes, every decision right under its command; `promising` and `nearing` are what several of them count by.
"""

from gru.domain.case.answering import (
    AcknowledgeReceipt,
    RecordFailure,
    RecordSent,
    WithdrawReply,
    WithholdReply,
    WriteReply,
)
from gru.domain.case.asking import (
    AnswerThirdParty,
    AskThirdParty,
    NoticeSilence,
    RemindThirdParty,
    RevokeThirdParty,
    WriteThirdParty,
)
from gru.domain.case.closing import CloseCase, ReopenCase
from gru.domain.case.correcting import CorrectCalendar
from gru.domain.case.deciding import CaseCommand, decide
from gru.domain.case.given import Command, Given
from gru.domain.case.merging import (
    FollowCase,
    MergeCases,
    PairCommand,
    TellFollower,
    UndoMerge,
    UnfollowCase,
    decide_both,
)
from gru.domain.case.neighbours import Absorbed, Request
from gru.domain.case.overhearing import (
    RecordAnswerElsewhere,
    RecordEdit,
    RecordFileNotKept,
    RecordReached,
    RecordRemoval,
)
from gru.domain.case.parts import Commitment, LegalDate, Reply, Wait
from gru.domain.case.posting import CheckDocuments, PostLetter, PrintLetter, ReturnLetter, SignLetter
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
from gru.domain.case.state import Case, evolve, replay
from gru.domain.case.surveying import AskSurvey, RateCase, RefuseSurveys
from gru.domain.case.telling import ChooseReplyWay, GiveUpTelling, SettleFailure, TellReply, TryToTell
from gru.domain.case.waiting import EndWait, StartWait

__all__ = [
    "Absorbed",
    "AcknowledgeReceipt",
    "AddMessage",
    "AddNote",
    "AnswerThirdParty",
    "AskSurvey",
    "AskThirdParty",
    "AssignCase",
    "Case",
    "CaseCommand",
    "CheckDocuments",
    "ChooseReplyWay",
    "CloseCase",
    "Command",
    "Commitment",
    "CorrectCalendar",
    "DeclareDifficulty",
    "EndWait",
    "ErasePerson",
    "FollowCase",
    "GiveUpTelling",
    "Given",
    "IdentifyRequester",
    "LegalDate",
    "LinkCase",
    "MakeSafe",
    "MergeCases",
    "NoticeBreach",
    "NoticeLegalDate",
    "NoticeSilence",
    "OpenCase",
    "PairCommand",
    "PlanIntervention",
    "PostLetter",
    "PrintLetter",
    "ProlongCommitment",
    "QualifyCase",
    "RateCase",
    "RecordAnswerElsewhere",
    "RecordEdit",
    "RecordFailure",
    "RecordFileNotKept",
    "RecordReached",
    "RecordRemoval",
    "RecordSent",
    "RedactText",
    "RefuseSurveys",
    "RemindThirdParty",
    "RenewLinks",
    "ReopenCase",
    "Reply",
    "Request",
    "ReturnLetter",
    "RevokeThirdParty",
    "SetPlace",
    "SettleFailure",
    "SignLetter",
    "StartWait",
    "TellFollower",
    "TellReply",
    "TransferCase",
    "TryToTell",
    "UndoMerge",
    "UnfollowCase",
    "UnlinkCase",
    "Wait",
    "WithdrawReply",
    "WithholdReply",
    "WriteReply",
    "WriteThirdParty",
    "decide",
    "decide_both",
    "evolve",
    "replay",
]
