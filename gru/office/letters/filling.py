"""What does the letter say, word for word?

The town's templates are filled in a sandbox: they can neither change anything nor reach beyond the fields they are
given, and a field that was not filled stops the letter.
"""

from functools import lru_cache

import msgspec
from jinja2 import DictLoader, StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gru.domain.errors import BadInput, Refused
from gru.domain.town import Town
from gru.office.letters.context import context_of
from gru.office.letters.examples import examples
from gru.office.letters.facts import CaseFacts

_SUBJECT = "Objet :"

WRONG = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
"""What a template somebody wrote can do wrong."""


class UnfilledField(Refused):
    """The letter needs a field nobody filled; `field` in its values names it."""

    code = "unfilled_field"


class Letter(msgspec.Struct, frozen=True):
    """The exact words that leave; `version` is the town's, for the proof."""

    subject: str
    text: str
    template: str
    version: int

    @property
    def whole(self) -> str:
        """Subject and text as one, which `split_subject` takes apart again."""
        return f"{_SUBJECT} {self.subject}\n\n{self.text}" if self.subject else self.text


def letter(town: Town, template: str, facts: CaseFacts) -> Letter:
    """Write the letter; a template is called by its name, see `Town.template` for the one of a use."""
    return written(_environment(tuple(town.templates.items())), town, template, facts)


def written(environment: ImmutableSandboxedEnvironment, town: Town, template: str, facts: CaseFacts) -> Letter:
    if template not in town.templates:
        raise BadInput(f"There is no template {template}.", field="template", value=template)
    try:
        whole = environment.get_template(template).render(context_of(town, facts))
    except UndefinedError as error:
        field = _field_of(error)
        raise UnfilledField(f"The field {field} of {template} is not filled.", field=field, template=template) from None
    except WRONG as error:
        raise BadInput(f"The template {template} is wrong: {error}", field="template", value=template) from None
    subject, text = split_subject(whole)
    return Letter(subject, text, template, town.number)


def problem_with(town: Town, use: str) -> str:
    """Why the letter of this use cannot be written for an example, in a sentence; `""` when it can."""
    for example, facts in examples(town, use):
        try:
            letter(example, town.letters[use], facts)
        except Refused as refusal:
            return str(refusal)
    return ""


@lru_cache(maxsize=8)
def _environment(templates: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    return environment_of(templates)


def environment_of(templates: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    """A sandbox over the town's templates, which include each other by name."""
    named = {**dict(templates), **{f"{name}.txt": text for name, text in templates}}
    return ImmutableSandboxedEnvironment(
        loader=DictLoader(named),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )


def _field_of(error: UndefinedError) -> str:
    """A group names its field itself; of a group that does not exist, the library says “'groupe' is undefined”."""
    said = error.message or ""
    return said.split("'")[1] if said.endswith("is undefined") else said


def split_subject(whole: str) -> tuple[str, str]:
    """The subject, from a first line that says it, and the text."""
    first, _, rest = whole.partition("\n")
    if not first.startswith(_SUBJECT):
        return "", whole.strip("\n") + "\n"
    return first.removeprefix(_SUBJECT).strip(), rest.strip("\n") + "\n"
