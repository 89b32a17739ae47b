"""Is a case found by any of its words, by those who may see it, until the words are erased?"""

from random import Random
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from gru.domain import events as e
from gru.domain.rights import Scope
from gru.storage.databases import reading
from projections import search
from projections.search import stems
from tests.projections.places import EVERYTHING, MONDAY, Place, new, qualified, reply, scope


def found(place: Place, asked: str, seen: Scope = EVERYTHING, **how: Any) -> tuple[str, ...]:
    place.project()
    with reading(place.databases.views) as connection:
        return search.find(connection, asked, seen, **how).cases


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Éclairages publics", "eclairage public"),
        ("la rue de l’École", "ecole"),
        ("un dépôt sauvage", "depots"),
        ("gravats déposés", "déposée"),
        ("œufs", "oeuf"),
        ("appelez le 06 39 98 12 34", "06.39.98.12.34"),
        ("appelez le +33 6 39 98 12 34", "0639981234"),
        ("au 14 bis", "14"),
        ("trous dans la chaussée", "TROU CHAUSSEES"),
    ],
)
def test_a_text_is_found_however_it_is_spelled(place: Place, written: str, asked: str) -> None:
    case = place.open(text=place.archive.text(written))
    place.open(text=place.archive.text("autre chose"))
    assert found(place, asked) == (case,)


def test_a_case_is_found_by_words_of_all_its_parts_together(place: Place) -> None:
    person = place.archive.person("Claire LEFÈVRE")
    case, message = place.open("2026-004817", requester=person, title=place.archive.text("Fuite")), new()
    texts = place.archive
    place.record(
        case,
        e.PlaceSet(place=texts.text("14 place du Marché"), district="CENTRE"),
        e.MessageReceived(
            message=message, channel="email", received_at=MONDAY, proof="known_sender", text=texts.text("urgent")
        ),
        e.NoteAdded(note_id=new(), text=texts.text("vanne")),
        reply(new(), text=texts.text("plombier")),
        reply(new(), "receipt", human=False, text=texts.text("machine")),
    )
    place.open(title=texts.text("Fuite"))
    assert found(place, "fuite lefevre marche urgent vanne plombier 2026-004817") == (case,)
    assert found(place, "4817") == found(place, "004817") == (case,)
    assert found(place, "machine") == found(place, "fuite absente") == found(place, " … ") == ()


def test_the_newest_come_first_and_only_so_many_are_read(place: Place) -> None:
    cases = [place.open(title=place.archive.text("fuite")) for _ in range(5)]
    assert found(place, "fuite") == tuple(reversed(cases))
    with reading(place.databases.views) as connection:
        few = search.find(connection, "fuite", EVERYTHING, limit=2)
    assert few == search.Found((cases[4], cases[3]), True)


def test_the_last_word_may_be_a_beginning_when_asked(place: Place) -> None:
    case = place.open(title=place.archive.text("lampadaire cassé"))
    assert found(place, "casse lamp", beginning=True) == (case,)
    assert found(place, "casse lamp") == ()


def test_nobody_finds_a_case_outside_his_scope(place: Place) -> None:
    cases = {}
    for level in ("normal", "restricted", "secret"):
        case = cases[level] = place.open(title=place.archive.text("fuite"))
        place.record(case, qualified("VOI", level))
    assert set(found(place, "fuite")) == set(cases.values())
    assert set(found(place, "fuite", scope("VOI"))) == {cases["normal"], cases["restricted"]}
    assert found(place, "fuite", scope("PRO")) == found(place, "fuite", Scope()) == ()
    assert found(place, "fuite", Scope(everywhere=("normal",))) == (cases["normal"],)
    assert set(found(place, "fuite", Scope(sites=("HDV",), on_site=("secret",)))) == {cases["secret"]}
    place.record(cases["normal"], e.CaseTransferred(department="PRO", reason="x"))
    assert found(place, "fuite", scope("PRO")) == (cases["normal"],)


