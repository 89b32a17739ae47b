"""In which ways can a wish be refused? Each in a sentence the asker can act on."""


class Refused(Exception):
    """A rule says no. `code` keys the French sentence of the message catalogue, `values` fill it."""

    code = "refused"

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.values = values


class NoSuchCase(Refused):
    code = "no_such_case"


class CaseIsClosed(Refused):
    code = "case_is_closed"


class NotNow(Refused):
    """The wish is known but the case's state does not allow it."""

    code = "not_now"


class BadInput(Refused):
    """A value is not one of those allowed."""

    code = "bad_input"


class CannotMerge(Refused):
    """`field` says what stands in the way: closed, merged, chain, main."""

    code = "cannot_merge"


class NewerVersion(Refused):
    """Somebody adopted another version of the town since this one was begun."""

    code = "newer_version"
