"""Can people write the report to the committee together, freeze it, and find the same numbers everywhere?"""

import re
import zipfile
from datetime import date, timedelta
from io import BytesIO
from xml.etree import ElementTree

import msgspec
import pytest
from sqlalchemy import update

from gru.domain.case import CloseCase
from gru.domain.report import Report
from gru.storage.databases import writing
from gru.storage.schema import contents
from gru.web.charts.printing import ink
from gru.web.committee import frozen as kept
from tests.web.conftest import Town, TownAfter, fields

WRITER, READER, OTHER = "isabelle.fournier", "julien.moreau", "pauline.noiret"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def plain(page: str) -> str:
    return page.replace("\u202f", " ").replace("\u00a0", " ")


def _lived(town: Town) -> str:
    """Seven cases of February: six closed in time, one open and late; another is of March."""
    now = town.clock.at
    for number in range(7):
        town.clock.at = now - timedelta(days=40)
        case = town.open_case(f"Trou {number}")
        if number < 6:
            town.clock.at = now - timedelta(days=37)
            town.do(CloseCase(case_id=town.id_of(case), outcome="resolved"), by=town.by(READER))
    town.clock.at = now
    newest = town.open_case("Nouvelle")
    town.office.projector.catch_up("later")
    return newest


@pytest.fixture
def lived(town_after: TownAfter) -> Town:
    return town_after(_lived)[0]


def begun(town: Town) -> str:
    """The address of a draft about February."""
    answer = town.agent(WRITER).fill("/rapports", "/rapports", periode="2026-02")
    assert answer.status_code == 303
    return str(answer.location).removesuffix("/rediger")


def written(town: Town, path: str, who: str = WRITER, **words: str) -> None:
    answer = town.agent(who).fill(f"{path}/rediger", f"{path}/rediger", **words)
    assert (answer.status_code, answer.location) == (303, path), answer.text[:3000]


def frozen(town: Town, path: str) -> None:
    answer = town.agent(WRITER).fill(f"{path}/figer", f"{path}/figer")
    assert (answer.status_code, answer.location) == (303, path), answer.text[:3000]


def report_of(town: Town, path: str) -> Report:
    report = town.office.committee.report(path.split("/")[-1])
    assert report is not None
    return report


def test_a_report_is_begun_written_with_live_figures_and_frozen(lived: Town) -> None:
    path = begun(lived)
    written(
        lived, path, keep="Nous avons reçu {{flux.ville.recues}} demandes ; {{stock.ville.ouvertes}} restent ouvertes."
    )
    page = plain(lived.agent(WRITER).get(path))
    assert "Nous avons reçu 7 demandes ; 2 restent ouvertes." in page
    assert (
        "0 ouvertes au début + 7 reçues + 0 rouvertes − 6 closes = 1 ouvertes à la fin. Le compte tombe juste." in page
    )
    frozen(lived, path)
    lived.open_case("Encore une")
    lived.office.projector.catch_up("later")
    page = plain(lived.agent(WRITER).get(path))
    assert "2 restent ouvertes" in page and "Figé le 18 mars" in page
    version = report_of(lived, path).versions[0]
    assert version.digest in page and f"fait n° {version.position}" in page


def test_what_is_frozen_is_the_same_for_ever_to_the_byte(lived: Town) -> None:
    path = begun(lived)
    written(lived, path, keep="Premier texte.")
    frozen(lived, path)
    files = {kind: lived.agent(READER).client.get(f"{path}.{kind}").data for kind in ("pdf", "xlsx")}
    assert files["pdf"].startswith(b"%PDF-") and files["xlsx"].startswith(b"PK")
    page = lived.agent(READER).get(f"{path}?version=1")
    lived.clock.pass_(days=30)
    lived.open_case("Plus tard")
    correct = lived.agent(WRITER)
    assert correct.send(correct.get(path), f"{path}/corriger").location == f"{path}/rediger"
    written(lived, path, keep="Texte corrigé.")
    frozen(lived, path)
    assert [one.number for one in report_of(lived, path).versions] == [1, 2]
    for kind, before in files.items():
        assert lived.agent(READER).client.get(f"{path}.{kind}?version=1").data == before
    again = lived.agent(READER).get(f"{path}?version=1")
    body = re.compile(r'<section class="rap-part.*</section>', re.S)
    assert body.findall(again) == body.findall(page)
    assert "Texte corrigé." in lived.agent(READER).get(path) and "Premier texte." in again