def test_erased_words_are_gone_and_those_of_others_stay(place: Place) -> None:
    texts = place.archive
    claire, ali = texts.person("Claire Lefèvre"), texts.person("Ali Haddad")
    case = place.open(requester=claire, title=texts.text("gravats"))
    heard = e.MessageReceived(
        message=new(), channel="email", received_at=MONDAY, proof="agent", author=ali, text=texts.text("poubelle")
    )
    place.record(case, heard, reply(new(), text=texts.text("ramassage")))
    assert found(place, "gravats lefevre poubelle haddad ramassage") == (case,)
    place.record(case, e.PersonErased(person=claire))
    assert found(place, "gravats") == found(place, "lefevre") == found(place, "ramassage") == ()
    assert found(place, "poubelle haddad") == (case,)
    place.projector.scrub()
    [row] = place.rows(search.Search())
    assert row["words"].split(search.BREAK)[1:] == ["2026000001 000001 1", "poubel", "ali haddad"]


def test_a_redacted_text_is_found_no_more(place: Place) -> None:
    note = place.archive.text("secret médical")
    case = place.open(title=place.archive.text("crèche"))
    place.record(case, e.NoteAdded(note_id=new(), text=note))
    assert found(place, "creche medical") == (case,)
    place.record(case, e.TextRedacted(id=note.id, reason="x"))
    assert found(place, "medical") == ()
    assert found(place, "creche") == (case,)


def test_scrubbing_leaves_no_erased_word_in_the_file(place: Place) -> None:
    claire = place.archive.person("Zbigniewska")
    case = place.open(requester=claire)
    place.project()
    place.record(case, e.PersonErased(person=claire))
    place.project()
    place.projector.scrub()
    engine = place.databases.views
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            pages = connection.execute(text("SELECT block FROM search_fts_data")).scalars()
            assert not any(b"zbigniew" in page for page in pages)


def test_nobody_reaches_further_by_writing_the_stems_of_reach() -> None:
    assert stems("zqscopelnormal fuite ZQSCOPEdnormal") == "fuit"


@given(st.text())
def test_any_text_becomes_stems_and_stems_are_words(written: str) -> None:
    made = stems(written)
    assert all(piece.isalnum() for piece in made.split())
    assert stems(written.upper()) is not None


@given(st.lists(st.text(), max_size=3))
def test_any_question_is_answered(asked: list[str]) -> None:
    for query in (search._fts_query, search._ts_query):
        words = stems(" ".join(asked)).split()
        if words:
            assert "''" not in query(words, ["zqscopelnormal"], True)


def test_a_question_of_strange_signs_finds_nothing_and_breaks_nothing(place: Place) -> None:
    place.open(title=place.archive.text("fuite ½ ﬁn ǅ İstanbul 中文 'quoted' \"double\" a&b|c:*"))
    for asked in ("'", '"', "a&b", "c:*", "NOT", "AND", "½", "中文", "İstanbul", "ﬁn", "\x00"):
        found(place, asked)
    assert len(found(place, "中文")) == len(found(place, "istanbul")) == len(found(place, "FIN")) == 1


def test_one_statement_answers_a_search(place: Place) -> None:
    place.open(title=place.archive.text("fuite"))
    place.project()
    said: list[str] = []
    event.listen(place.databases.views, "before_cursor_execute", lambda *args: said.append(args[2]))
    with reading(place.databases.views) as connection:
        search.find(connection, "fuite", EVERYTHING)
    assert len([statement for statement in said if statement.startswith("SELECT")]) == 1


def test_a_case_of_more_words_than_fit_is_found_by_its_first_ones_and_by_who_wrote(place: Place) -> None:
    """PostgreSQL keeps a megabyte of different stems for a case, and loses some of them beyond."""
    chance, texts = Random(1), place.archive
    case = place.open(title=texts.text("Fuite"))
    for number in range(40):
        long = " ".join("".join(chance.choices(ascii_lowercase, k=40)) for _ in range(999))
        place.record(case, e.NoteAdded(note_id=new(), text=texts.text(f"marque{number} {long}")))
    place.record(case, e.RequesterIdentified(person=texts.person("Claire Lefèvre")))
    for asked in ("fuite", "2026-000001", "lefevre", "marque0", "marque20", "fuite marque10 lefevre"):
        assert found(place, asked) == (case,), asked
    assert found(place, "marque39") == ()


def test_words_that_come_again_and_again_take_no_more_room(place: Place) -> None:
    case, texts = place.open(title=place.archive.text("Fuite")), place.archive
    long = " ".join(f"{number}{'x' * 30}" for number in range(999))
    for number in range(40):
        place.record(case, e.NoteAdded(note_id=new(), text=texts.text(f"marque{number} {long}")))
    assert found(place, "fuite marque0 marque39") == (case,)
