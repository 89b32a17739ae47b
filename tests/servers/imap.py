"""A real mailbox: Dovecot where the machine has it, else pymap from its wheel."""

import grp
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from tests.servers.line import Line
from tests.servers.needs import Missing, wheels_only
from tests.servers.process import HOST, Plan, nobody, says, throwaway

USER, PASSWORD = "mairie", "secret"


@dataclass(frozen=True)
class Mailbox:
    """A mailbox as its owner sees it; `line` can be cut, or go down, between it and the one under test."""

    port: int
    line: Line
    software: str
    host: str = HOST
    user: str = USER
    password: str = PASSWORD

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[Any]:
        with IMAPClient(self.host, self.line.port, ssl=False, timeout=10) as client:
            client.login(self.user, self.password)
            client.select_folder(folder)
            yield client

    def append(self, raw: bytes, folder: str = "INBOX", flags: tuple[bytes, ...] = ()) -> None:
        """A message arrives."""
        with self.client() as client:
            client.append(folder, raw, flags)

    def create_folder(self, folder: str) -> None:
        with self.client() as client:
            client.create_folder(folder)

    def delete_folder(self, folder: str) -> None:
        with self.client() as client:
            client.delete_folder(folder)

    def folders(self) -> list[str]:
        with self.client() as client:
            return sorted(name for _, _, name in client.list_folders())

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        """What lies in the folder, in order of arrival."""
        with self.client(folder) as client:
            found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
        return [parts[b"BODY[]"] for _, parts in sorted(found.items())]

    def clear(self) -> None:
        """Empty, with no folder but INBOX; its numbering goes on."""
        self.line.up()
        for folder in self.folders():
            if folder != "INBOX":
                self.delete_folder(folder)
        with self.client() as client:
            if everything := client.search("ALL"):
                client.delete_messages(everything)
                client.expunge()


def find_imap() -> str:
    """`dovecot` (2.3: a newer one reads another configuration) or `pymap`."""
    dovecot = None if wheels_only() else _dovecot()
    if dovecot and _version(dovecot).startswith("2.3"):
        return dovecot
    if find_spec("pymap"):
        return "pymap"
    raise Missing("an IMAP server. Install dovecot-imapd 2.3, or the wheel pymap.")


@contextmanager
def imap() -> Iterator[Mailbox]:
    found = find_imap()
    with _mailbox(_pymap if found == "pymap" else _dovecot_plan, Path(found).name) as mailbox:
        yield mailbox


@contextmanager
def _mailbox(plan: Callable[[Path, int], Plan], name: str) -> Iterator[Mailbox]:
    """A throwaway server behind a line that can be cut."""
    with throwaway(plan) as server:
        line = Line(server.port)
        try:
            yield Mailbox(line.port, line, name)
        finally:
            line.close()


def find_imap_by_token() -> None:
    """Only Dovecot takes tokens."""
    if find_imap() == "pymap":
        raise Missing("an IMAP server that takes tokens. Install dovecot-imapd 2.3.")


def find_imap_with_quota() -> None:
    """Only Dovecot is ever full."""
    if find_imap() == "pymap":
        raise Missing("an IMAP server with quotas. Install dovecot-imapd 2.3.")


@contextmanager
def imap_by_token(tokeninfo_port: int) -> Iterator[Mailbox]:
    """A mailbox that takes passwords, and tokens of whom the office on that port says they are."""

    def plan(directory: Path, port: int) -> Plan:
        made = _dovecot_plan(directory, port)
        (directory / "oauth2.conf").write_text(
            f"tokeninfo_url = http://{HOST}:{tokeninfo_port}/tokeninfo?access_token=\n"
            "username_attribute = email\nusername_format = %u\n"
        )
        with (directory / "dovecot.conf").open("a") as file:
            file.write(_BY_TOKEN.format(directory=directory))
        return made

    with _mailbox(plan, "dovecot") as mailbox:
        yield mailbox


@contextmanager
def imap_with_quota(kilobytes: int) -> Iterator[Mailbox]:
    """A mailbox that takes so much and no more, and says how full it is."""

    def plan(directory: Path, port: int) -> Plan:
        made = _dovecot_plan(directory, port)
        with (directory / "dovecot.conf").open("a") as file:
            file.write(_WITH_QUOTA.format(kilobytes=kilobytes))
        return made

    with _mailbox(plan, "dovecot") as mailbox:
        yield mailbox


def imap_version(found: str) -> str:
    return "pymap (wheel)" if found == "pymap" else f"Dovecot {_version(found)}"


def _dovecot() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()


def _pymap(_directory: Path, port: int) -> Plan:
    who = ["--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]
    listen = ["--host", HOST, "--port", str(port), "--no-tls", "--no-service", "admin"]
    return Plan(
        command=[sys.executable, "-c", "from pymap.main import main; main()", *listen, "dict", *who],
        alive=_greets,
    )


def _greets(port: int) -> bool:
    return says(port, b"* OK")


def _dovecot_plan(directory: Path, port: int) -> Plan:
    ids = nobody() if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    (directory / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{ids[0]}:{ids[1]}::{directory}/mail::\n")
    (directory / "dovecot.conf").write_text(_configuration(directory, port, *ids))
    return Plan(
        command=[str(_dovecot()), "-F", "-c", str(directory / "dovecot.conf")],
        alive=_greets,
        refuses_root=True,
    )


_BY_TOKEN = """
auth_mechanisms = plain xoauth2 oauthbearer
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {directory}/oauth2.conf
}}
namespace inbox {{
  mailbox Envoyés {{
    special_use = \\Sent
    auto = create
  }}
}}
"""


_WITH_QUOTA = """
mail_plugins = $mail_plugins quota
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
}}
plugin {{
  quota = count:User quota
  quota_rule = *:storage={kilobytes}k
  quota_grace = 0
  quota_vsizes = yes
}}
"""


def _configuration(directory: Path, port: int, uid: int, gid: int) -> str:
    user, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
    return f"""
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
mail_location = maildir:~/Maildir
protocols = imap
listen = {HOST}
ssl = no
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
disable_plaintext_auth = no
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {directory}/users
}}
userdb {{
  driver = passwd-file
  args = {directory}/users
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
mail_max_userip_connections = 100
first_valid_uid = 1
"""