def test_the_frozen_content_is_canonical_and_fits_its_digest(lived: Town) -> None:
    path = begun(lived)
    frozen(lived, path)
    version = report_of(lived, path).versions[0]
    content = lived.office.committee.frozen(version, "content")
    read = kept.read(content)
    assert kept.canonical(read) == content
    assert (read.first, read.last, read.cut) == (date(2026, 2, 1), date(2026, 2, 28), version.cut)
    assert read.figures["flux.ville.recues"].value == 7


def test_a_figure_that_changed_since_it_was_written_about_is_flagged_until_somebody_read_it_again(lived: Town) -> None:
    path = begun(lived)
    written(lived, path, keep="{{stock.ville.ouvertes}} demandes sont ouvertes.")
    assert "Ce chiffre a changé" not in lived.agent(WRITER).get(path)
    lived.open_case("Une de plus")
    lived.office.projector.catch_up("later")
    assert "Ce chiffre a changé depuis la rédaction : 2 → 3" in plain(lived.agent(WRITER).get(path))
    written(lived, path, keep="{{stock.ville.ouvertes}} demandes sont ouvertes.", **{"relu-keep": "oui"})
    assert "Ce chiffre a changé" not in lived.agent(WRITER).get(path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{{stock.vile.ouvertes}} demandes", "Vouliez-vous dire : stock.ville.ouvertes"),
        ("{{zzz}}", "« zzz » n’est pas un nom de chiffre"),
        ("Il y en a {{stock.ville.ouvertes", "Une double accolade est restée ouverte"),
        ("Un. Deux. Trois. Quatre. Cinq. Six.", "Ce passage fait 6 phrases"),
    ],
)
def test_a_wrong_text_is_refused_with_a_sentence_and_nothing_typed_is_lost(lived: Town, words: str, said: str) -> None:
    path = begun(lived)
    answer = lived.agent(WRITER).fill(f"{path}/rediger", f"{path}/rediger", keep=words, decisions="Une équipe.")
    assert answer.status_code == 422
    assert said in plain(answer.text)
    typed = fields(answer.text, f"{path}/rediger")
    assert (typed["keep"], typed["decisions"]) == (words, "Une équipe.")
    assert report_of(lived, path).sections == {}


def test_two_who_write_at_once_lose_nothing(lived: Town) -> None:
    path = begun(lived)
    writer = lived.agent(WRITER)
    opened = writer.get(f"{path}/rediger")
    written(lived, path, keep="Le texte de l’autre.")
    answer = writer.send(opened, f"{path}/rediger", keep="Mon texte.", decisions="Ma demande.")
    assert answer.status_code == 422
    assert "Une autre personne vient de modifier ce passage" in answer.text and "Le texte de l’autre." in answer.text
    assert fields(answer.text, f"{path}/rediger")["keep"] == "Mon texte."
    report = report_of(lived, path)
    assert lived.office.committee.texts(report) == {"keep": "Le texte de l’autre.", "decisions": "Ma demande."}
    assert writer.send(answer.text, f"{path}/rediger").status_code == 303
    assert lived.office.committee.texts(report_of(lived, path))["keep"] == "Mon texte."


def test_who_may_only_read_sees_what_is_frozen(lived: Town) -> None:
    path = begun(lived)
    reader = lived.agent(READER)
    assert "Aucun rapport figé" in reader.get("/rapports")
    reader.get(path, status=403)
    reader.get(f"{path}.pdf", status=403)
    reader.get(f"{path}/rediger", status=403)
    assert reader.client.post("/rapports").status_code in (400, 403)
    frozen(lived, path)
    assert "février 2026" in reader.get("/rapports")
    assert "Corriger dans une nouvelle version" not in reader.get(path)


def test_a_month_that_is_not_over_is_not_frozen(lived: Town) -> None:
    writer = lived.agent(WRITER)
    answer = writer.fill("/rapports", "/rapports", periode="autre", du="2026-03-01", au="2026-03-31")
    path = str(answer.location).removesuffix("/rediger")
    refused = writer.fill(f"{path}/figer", f"{path}/figer")
    assert refused.status_code == 422 and "La période n’est pas terminée" in plain(refused.text)
    assert report_of(lived, path).versions == ()


