"""Is in who should be, out who was shown the door, and held up who tries too often?"""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Table, select, text

from gru.storage.access import Access, Limit
from gru.storage.databases import Databases, reading
from gru.storage.schema import attempts, credentials, sessions

SECRET = b"s" * 32
MARIE, PAUL = "a" * 32, "b" * 32
EASY = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
IDLE, LONGEST = timedelta(hours=1), timedelta(hours=12)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(databases: Databases, clock: Clock) -> Access:
    return Access(databases.work, SECRET, clock=clock, hasher=EASY)


def login(access: Access, agent: str = MARIE) -> str:
    return access.open_session(agent, idle=IDLE, longest=LONGEST)


def agent_of(access: Access, token: str) -> str | None:
    session = access.session(token)
    return session.agent if session else None


# --- sessions ---


def test_a_token_opens_its_agents_session_and_no_other_does(access: Access) -> None:
    token = login(access)
    assert agent_of(access, token) == MARIE
    assert (access.session(""), access.session(token + "x"), access.session("é\udce9")) == (None, None, None)


def test_what_lies_in_the_table_opens_nothing(access: Access, databases: Databases) -> None:
    token = login(access)
    with reading(databases.work) as connection:
        row = connection.execute(select(sessions)).one()
    assert token not in row
    assert access.session(row.token_hash) is None


def test_a_session_ends_when_it_is_not_used(access: Access, clock: Clock) -> None:
    token = login(access)
    for _ in range(3):
        clock.later(minutes=59)
        assert agent_of(access, token) == MARIE
    clock.later(minutes=60)
    assert access.session(token) is None


def test_a_session_ends_at_its_limit_however_much_it_is_used(access: Access, clock: Clock) -> None:
    token = login(access)
    for _ in range(23):
        clock.later(minutes=30)
        assert agent_of(access, token) == MARIE
    clock.later(minutes=30)
    assert access.session(token) is None


def test_a_revoked_session_is_over_and_the_others_are_not(access: Access) -> None:
    first, second = login(access), login(access)
    access.revoke(first)
    assert (access.session(first), agent_of(access, second)) == (None, MARIE)


def test_all_sessions_of_an_agent_end_but_the_one_he_is_in(access: Access) -> None:
    here, there, elsewhere, pauls = login(access), login(access), login(access), login(access, PAUL)
    assert access.revoke_all(MARIE, but=here) == 2
    assert [agent_of(access, token) for token in (here, there, elsewhere, pauls)] == [MARIE, None, None, PAUL]
    assert access.revoke_all(MARIE) == 1


def test_an_agent_sees_his_open_sessions_and_ends_one(access: Access, clock: Clock) -> None:
    login(access)
    clock.later(minutes=59)
    token = login(access)
    clock.later(minutes=2)
    [session] = access.sessions_of(MARIE)
    assert session == access.session(token)
    access.revoke_session(session.id)
    assert access.sessions_of(MARIE) == []


# --- passwords ---


def test_the_right_password_names_the_agent(access: Access) -> None:
    access.set_password(MARIE, "marie@mairie.fr", "un mot de passe")
    assert access.check_password(" Marie@Mairie.fr", "un mot de passe") == MARIE
    assert access.agent_of_login("marie@mairie.fr") == MARIE
    assert access.check_password("marie@mairie.fr", "un mot de passe ") == ""
    assert access.check_password("paul@mairie.fr", "un mot de passe") == ""
    assert access.agent_of_login("paul@mairie.fr") == ""


def test_neither_the_password_nor_the_address_lies_in_the_table(access: Access, databases: Databases) -> None:
    access.set_password(MARIE, "marie@mairie.fr", "un mot de passe")
    with reading(databases.work) as connection:
        row = str(connection.execute(select(credentials)).one())
    assert "marie" not in row and "passe" not in row


def test_a_new_password_or_address_replaces_the_old(access: Access) -> None:
    access.set_password(MARIE, "marie@mairie.fr", "ancien")
    access.set_password(MARIE, "m.dupre@mairie.fr", "nouveau")
    assert access.check_password("m.dupre@mairie.fr", "nouveau") == MARIE
    assert access.check_password("marie@mairie.fr", "ancien") == ""


def test_a_new_password_ends_the_sessions_of_its_agent_and_of_nobody_else(access: Access) -> None:
    access.set_password(MARIE, "marie@mairie.fr", "ancien")
    hers, his = login(access), login(access, PAUL)
    access.set_password(MARIE, "marie@mairie.fr", "nouveau")
    assert (agent_of(access, hers), agent_of(access, his)) == (None, PAUL)


