"""Two cases are the same: what do the agents and the residents see, and is it all as before when it is undone?"""

import re
from datetime import timedelta

from gru.channels.base import RawMessage
from gru.domain.case import CloseCase, FollowCase, MergeCases, SetPlace, WriteReply
from gru.domain.references import address_tag
from gru.storage.people import Person
from tests.web.conftest import CLAIRE, Town
from tests.web.test_third_parties import FIRM, asked, letters, path, work

KARIM, HIS_MAIL = "Karim Haddad", "karim.haddad@exemple.fr"


def two(town: Town) -> tuple[str, str]:
    """Claire's case, and Karim's about the same hole, who wrote a day earlier."""
    main = town.open_case()
    earlier = town.clock.at - timedelta(days=2)
    other = town.open_case("Gros trou rue des Acacias", "Toujours ce trou.", name=KARIM, email=HIS_MAIL,
                           received_at=earlier)  # fmt: skip
    return main, other


def join(town: Town, other: str, main: str, **more: str) -> int:
    action = f"{path(other)}/joindre"
    values = {"reference": main, "texte": "Même trou, vu sur place."} | more
    return town.agent().fill(action, action, **values).status_code


def test_an_agent_joins_a_case_to_another_and_reads_both_in_one_thread(town: Town) -> None:
    main, other = two(town)
    assert join(town, other, main) == 303
    page = town.agent().get(path(main))
    assert "Toujours ce trou." in page and f"de {other}" in page and f'id="fait-{other}-1"' in page
    assert town.case(other).main == town.id_of(main) and town.case(other).outcome == "duplicate"
    duplicate = town.agent().get(path(other))
    assert f"jointe à la demande {main}" in duplicate and "Même trou, vu sur place." in duplicate


def test_undoing_leaves_both_pages_as_they_were(town: Town) -> None:
    main, other = two(town)
    before = town.case(main), town.case(other)
    join(town, other, main)
    assert town.case(main).commitments["resolve"].due < before[0].commitments["resolve"].due
    action = f"{path(other)}/detacher"
    assert town.agent().fill(action, action, texte="Deux trous.").status_code == 303
    after = town.case(main), town.case(other)
    for was, now in zip(before, after, strict=True):
        assert (now.status, now.commitments, now.outcome, now.absorbed) == (
            was.status,
            was.commitments,
            was.outcome,
            was.absorbed,
        )
    assert "Toujours ce trou." not in town.agent().get(path(main))


def test_both_streams_are_saved_at_once(town: Town) -> None:
    main, other = two(town)
    done = town.office.desk.execute(MergeCases(case_id=town.id_of(other), main=town.id_of(main)), by="agent:x")
    positions = [recorded.position for recorded in done.recorded]
    assert {recorded.stream_id for recorded in done.recorded} == {town.id_of(main), town.id_of(other)}
    assert positions == list(range(positions[0], positions[0] + len(positions)))


def test_a_chain_a_hidden_and_another_departments_case_are_refused_in_a_sentence(town: Town) -> None:
    main, other = two(town)
    third = town.open_case("Le même encore")
    join(town, other, main)
    agent = town.agent()

    def refused(number: str, reference: str) -> str:
        action = f"{path(number)}/joindre"
        answer = agent.fill(action, action, reference=reference, texte="Même trou.")
        assert answer.status_code == 422 and "Même trou." in answer.text
        return answer.text

    assert "elle-même jointe" in refused(third, other)
    assert "doit rester la principale" in refused(main, third)
    assert "Donnez la référence" in refused(third, town.open_case("Aide", type="SOC-AIDE"))
    asking = town.open_case("Le trou, encore", type="")
    action = f"{path(asking)}/joindre"
    elsewhere = town.agent("camille.rousselet").fill(action, action, reference=third, texte="Même trou.")
    assert elsewhere.status_code == 422 and "est suivie par le service Voirie" in elsewhere.text


def test_the_page_of_a_case_shows_likely_duplicates_with_reasons_to_join_or_link(town: Town) -> None:
    main = town.open_case("Nid-de-poule rue des Acacias", "Un grand trou dans la chaussée devant la boulangerie")
    other = town.open_case("Nid de poule", "Un grand trou dans la chaussée rue des Acacias devant la boulangerie",
                           name=KARIM, email=HIS_MAIL)  # fmt: skip
    for number, words in ((main, "14 rue des Acacias"), (other, "16 rue des Acacias")):
        case = town.case(number)
        place = town.office.archive.write_text(words, person=case.requester, case=case.id)
        cell = town.office.town.in_force(town.clock.at).cell(words)
        assert cell
        town.do(SetPlace(case_id=case.id, place=place, cell=cell))
    page = town.agent().get(path(other))
    assert "Peut-être la même demande" in page and "texte proche à" in page
    assert re.search(r"à \d+\s?m<", page)
    assert f"/agent/demandes/{other}/joindre?reference={main}" in page
    form = town.agent().get(f"{path(other)}/joindre?reference={main}")
    assert f'value="{main}"' in form
    join(town, other, main)
    assert "Peut-être la même demande" not in town.agent().get(path(main))


def test_the_title_of_a_likely_duplicate_that_is_secret_is_not_shown(town: Town) -> None:
    words = "Je ne peux plus payer mon loyer depuis le mois de janvier."
    one, other = (town.open_case(f"Loyer impayé, {n} mois", words, type="SOC-AIDE") for n in ("deux", "trois"))
    page = town.agent("catherine.ollivier").get(path(one))
    assert "Peut-être la même demande" in page and f"{other} — Demande confidentielle" in page
    assert "trois mois" not in page


