"""Are the pages of a town that runs as good as the made-up ones: do axe and the browser find nothing?"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from gru.bootstrap import Office, open_office
from gru.channels.base import RawMessage
from gru.cli.town import DEMO_PASSWORD
from gru.domain.case import QualifyCase
from gru.domain.events import MessageTakenIn
from gru.domain.references import link_token
from gru.settings import read
from tests.web.axe import still, wrong_in_each_look
from tests.web.test_messages import mail

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
LOGIN = "julien.moreau@val-des-tilleuls.example"
PATIENCE = 90.0
GRU = (sys.executable, "-c", "from gru.cli import main; main()")


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("GRU_")},
        "PYTHONPATH": str(ROOT),
        "GRU_DATA": str(folder),
        "GRU_SECRET": "5e" * 32,
        "GRU_MASTER_KEY": "a7" * 32,
        "GRU_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GRU_LISTEN": f"127.0.0.1:{port}",
        "GRU_WEB_THREADS": "4",
        "GRU_MAIL_ADDRESS": "demande@val-des-tilleuls.example",
    }


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, chromium: "Browser") -> Iterator[tuple[str, dict[str, str]]]:
    """A small demo town whose web process runs: its address, and the addresses of its pages by name."""
    folder, port = tmp_path_factory.mktemp("running") / "town", free_port()
    told = environment(folder, port)
    subprocess.run([*GRU, "demo", "--cases", "60"], cwd=ROOT, env=told, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    pages = addresses(told)
    with web(told, folder.parent / "web.log", port) as address:
        yield address, pages


def free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def web(told: dict[str, str], log: Path, port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as words:
        process = subprocess.Popen([*GRU, "web"], cwd=ROOT, env=told,
                                   stdin=subprocess.DEVNULL, stdout=words, stderr=words)  # fmt: skip
    try:
        wait_for(f"{address}/sante", process, log)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < ends:
        try:
            with urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", "replace")[-3000:])


def addresses(told: dict[str, str]) -> dict[str, str]:
    """A fresh case of Julien Moreau's department, its tracking page, and a message that speaks of it."""
    with open_office(read(told)) as office:
        hole = mail("Un trou devant l’école", "Il y a un trou devant l’école.", "Anne Colas <anne@courriel.example>")
        key = arrived(office, hole)
        assert office.intake.take_in(key)[key] == "opened"
        [case_id] = {r.event.case for r in office.log.history(key) if isinstance(r.event, MessageTakenIn)}
        office.desk.execute(QualifyCase(case_id=case_id, type="VOI-CHAUSSEE"), by="system:operator")
        case = office.desk.case(case_id)
        assert case is not None
        number = case.number
        key = arrived(office, mail(f"Re: [#{number}]", "Où en est-on ?"))
        assert office.intake.take_in(key)[key] == "to_link"
        office.projector.catch_up("inline", seconds=30.0)
        token = link_token(office.settings.secret, case_id, case.link_generation)
        return {
            "file": "/agent/demandes?agent=tous",
            "dossier": f"/agent/demandes/{number}",
            "messages": "/agent/messages",
            "message": f"/agent/messages/{key}",
            "respect": "/pilotage/respect",
            "stock": "/pilotage/stock",
            "suivi": f"/suivi/{number}/{token}",
        }


def arrived(office: Office, raw: bytes) -> str:
    return office.keep(RawMessage("email", "demande@val-des-tilleuls.example", "", office.now(), b"", raw))


@pytest.fixture
def tab(chromium: "Browser") -> Iterator["Page"]:
    context = still(chromium)
    yield context.new_page()
    context.close()


GONE = "net::ERR_ABORTED"


def complaints(tab: "Page") -> list[str]:
    """What the console and the content policy say from now on. The policy tells the page; the page tells the list."""
    heard: list[str] = []
    tab.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: heard.append(str(error)))
    # what the browser itself drops as it goes on to the next page is no complaint
    tab.on(
        "requestfailed", lambda asked: heard.append(f"{asked.url}: {asked.failure}") if asked.failure != GONE else None
    )
    tab.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"
    )
    return heard


def test_axe_and_the_browser_find_nothing_on_the_pages_of_a_running_town(
    running: tuple[str, dict[str, str]], tab: "Page"
) -> None:
    address, pages = running
    heard, wrong = complaints(tab), []
    tab.goto(f"{address}/connexion")
    wrong += wrong_in_each_look(tab, "connexion")
    tab.fill("#identifiant", LOGIN)
    tab.fill("#mot_de_passe", DEMO_PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/agent/demandes**")
    for name, path in pages.items():
        answer = tab.goto(address + path)
        assert answer is not None and answer.status == 200, name
        wrong += wrong_in_each_look(tab, name)
    tab.goto(f"{address}{pages['dossier']}?composer=reponse")
    tab.fill("#texte", "Bonjour,\n\nUn cône est posé.")
    tab.click("button[formaction$='/apercu']")
    tab.wait_for_selector("section.letter")
    assert "Un cône est posé." in tab.inner_text("section.letter")
    wrong += wrong_in_each_look(tab, "apercu")
    tab.click("button[formaction$='/modifier']")
    tab.wait_for_selector("#modele")
    wrong += wrong_in_each_look(tab, "modifier")
    assert wrong == []
    assert heard == []


def test_the_browser_does_tell_when_a_page_breaks_the_policy(running: tuple[str, dict[str, str]], tab: "Page") -> None:
    heard = complaints(tab)
    tab.goto(f"{running[0]}/suivi")
    tab.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    tab.wait_for_timeout(200)
    assert any("policy: style-src" in one for one in heard)