def test_two_agents_cannot_log_in_with_one_address(access: Access) -> None:
    access.set_password(MARIE, "accueil@mairie.fr", "un")
    with pytest.raises(ValueError):
        access.set_password(PAUL, "accueil@mairie.fr", "deux")
    assert access.check_password("accueil@mairie.fr", "un") == MARIE


def test_a_password_is_hashed_anew_when_the_parameters_have_grown(access: Access, databases: Databases) -> None:
    access.set_password(MARIE, "marie@mairie.fr", "mot")
    harder = Access(databases.work, SECRET, hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert harder.check_password("marie@mairie.fr", "mot") == MARIE
    with reading(databases.work) as connection:
        stored = connection.execute(text("SELECT password FROM " + table(databases, "credentials"))).scalar_one()
    assert "m=16,t=2" in stored
    assert access.check_password("marie@mairie.fr", "mot") == MARIE


def test_an_agent_who_has_left_is_out_everywhere(access: Access) -> None:
    access.set_password(MARIE, "marie@mairie.fr", "mot")
    token = login(access)
    access.forget_agent(MARIE)
    assert (access.session(token), access.check_password("marie@mairie.fr", "mot")) == (None, "")


# --- attempts ---


def test_attempts_count_for_their_kind_and_subject_within_their_time(access: Access, clock: Clock) -> None:
    for _ in range(3):
        access.record_attempt("login", "marie@mairie.fr")
        clock.later(minutes=5)
    assert access.attempts("login", " MARIE@mairie.fr", timedelta(minutes=20)) == 3
    assert access.attempts("login", "marie@mairie.fr", timedelta(minutes=11)) == 2
    assert access.attempts("login", "paul@mairie.fr", timedelta(minutes=20)) == 0
    assert access.attempts("code", "marie@mairie.fr", timedelta(minutes=20)) == 0


def test_after_the_limit_nobody_may_try_until_time_has_passed(access: Access, clock: Clock) -> None:
    within = timedelta(minutes=10)
    assert [access.allow("code", "192.0.2.1", 2, within) for _ in range(3)] == [True, True, False]
    clock.later(minutes=12)
    assert access.allow("code", "192.0.2.1", 2, within)


def test_a_refused_attempt_is_not_counted_so_that_the_door_opens_again(access: Access, clock: Clock) -> None:
    within = timedelta(minutes=10)
    for _ in range(2):
        access.allow("code", "192.0.2.1", 2, within)
    clock.later(minutes=8)
    assert not access.allow("code", "192.0.2.1", 2, within)
    clock.later(minutes=4)
    assert access.allow("code", "192.0.2.1", 2, within)


def test_an_attempt_refused_under_one_limit_counts_under_none(access: Access) -> None:
    within = timedelta(minutes=10)
    limits = (Limit("address", "192.0.2.1", 5), Limit("number", "2026-000001", 1))
    assert [access.allow_all(limits, within) for _ in range(3)] == [True, False, False]
    assert access.attempts("address", "192.0.2.1", within) == 1


def test_a_statement_that_fails_does_not_say_its_values(databases: Databases) -> None:
    for engine in (databases.views, databases.work, databases.archive, databases.keys):
        assert engine.hide_parameters


def test_of_twenty_attempts_at_once_no_more_than_five_are_allowed(access: Access) -> None:
    gate = Barrier(20)
    allowed = []

    def attempt() -> None:
        gate.wait()
        allowed.append(access.allow("login", "marie@mairie.fr", 5, timedelta(minutes=10)))

    threads = [Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), allowed.count(True)) == (20, 5)


def test_who_was_right_in_the_end_starts_anew(access: Access) -> None:
    access.record_attempt("login", "marie@mairie.fr")
    access.forgive("login", "marie@mairie.fr")
    assert access.attempts("login", "marie@mairie.fr", timedelta(minutes=10)) == 0


def test_pruning_drops_what_has_ended_and_nothing_else(access: Access, databases: Databases, clock: Clock) -> None:
    login(access)
    access.record_attempt("login", "x")
    clock.later(hours=30)
    token = login(access)
    access.record_attempt("login", "x")
    access.prune()
    assert agent_of(access, token) == MARIE

    def counted(one: Table) -> int:
        return len(connection.execute(select(one)).all())

    with reading(databases.work) as connection:
        assert (counted(sessions), counted(attempts)) == (1, 1)


def table(databases: Databases, name: str) -> str:
    return name if databases.kind == "sqlite" else f"work.{name}"