@pytest.mark.parametrize(
    ("du", "au", "said"),
    [
        ("", "", "Écrivez une date complète"),
        ("2026-02-10", "2026-02-01", "Le dernier jour vient avant le premier"),
        ("2024-01-01", "2026-02-01", "un an au plus"),
        ("0001-01-01", "9999-12-31", "Écrivez une date complète"),
    ],
)
def test_an_impossible_period_is_refused(lived: Town, du: str, au: str, said: str) -> None:
    answer = lived.agent(WRITER).fill("/rapports", "/rapports", periode="autre", du=du, au=au)
    assert answer.status_code == 422 and said in plain(answer.text)


@pytest.mark.parametrize("path", ["/rapports/nulle", "/rapports/" + "0" * 32, "/rapports/decisions/" + "0" * 32])
def test_a_report_that_is_none_is_not_found(lived: Town, path: str) -> None:
    lived.agent(WRITER).get(path, status=404)


def test_what_people_write_is_never_run(lived: Town) -> None:
    path = begun(lived)
    evil = '<script>alert(1)</script> =HYPERLINK("http://x") #set page(fill: red)'
    written(lived, path, done=evil)
    frozen(lived, path)
    page = lived.agent(WRITER).get(path)
    assert "<script>" not in page and "&lt;script&gt;" in page
    book = zipfile.ZipFile(BytesIO(lived.agent(WRITER).client.get(f"{path}.xlsx").data))
    assert not any(b"<f>" in book.read(name) for name in book.namelist())


def changed(town: Town, digest: str) -> None:
    """Somebody writes to the archive behind the program's back."""
    with writing(town.office.databases.archive) as connection:
        connection.execute(update(contents).where(contents.c.digest == digest).values(body=b"{}"))


def test_the_page_of_a_frozen_report_verifies_its_digests_and_names_what_was_changed(lived: Town) -> None:
    path = begun(lived)
    written(lived, path, keep="Des mots figés.")
    frozen(lived, path)
    version, reader = report_of(lived, path).versions[0], lived.agent(READER)
    page = reader.get(path)
    assert "Empreinte vérifiée" in page and "Des mots figés." in page
    changed(lived, version.pdf)
    page = reader.get(path)
    assert "Le PDF gardé ne correspond plus à son empreinte" in page and "Empreinte vérifiée" not in page
    assert "Des mots figés." in page and f"{path}.pdf" not in page
    assert reader.client.get(f"{path}.pdf").location == f"{path}?version=1"
    assert reader.client.get(f"{path}.xlsx").status_code == 200
    changed(lived, version.digest)
    page = reader.get(path)
    assert "Le texte gardé ne correspond plus" in page and version.digest[:16] in page
    assert "Des mots figés." not in page


# --- decisions ---------------------------------------------------------------------------------------------------


def test_a_decision_is_recorded_and_judged_when_time_has_passed(lived: Town) -> None:
    writer = lived.agent(WRITER)
    answer = writer.fill(
        "/rapports/decisions", "/rapports/decisions", titre="Une équipe unique", effet="2026-03-16", service="VOI"
    )
    path = answer.location
    page = plain(writer.get(path))
    assert "Une équipe unique" in page and "Trop tôt pour juger" in page and "11 mai 2026" in page
    lived.clock.pass_(days=120)
    page = plain(lived.agent(WRITER).get(path))
    assert "Moins de 20 demandes avant ou après : rien ne peut être conclu." in page
    assert "Jour férié" in page
    again = lived.agent(WRITER)
    assert again.send(again.get(path), f"{path}/retirer").status_code == 303
    assert "Une équipe unique" not in lived.agent(WRITER).get("/rapports/decisions")


def test_decisions_that_stand_are_in_the_report(lived: Town) -> None:
    for kind, title in (("decision", "Une équipe unique"), ("event", "Élections municipales")):
        lived.agent(WRITER).fill(
            "/rapports/decisions", "/rapports/decisions", nature=kind, titre=title, effet="2026-02-10"
        )
    page = lived.agent(WRITER).get(begun(lived))
    assert "Une équipe unique" in page and "Élections municipales" not in page


def test_a_reader_records_no_decision(lived: Town) -> None:
    page = lived.agent(READER).get("/rapports/decisions")
    assert 'action="/rapports/decisions"' not in page
    assert lived.agent(READER).client.post("/rapports/decisions").status_code in (400, 403)


