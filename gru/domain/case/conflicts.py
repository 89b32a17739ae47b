"""What may have happened since a page was shown that its reader must know before his wish is carried out?"""

from gru.domain import events as e
from gru.domain.case import answering, asking, closing, merging, qualifying, waiting
from gru.domain.case.deciding import CaseCommand

_MATTERS: dict[type[CaseCommand | merging.PairCommand], tuple[type[e.Event], ...]] = {
    answering.WriteReply: (e.MessageReceived, e.ReplyWritten, e.CaseClosed),
    qualifying.QualifyCase: (e.CaseQualified, e.CaseClosed),
    qualifying.AssignCase: (e.CaseAssigned, e.CaseTransferred, e.CaseClosed),
    qualifying.TransferCase: (e.CaseTransferred, e.CaseClosed),
    waiting.StartWait: (e.MessageReceived, e.WaitStarted, e.CaseClosed),
    closing.CloseCase: (e.MessageReceived, e.CaseClosed, e.CaseReopened),
    merging.MergeCases: (e.CaseClosed, e.CaseMerged, e.CaseAbsorbed),
    asking.AskThirdParty: (e.MessageReceived, e.ThirdPartyAsked, e.CaseClosed),
}


def matters(command: CaseCommand | merging.PairCommand, recorded: e.Recorded) -> bool:
    """Whether a fact recorded meanwhile must be shown first; an automatic reply never is."""
    event = recorded.event
    if isinstance(event, e.ReplyWritten) and not event.human:
        return False
    return isinstance(event, _MATTERS.get(type(command), ()))
