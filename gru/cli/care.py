"""How is a town looked after: checked, rebuilt, verified, anchored?"""

from collections.abc import Callable, Iterator

import click

from gru import settings
from gru.bootstrap import Office, build_office, open_databases, open_office
from gru.channels.email.smtp import SmtpTransport, transport
from gru.channels.email.tokens import Tokens
from gru.cli import copies
from gru.cli.progress import show_progress
from gru.office.checking import Checking, Finding, reach
from gru.office.committee import digest_of
from gru.office.proofreading import proofread
from gru.office.rebuild import Overtaken, rebuild
from gru.settings import BadSetting, Settings
from gru.storage.alone import Busy
from gru.storage.seals import Anchor
from gru.storage.seals import verify as verify_log

COLOURS = {"ok": "green", "warning": "yellow", "fault": "red"}


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Say what is wrong with this town and what to do about it; exit code 1 when something must be mended."""
    levels = [_shown(finding) for finding in _findings()]
    faults, warnings = levels.count("fault"), levels.count("warning")
    click.echo(f"Faults: {faults}. Warnings: {warnings}.")
    context.exit(1 if faults else 0)


def _findings() -> Iterator[Finding]:
    """What cannot be asked because something below it is at fault is not asked."""
    try:
        read = settings.read()
    except BadSetting as error:
        for line in str(error).splitlines():
            yield Finding("fault", "settings", line, "See the list of settings in docs/operations.md.")
        return
    yield Finding("ok", "settings", "can all be read.")
    if read.embedded and not (read.data / "log.db").exists():
        yield Finding("fault", "town", f"there is none in {read.data}.", "gru init, or `gru restore FOLDER`")
        return
    databases = open_databases(read)
    try:
        answers = reach(databases)
    finally:
        databases.close()
    yield from answers
    if all(finding.level == "ok" for finding in answers):
        yield from _of_office(read)


def _of_office(read: Settings) -> Iterator[Finding]:
    try:
        office = build_office(read)
    except ValueError as error:
        yield Finding(
            "fault",
            "settings",
            f"GRU_SMTP_URL or GRU_MAIL_SENT: {error}",
            "See the list of settings in docs/operations.md.",
        )
        return
    try:
        try:
            sources = office.sources()
        except (ValueError, OSError) as error:
            yield Finding("fault", "settings", f"GRU_MAILBOXES: {error}", "See the list in docs/operations.md.")
            sources = []
        checking = Checking(
            databases=office.databases,
            data=read.data,
            log=office.log,
            keys=office.keys,
            town=office.town,
            blocks=office.blocks,
            projector=office.projector,
            vitals=office.vitals,
            sources=sources,
            way_out=_way_out(read.smtp_url, office.tokens),
            scanner=office.files.scanner,
            now=office.now,
        )
        yield from checking.findings()
    finally:
        office.close()


def _way_out(url: str, tokens: Tokens) -> Callable[[], None] | None:
    """Log in to the mail server and leave again; a folder is written when the first mail leaves."""
    out = transport(url, tokens) if url else None
    if isinstance(out, SmtpTransport):
        return out.check
    return None if out is None else lambda: None


def _shown(finding: Finding) -> str:
    level = click.style(f"{finding.level:<8}", fg=COLOURS[finding.level])
    todo = f"  → {finding.remedy}" if finding.remedy and finding.level != "ok" else ""
    click.echo(f"{level}{finding.about}: {finding.sentence}{todo}")
    return finding.level


@click.command("rebuild")
@click.argument("names", nargs=-1)
def fill_anew(names: tuple[str, ...]) -> None:
    """Fill projections anew (default: all) while the town keeps working."""
    with open_office(settings.read()) as office:
        office.prepare()
        unknown = set(names) - set(office.projector.projections)
        if unknown:
            known = ", ".join(sorted(office.projector.projections))
            raise click.ClickException(f"There is no projection {', '.join(sorted(unknown))}. There are: {known}.")
        try:
            rebuild(office.projector, names, show_progress)
        except (Busy, Overtaken) as refusal:
            raise click.ClickException(str(refusal)) from None


@click.command()
@click.option("--anchor", default="", help="A line printed by `gru anchor` and kept elsewhere.")
@click.option("--words", is_flag=True, help="Open every word and file too: are they those of which the log speaks?")
def verify(anchor: str, words: bool) -> None:
    """Recompute every digest of the log and of the frozen reports; name what does not fit."""
    with open_office(settings.read()) as office:
        try:
            kept = Anchor.parse(anchor) if anchor else None
        except ValueError:
            raise click.ClickException("This is not a line that `gru anchor` printed.") from None
        fault = verify_log(
            office.log, office.blocks, kept, lambda done, of: show_progress("verified up to position", done, of)
        )
        if fault is not None:
            raise click.ClickException(str(fault))
        click.echo(f"Every event fits, up to position {office.log.head()}.")
        reports = _reports(office)
        if reports:
            click.echo(reports)
        if words:
            click.echo(_words(office))


def _reports(office: Office) -> str:
    """The reports to the committee are what was frozen: how many; `ClickException` names every file that is not."""
    found = list(office.committee.all_frozen())
    unfit = [
        f"Report {report}, version {version.number}: its {part} is changed or gone "
        f"(SHA-256 {digest_of(version, part)})."
        for report, version in found
        for part in office.committee.unfit(version)
    ]
    if unfit:
        raise click.ClickException("\n".join(unfit))
    return f"Every frozen report fits: {len(found)}." if found else ""


def _words(office: Office) -> str:
    """How many words and files fit; `ClickException` names each that does not, by its id."""
    found = proofread(office.log, office.archive, lambda done, of: show_progress("words up to position", done, of))
    if found.misfits:
        raise click.ClickException("\n".join(str(misfit) for misfit in found.misfits))
    return f"Every word and file fits: {found.fitting}; erased, as the log says: {found.erased}."


@click.command()
def anchor() -> None:
    """Seal the log and print one line to keep elsewhere (on paper, at the archives, in a mail)."""
    with open_office(settings.read()) as office:
        while office.sealer.seal(office.now()):
            pass
        line = office.blocks.anchor()
        click.echo(str(line) if line else "The log is empty: there is nothing to anchor.")


COMMANDS = (check, fill_anew, verify, anchor, *copies.COMMANDS)