# --- the same numbers everywhere ---------------------------------------------------------------------------------


def numbers_of_page(page: str) -> list[list[str]]:
    tables = re.findall(r"<tbody>(.*?)</tbody>", page, re.S)
    rows = [row for table in tables for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)]
    return [[plain(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
            for row in rows]  # fmt: skip


def values_of_sheets(content: bytes) -> list[list[float]]:
    """The numbers of each row of each sheet after the first."""
    book = zipfile.ZipFile(BytesIO(content))
    many = sum(1 for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
    rows = []
    for number in range(2, many + 1):
        for row in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{SHEET}row"):
            cells = [cell for cell in row if cell.get("t") != "s"]
            rows.append([float(value.text or "0") for cell in cells if (value := cell.find(f"{SHEET}v")) is not None])
    return [row for row in rows if row]


def meant(cells: list[str]) -> list[float]:
    """The numbers of one row as the page shows them, without its name."""
    found = []
    for cell in cells:
        if re.fullmatch(r"[+−]?[\d ]+(,\d+)?( [%j])?", cell):
            value = float(cell.replace(" ", "").replace("%", "").replace("j", "").replace(",", ".").replace("−", "-"))
            found.append(value / 100 if "%" in cell else value)
    return found


def in_percent(cells: list[str]) -> list[float]:
    """The same, shares as a CSV writes them."""
    return [round(100 * meant([cell])[0]) if "%" in cell else meant([cell])[0] for cell in cells if meant([cell])]


@pytest.mark.parametrize("slug", ["respect", "stock", "parcours"])
def test_page_csv_workbook_and_pdf_show_the_same_numbers(lived: Town, slug: str) -> None:
    agent = lived.agent(WRITER)
    page = agent.get(f"/pilotage/{slug}")
    links = [link.replace("&amp;", "&") for link in re.findall(rf'href="(/pilotage/{slug}\.[a-z]+[^"]*)"', page)]
    files = {link.split("?")[0].split(".")[-1]: agent.client.get(link).data for link in links}
    assert sorted(files) == ["csv", "pdf", "xlsx"]
    shown = [meant(row[1:]) for row in numbers_of_page(page) if meant(row[1:])]
    assert shown
    csv = [line.split(";")[1:] for line in files["csv"].decode("utf-8-sig").split("\r\n")]
    in_csv = [[float(cell.replace(",", ".")) for cell in line if re.fullmatch(r"-?\d+(,\d+)?", cell)] for line in csv]
    assert [row for row in in_csv if row] == [in_percent(row[1:]) for row in numbers_of_page(page) if meant(row[1:])]
    assert [row[-len(one) :] for row, one in zip(values_of_sheets(files["xlsx"]), shown, strict=True)] == shown
    assert files["pdf"].startswith(b"%PDF-")


def test_every_export_says_its_cut_its_filters_and_its_definitions(lived: Town) -> None:
    words = lived.agent(WRITER).client.get("/pilotage/respect.csv?service=VOI&semaines=26").data.decode("utf-8-sig")
    for said in ("Données arrêtées au", "fait n°", "engagements en version 1", "Période;26 semaines", "Service;Voirie"):
        assert said in plain(words), said
    assert re.search(r"\r\n2026-\d\d-\d\d;", words)


def test_an_export_of_no_page_is_not_found(lived: Town) -> None:
    for path in ("/pilotage/rien.csv", "/pilotage/respect.exe", "/pilotage/respect.csv.pdf"):
        assert lived.agent(WRITER).client.get(path).status_code == 404


def test_the_stored_fact_says_no_word(lived: Town) -> None:
    path = begun(lived)
    written(lived, path, keep="Des mots que nul fait ne contient.")
    recorded = lived.office.log.history(path.split("/")[-1])
    assert b"Des mots" not in b"".join(msgspec.json.encode(one.event) for one in recorded)


def test_a_picture_is_printed_in_the_colours_of_the_light_theme_and_no_variable_is_left() -> None:
    made = ink()
    assert "var(" not in made.style and ".chart .s1{fill:#0D5B57}" in made.style
    assert (made.of("s1"), made.of("stage-in-progress"), made.of("bad")) == ("#0D5B57", "#0D5B57", "#A01C1C")
