"""Do the vitals see what waits and who is silent, and do the figures say the same?"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from gru.bootstrap import Office
from gru.channels.base import RawMessage
from gru.storage.databases import writing
from gru.storage.work import Effect, Sign
from tests.journeys.conftest import journey as journey
from tests.journeys.towns import Journey, mail

BOX = "imap:demande@mx.example/INBOX"
SIGN = f"mailbox:{BOX}"


def metrics(office: Office) -> dict[str, float]:
    lines = office.vitals.metrics().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def test_in_a_town_at_rest_nothing_waits(journey: Journey) -> None:
    journey.arrives(mail())
    while journey.office.sealer.seal(journey.watch()):
        pass
    seen = journey.office.vitals.read()
    head = journey.office.log.head()
    assert (seen.position, seen.sealed, seen.reactions) == (head, head, head)
    assert seen.lag == {"inline": 0, "later": 0}
    assert (seen.effects, seen.failed_effects, seen.parked, seen.timers) == (0, 0, 0, 0)
    assert (seen.oldest_effect, seen.oldest_message, seen.oldest_timer) == (None, None, None)


def test_what_waits_is_seen_with_its_age(journey: Journey) -> None:
    office, watch = journey.office, journey.watch
    began = watch()
    office.work.add_effects(
        [
            Effect(key="1:0:deliver", kind="deliver", payload={}, next_at=began),
            Effect(key="2:0:deliver", kind="deliver", payload={}, next_at=began + timedelta(days=9)),
            Effect(key="3:0:deliver", kind="deliver", payload={}, next_at=began),
        ]
    )
    office.work.give_up("3:0:deliver", "TryLater")
    office.keep(RawMessage("email", "demande", "<1@x.example>", began, b"d" * 32, bytes(mail())))
    watch.pass_(minutes=10)
    seen = office.vitals.read()
    assert (seen.effects, seen.failed_effects) == (2, 1)
    assert 600 <= seen.age(seen.oldest_effect) < 601
    assert 600 <= seen.age(seen.oldest_message) < 601
    figures = metrics(office)
    assert figures["gru_effects_pending"] == 2
    assert figures["gru_effects_failed"] == 1
    assert 600 <= figures["gru_messages_oldest_seconds"] < 601


def test_an_effect_whose_time_lies_ahead_is_not_overdue(journey: Journey) -> None:
    ahead = journey.watch() + timedelta(hours=1)
    journey.office.work.add_effects([Effect(key="1:0:deliver", kind="deliver", payload={}, next_at=ahead)])
    assert journey.office.vitals.read().oldest_effect is None


def test_a_promise_past_due_that_no_clock_noticed_is_seen_until_one_does(journey: Journey) -> None:
    journey.arrives(mail())
    journey.watch.pass_(days=20)
    seen = journey.office.vitals.read()
    assert seen.timers > 0
    assert seen.age(seen.oldest_timer) > 24 * 3600
    while journey.office.clock.tick():
        journey.settle()
    assert journey.office.vitals.read().timers == 0


def test_facts_not_projected_sealed_or_reacted_to_are_counted(journey: Journey) -> None:
    office = journey.office
    raw = bytes(mail())
    office.intake.attempt(office.keep(RawMessage("email", "demande", "<1@x.example>", journey.watch(), b"d" * 32, raw)))
    figures = metrics(office)
    assert figures['gru_projection_lag{group="inline"}'] > 0
    assert figures['gru_projection_lag{group="later"}'] > 0
    assert figures["gru_reactions_lag"] > 0
    assert figures["gru_log_position"] > figures["gru_sealed_position"] == 0


def test_parked_facts_are_counted(journey: Journey) -> None:
    table = "parked" if journey.office.settings.embedded else "views.parked"
    row = "('search', 7, 's', 1, 'case.opened', 'KeyError at search:12', '2026-03-02 09:00:00+00:00')"
    columns = "(projection, position, stream_id, version, name, error, at)"
    with writing(journey.office.databases.views) as connection:
        connection.execute(text(f"INSERT INTO {table} {columns} VALUES {row}"))
    assert metrics(journey.office)["gru_facts_parked"] == 1


def test_reactions_that_refuse_to_start_show_as_minus_one(journey: Journey) -> None:
    journey.office.work.suspend("reactions", "lost")
    assert journey.office.vitals.read().reactions is None
    assert metrics(journey.office)["gru_reactions_lag"] == -1


# --- signs of life -----------------------------------------------------------------------------------------------


def test_a_mailbox_that_answers_brings_something_or_fails_is_remembered(journey: Journey) -> None:
    office, watch = journey.office, journey.watch
    office.work.sign(SIGN, True, "message")
    watch.pass_(hours=1)
    office.work.sign(SIGN, True)
    watch.pass_(minutes=1)
    office.work.sign(SIGN, False, "the mailbox refuses our login")
    [sign] = office.work.signs()
    assert sign.worked_at and sign.message_at and sign.failed_at
    assert sign.message_at < sign.worked_at < sign.failed_at
    assert (sign.name, sign.failure, sign.is_failing) == (SIGN, "the mailbox refuses our login", True)
    figures = metrics(office)
    assert figures[f'gru_part_failing{{part="{SIGN}"}}'] == 1
    assert 60 <= figures[f'gru_part_silence_seconds{{part="{SIGN}"}}'] < 61
    assert 3660 <= figures[f'gru_mailbox_silence_seconds{{mailbox="{BOX}"}}'] < 3661
    watch.pass_(minutes=1)
    office.work.sign(SIGN, True)
    assert not office.work.signs()[0].is_failing


def test_a_mailbox_that_was_never_read_is_failing_from_its_first_sign(journey: Journey) -> None:
    journey.office.work.sign(SIGN, False, "the mailbox is away")
    assert journey.office.work.signs()[0].is_failing


def test_a_part_that_was_taken_away_is_forgotten_after_a_month(journey: Journey) -> None:
    journey.office.work.sign(SIGN, True)
    journey.watch.pass_(days=31)
    assert journey.office.vitals.read().signs == ()


def test_a_sign_that_fails_at_the_instant_it_worked_is_failing() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert Sign(SIGN, now, None, now, "trouble").is_failing
    assert not Sign(SIGN, now, None, None, "").is_failing