def test_closing_as_a_duplicate_is_joining(town: Town) -> None:
    main, other = two(town)
    action = f"{path(other)}/clore"
    assert town.agent().fill(action, action, issue="duplicate", principale=main).status_code == 303
    assert "case.merged" in town.names_of(other) and "case.closed" not in town.names_of(other)


# --- residents ---------------------------------------------------------------------------------------------------


def test_the_tracking_page_of_a_merged_case_says_where_it_is_followed_and_nothing_of_the_other(town: Town) -> None:
    main, other = two(town)
    join(town, other, main)
    page = town.visitor().get(town.link(other))
    assert f"suivie avec la demande {main}" in page
    assert CLAIRE not in page and "devant le 14" not in page and "Toujours ce trou." in page
    assert "Toujours ce trou." not in town.visitor().get(town.link(main))


def test_what_a_resident_writes_on_a_merged_cases_page_joins_the_main_case(town: Town) -> None:
    main, other = two(town)
    join(town, other, main)
    action = f"{town.link(other)}/message"
    assert town.visitor().fill(town.link(other), action, texte="Un vélo est tombé.").status_code == 303
    assert "Un vélo est tombé." in town.agent().get(path(main))
    assert "Un vélo est tombé." in town.visitor().get(town.link(other))
    assert "Un vélo est tombé." not in town.visitor().get(town.link(main))


def mail(town: Town, sender: str, to: str, words: str, subject: str = "Re: votre demande") -> str:
    raw = (
        f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{abs(hash(words))}@exemple.fr>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    ).encode()
    key = town.office.keep(
        RawMessage(
            "email",
            "demande@val-des-tilleuls.example",
            f"<{abs(hash(words))}@exemple.fr>",
            town.clock.at,
            words.encode(),
            raw,
        )
    )
    outcome = town.office.intake.take_in(key)[key]
    town.office.projector.catch_up("inline")
    return outcome


def signed(town: Town, number: str, recipient: str) -> str:
    tag = address_tag(town.office.settings.secret, number, recipient)
    return f"demande+{number}.{tag}@val-des-tilleuls.example"


def test_a_reply_to_a_merged_cases_address_joins_the_main_conversation(town: Town) -> None:
    main, other = two(town)
    address = signed(town, other, HIS_MAIL)
    join(town, other, main)
    assert mail(town, HIS_MAIL, address, "Le trou s’agrandit encore.") == "joined"
    assert town.names_of(main)[-1] == "case.message_received"
    assert "Le trou s’agrandit encore." in town.agent().get(path(main))
    assert "Le trou s’agrandit encore." not in town.visitor().get(town.link(main))
    assert "Le trou s’agrandit encore." in town.visitor().get(town.link(other))


def test_a_third_partys_mail_ends_his_wait_whoever_of_his_house_writes(town: Town) -> None:
    number = town.open_case()
    asked(town, number)
    address = signed(town, number, FIRM)
    assert mail(town, "secretariat@routes.example", address, "C’est rebouché.") == "joined"
    case = town.case(number)
    assert not case.open_waits and not case.open_requests
    assert "C’est rebouché." in town.agent().get(path(number))
    assert "C’est rebouché." not in town.visitor().get(town.link(number))


# --- followers ---------------------------------------------------------------------------------------------------


def to(town: Town, address: str) -> list[str]:
    return [one for one in letters(town) if address in one.split("\n", 1)[0] and "nouvelles" in one.split("\n")[1]]


def test_followers_are_told_once_at_the_answer_and_not_again_at_the_closing(town: Town) -> None:
    main, other = two(town)
    join(town, other, main)
    case = town.case(main)
    neighbour = town.office.archive.meet_person(Person(name="Zoé Martin", email="zoe@exemple.fr"))
    town.do(FollowCase(case_id=case.id, person=neighbour, channel="web"))
    work(town)
    said = "Madame Lefèvre, votre trou sera rebouché lundi."
    town.do(
        WriteReply(
            case_id=case.id,
            reply_id="a" * 32,
            kind="answer",
            channel="email",
            text=town.office.archive.write_text(said, person=case.requester, case=case.id),
            to=case.requester,
            not_before=town.clock.at + timedelta(seconds=10),
        ),
        by=town.by("julien.moreau"),
    )
    work(town)
    assert to(town, HIS_MAIL) == to(town, "zoe@exemple.fr") == []
    town.clock.pass_(minutes=2)
    work(town)
    town.clock.pass_(minutes=2)
    work(town)
    (karim,), (zoe,) = to(town, HIS_MAIL), to(town, "zoe@exemple.fr")
    assert other in karim and town.link(other) in karim and main in zoe and "/suivi/" not in zoe
    for letter in (karim, zoe):
        assert "Lefèvre" not in letter and "rebouché" not in letter and town.link(main) not in letter
    town.do(CloseCase(case_id=case.id, outcome="resolved"), by=town.by("julien.moreau"))
    work(town)
    assert len(to(town, HIS_MAIL)) == len(to(town, "zoe@exemple.fr")) == 1
    assert "a répondu à cette demande" in town.visitor().get(town.link(other))
    assert "a répondu à cette demande" not in town.visitor().get(town.link(main))


def test_a_case_closed_without_an_answer_tells_its_followers_once(town: Town) -> None:
    main, other = two(town)
    join(town, other, main)
    work(town)
    assert to(town, HIS_MAIL) == []
    town.do(CloseCase(case_id=town.id_of(main), outcome="resolved"), by=town.by("julien.moreau"))
    work(town)
    work(town)
    (letter,) = to(town, HIS_MAIL)
    assert "Le problème est réglé" in letter
