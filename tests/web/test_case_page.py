"""What does the page of a case show, and what can be done there?"""

from tests.web.conftest import Town


def test_the_page_tells_the_title_the_resident_and_what_was_written(town: Town) -> None:
    number = town.open_case()
    page = town.agent().get(f"/agent/demandes/{number}")
    assert "Nid-de-poule devant le 14 rue des Acacias" in page
    assert "Claire Lefèvre" in page
    assert "Un trou dans la chaussée" in page
