"""Does the operator read what became of the mail, and what nothing explains?"""

import pytest
from click.testing import CliRunner, Result

from gru.channels.email.arrival import arrived
from gru.cli.mail import mail
from gru.domain.message import TakeIn
from tests.web.conftest import Town

PATH = "/administration/courrier"
RAW = b"From: Paul Renard <paul@courriel.example>\r\nMessage-ID: <%d@x.example>\r\nSubject: %s\r\n\r\n%s\r\n"


def fetched(town: Town, number: int, subject: bytes = b"Lampadaire", text: bytes = b"Il est eteint.") -> str:
    office = town.office
    return office.keep(arrived(RAW % (number, subject, text), office.settings.mail_address, office.now()))


def test_the_sum_stands_first_and_leads_to_what_is_to_be_decided(town: Town) -> None:
    office = town.office
    office.intake.take_in(fetched(town, 1), fetched(town, 2, b"", b""))
    fetched(town, 3)
    page = town.agent("pauline.noiret").get(PATH)
    assert "3 messages relevés, et chacun a sa suite" in page
    rows = page.split("<tbody>")[1].split("</tr>")
    assert "Total" in rows[0] and "pas encore lus" in rows[1] and "demande@val-des-tilleuls.example" in rows[2]
    assert '<a href="/agent/messages">1</a>' in rows[0] and "href" not in rows[2]
    assert "En attente de lecture" in page and "Effacés avant lecture" not in page


def test_the_command_prints_the_same_figures_and_fails_when_one_is_unexplained(town: Town) -> None:
    office = town.office
    office.intake.take_in(fetched(town, 1), fetched(town, 2, b"", b""))
    environment = {"GRU_DATA": str(office.settings.data), "GRU_SECRET": "5e" * 32, "GRU_MASTER_KEY": "a7" * 32}
    today = office.today().isoformat()

    def printed() -> Result:
        return CliRunner().invoke(mail, ["ledger", "--since", today, "--until", today], env=environment)

    said = printed()
    heads, day, total, verdict = (line.split("\t") for line in said.stdout.splitlines())
    assert (said.exit_code, verdict) == (0, ["Every mail is explained."])
    assert day == [today, "demande@val-des-tilleuls.example", "2", "1", "0", "0", "0", "0", "1", "0", "0", "0"]
    assert total[2:] == day[2:] and heads[-1] == "difference"

    lost = fetched(town, 3)
    office.archive.tick(lost)
    said = printed()
    assert (said.exit_code, said.stdout.splitlines()[-1].split("\t")[-1]) == (1, "1")
    assert said.stderr == f"{lost}: was fetched and marked as taken in, but has no outcome.\n"


def test_a_mail_without_an_outcome_and_an_outcome_without_a_mail_are_named(town: Town) -> None:
    office, lost, ghost = town.office, fetched(town, 1), "c" * 32
    office.archive.tick(lost)
    taken = TakeIn(
        message_id=ghost, source="x@ville.example", channel="email", outcome="opened", received_at=office.now()
    )
    office.desk.execute(taken, by="system:intake")
    office.projector.catch_up("later")
    page = town.agent("pauline.noiret").get(PATH)
    assert "2 messages restent sans explication" in page
    assert page.index("restés sans suite") < page.index(lost) < page.index("aucun message gardé") < page.index(ghost)


@pytest.mark.parametrize("asked", ["", "?jours=7", "?jours=douze"])
def test_without_a_mail_the_page_says_so(town: Town, asked: str) -> None:
    page = town.agent("pauline.noiret").get(PATH + asked)
    assert "Aucun message relevé sur cette période" in page and "<table" not in page


def test_a_period_can_be_chosen(town: Town) -> None:
    fetched(town, 1)
    town.clock.pass_(days=20)
    operator = town.agent("pauline.noiret")
    assert "1 message relevé" in operator.get(f"{PATH}?jours=30")
    assert "Aucun message relevé" in operator.get(f"{PATH}?jours=7")


def test_only_who_administers_reads_it_and_the_state_of_the_service_leads_there(town: Town) -> None:
    town.agent("julien.moreau").get(PATH, status=403)
    assert f'href="{PATH}"' in town.agent("pauline.noiret").get("/administration/etat")
