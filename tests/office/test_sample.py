"""Does the sample town hold together?"""

import csv
import io
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import combinations

import pytest
from PIL import Image

from gru.office.town_hall import SAMPLE, read_agents
from tests.domain.towns import sample_content

CATALOGUE = sample_content().catalogue
AGENTS = read_agents((SAMPLE / "agents.yaml").read_text("utf-8"))
STREETS = list(csv.DictReader((SAMPLE / "streets.csv").read_text("utf-8").splitlines()))
MAILS = sorted((SAMPLE / "mails").glob("*.eml"))


def parsed(name: str) -> EmailMessage:
    (path,) = [path for path in MAILS if path.name.startswith(name)]
    return message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)


def test_every_department_has_somebody_who_handles_its_cases() -> None:
    able = {code for agent in AGENTS if "handle" in CATALOGUE.roles[agent.role].rights for code in agent.departments}
    assert able == set(CATALOGUE.departments)


def test_every_role_and_every_real_site_has_an_agent() -> None:
    assert {agent.role for agent in AGENTS} == set(CATALOGUE.roles)
    real = {site.code for site in CATALOGUE.sites.values() if site.kind != "virtual"}
    assert real <= {site for agent in AGENTS if agent.role == "counter" for site in agent.sites}


def test_agents_have_each_a_name_and_an_address_of_their_own() -> None:
    assert len({agent.email for agent in AGENTS}) == len({agent.name for agent in AGENTS}) == len(AGENTS) == 42
    assert all(agent.email.endswith("@val-des-tilleuls.example") for agent in AGENTS)


def test_streets_lie_in_the_districts_of_the_town() -> None:
    assert len(STREETS) == 152
    assert {street["district"] for street in STREETS} == set(CATALOGUE.districts)
    for street in STREETS:
        assert 1 <= int(street["first"]) < int(street["last"])
        for end in ("", "_end"):
            assert 50.1 < float(street[f"latitude{end}"]) < 50.3
            assert 2.9 < float(street[f"longitude{end}"]) < 3.2


def test_no_number_of_a_street_lies_in_two_districts() -> None:
    for one, two in combinations(STREETS, 2):
        if one["name"] == two["name"]:
            assert int(one["last"]) < int(two["first"])


@pytest.mark.parametrize("address", [*(site.address for site in CATALOGUE.sites.values() if site.address),
                                     *(each.address for each in CATALOGUE.departments.values())])  # fmt: skip
def test_the_towns_own_addresses_lie_in_its_streets(address: str) -> None:
    number, _, street = address.split(",")[0].partition(" ")
    found = [each for each in STREETS if each["name"] == street]
    assert any(int(each["first"]) <= int(number) <= int(each["last"]) for each in found)


def test_the_towns_telephones_are_numbers_kept_for_fiction() -> None:
    phones = [
        CATALOGUE.phone,
        CATALOGUE.emergency_phone,
        *(department.phone for department in CATALOGUE.departments.values()),
        *(body.phone for body in CATALOGUE.bodies.values()),
    ]
    assert all(phone.startswith("03 53 01 ") for phone in phones)


def test_no_word_of_a_resident_leads_to_two_types() -> None:
    words = [word.lower() for kind in CATALOGUE.types.values() for word in kind.synonyms]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_the_mails_are_written_to_mailboxes_of_the_town_from_domains_that_do_not_exist() -> None:
    assert len(MAILS) == 13
    seen = set()
    for path in MAILS:
        mail = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
        seen.add(mail["Message-ID"])
        assert mail["To"].addresses[0].addr_spec in CATALOGUE.mailboxes
        assert mail["From"].addresses[0].domain.endswith(".example")
        assert mail["Authentication-Results"].strip().startswith("mx.val-des-tilleuls.example; dmarc=")
        assert path.stat().st_size < 5_000
    assert len(seen) == 13


def test_among_the_mails_are_a_reply_an_absence_a_photo_and_an_unproven_sender() -> None:
    first, reply = parsed("01"), parsed("04")
    assert (reply["In-Reply-To"], reply["From"]) == (first["Message-ID"], first["From"])
    assert parsed("05")["Auto-Submitted"] == "auto-replied"
    (photo,) = parsed("06").iter_attachments()
    assert Image.open(io.BytesIO(photo.get_content())).size == (320, 240)
    assert "dmarc=fail" in parsed("13")["Authentication-Results"]
