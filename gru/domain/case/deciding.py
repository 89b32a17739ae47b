"""Which decision answers which wish?"""

from typing import assert_never

from gru.domain.case import answering as a
from gru.domain.case import asking as t
from gru.domain.case import closing as c
from gru.domain.case import correcting as k
from gru.domain.case import merging as n
from gru.domain.case import overhearing as o
from gru.domain.case import posting as p
from gru.domain.case import qualifying as q
from gru.domain.case import receiving as r
from gru.domain.case import remembering as m
from gru.domain.case import surveying as s
from gru.domain.case import telling as l
from gru.domain.case import waiting as w
from gru.domain.case.given import Given
from gru.domain.case.state import Case
from gru.domain.events import Event

CaseCommand = (
    r.OpenCase
    | r.AddMessage
    | r.IdentifyRequester
    | r.SetPlace
    | q.QualifyCase
    | q.AssignCase
    | q.TransferCase
    | q.PlanIntervention
    | q.MakeSafe
    | w.StartWait
    | w.EndWait
    | a.WriteReply
    | a.AcknowledgeReceipt
    | a.WithholdReply
    | a.WithdrawReply
    | a.RecordSent
    | a.RecordFailure
    | c.CloseCase
    | c.ReopenCase
    | k.CorrectCalendar
    | o.RecordEdit
    | o.RecordRemoval
    | o.RecordReached
    | o.RecordFileNotKept
    | o.RecordAnswerElsewhere
    | m.AddNote
    | m.DeclareDifficulty
    | m.LinkCase
    | m.UnlinkCase
    | m.ProlongCommitment
    | m.NoticeBreach
    | m.NoticeLegalDate
    | m.RenewLinks
    | m.ErasePerson
    | m.RedactText
    | p.CheckDocuments
    | p.PrintLetter
    | p.SignLetter
    | p.PostLetter
    | p.ReturnLetter
    | l.ChooseReplyWay
    | l.TellReply
    | l.TryToTell
    | l.GiveUpTelling
    | l.SettleFailure
    | n.FollowCase
    | n.UnfollowCase
    | n.TellFollower
    | t.AskThirdParty
    | t.RemindThirdParty
    | t.WriteThirdParty
    | t.AnswerThirdParty
    | t.NoticeSilence
    | t.RevokeThirdParty
    | s.AskSurvey
    | s.RateCase
    | s.RefuseSurveys
)


def decide(case: Case | None, command: CaseCommand, given: Given) -> list[Event]:
    """The facts that follow from a wish: `[]` when it is so already, `Refused` when it may not be."""
    match command:
        case r.OpenCase():
            return r.open_case(case, command, given)
        case r.AddMessage():
            return r.add_message(case, command, given)
        case r.IdentifyRequester():
            return r.identify_requester(case, command, given)
        case r.SetPlace():
            return r.set_place(case, command, given)
        case q.QualifyCase():
            return q.qualify_case(case, command, given)
        case q.AssignCase():
            return q.assign_case(case, command, given)
        case q.TransferCase():
            return q.transfer_case(case, command, given)
        case q.PlanIntervention():
            return q.plan_intervention(case, command, given)
        case q.MakeSafe():
            return q.make_safe(case, command, given)
        case w.StartWait():
            return w.start_wait(case, command, given)
        case w.EndWait():
            return w.end_wait(case, command, given)
        case a.WriteReply():
            return a.write_reply(case, command, given)
        case a.AcknowledgeReceipt():
            return a.acknowledge_receipt(case, command, given)
        case a.WithholdReply():
            return a.withhold_reply(case, command, given)
        case a.WithdrawReply():
            return a.withdraw_reply(case, command, given)
        case a.RecordSent():
            return a.record_sent(case, command, given)
        case a.RecordFailure():
            return a.record_failure(case, command, given)
        case c.CloseCase():
            return c.close_case(case, command, given)
        case c.ReopenCase():
            return c.reopen_case(case, command, given)
        case k.CorrectCalendar():
            return k.correct_calendar(case, command, given)
        case o.RecordEdit():
            return o.record_edit(case, command, given)
        case o.RecordReached():
            return o.record_reached(case, command, given)
        case o.RecordRemoval():
            return o.record_removal(case, command, given)
        case o.RecordFileNotKept():
            return o.record_file_not_kept(case, command, given)
        case o.RecordAnswerElsewhere():
            return o.record_answer_elsewhere(case, command, given)
        case m.AddNote():
            return m.add_note(case, command, given)
        case m.DeclareDifficulty():
            return m.declare_difficulty(case, command, given)
        case m.LinkCase():
            return m.link_case(case, command, given)
        case m.UnlinkCase():
            return m.unlink_case(case, command, given)
        case m.ProlongCommitment():
            return m.prolong_commitment(case, command, given)
        case m.NoticeBreach():
            return m.notice_breach(case, command, given)
        case m.NoticeLegalDate():
            return m.notice_legal_date(case, command, given)
        case m.RenewLinks():
            return m.renew_links(case, command, given)
        case m.ErasePerson():
            return m.erase_person(case, command, given)
        case m.RedactText():
            return m.redact_text(case, command, given)
        case p.CheckDocuments():
            return p.check_documents(case, command, given)
        case p.PrintLetter():
            return p.print_letter(case, command, given)
        case p.SignLetter():
            return p.sign_letter(case, command, given)
        case p.PostLetter():
            return p.post_letter(case, command, given)
        case p.ReturnLetter():
            return p.return_letter(case, command, given)
        case l.ChooseReplyWay():
            return l.choose_reply_way(case, command, given)
        case l.TellReply():
            return l.tell_reply(case, command, given)
        case l.TryToTell():
            return l.try_to_tell(case, command, given)
        case l.GiveUpTelling():
            return l.give_up_telling(case, command, given)
        case l.SettleFailure():
            return l.settle_failure(case, command, given)
        case n.FollowCase():
            return n.follow_case(case, command, given)
        case n.UnfollowCase():
            return n.unfollow_case(case, command, given)
        case n.TellFollower():
            return n.tell_follower(case, command, given)
        case t.AskThirdParty():
            return t.ask_third_party(case, command, given)
        case t.RemindThirdParty():
            return t.remind_third_party(case, command, given)
        case t.WriteThirdParty():
            return t.write_third_party(case, command, given)
        case t.AnswerThirdParty():
            return t.answer_third_party(case, command, given)
        case t.NoticeSilence():
            return t.notice_silence(case, command, given)
        case t.RevokeThirdParty():
            return t.revoke_third_party(case, command, given)
        case s.AskSurvey():
            return s.ask_survey(case, command, given)
        case s.RateCase():
            return s.rate_case(case, command, given)
        case s.RefuseSurveys():
            return s.refuse_surveys(case, command, given)
        case _:
            assert_never(command)
