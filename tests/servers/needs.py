"""What do the tests need that this machine may lack, and what happens then?"""

import os
from collections.abc import Callable
from typing import NoReturn, TypeVar

import pytest

Found = TypeVar("Found")


class Missing(Exception):
    """In a sentence: what is not there, and what would help."""


def need(find: Callable[[], Found]) -> Found:
    """What `find` finds; else the test is skipped loudly, and with CI=true it fails."""
    try:
        return find()
    except Missing as missing:
        do_without(str(missing))


def do_without(sentence: str) -> NoReturn:
    if must_have_everything():
        pytest.fail(f"MISSING: {sentence}", pytrace=False)
    pytest.skip(f"MISSING: {sentence}")


def must_have_everything() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def wheels_only() -> bool:
    """Whether to pass over the machine's own servers, as on a machine that has none."""
    return bool(os.environ.get("GRU_TEST_WHEELS"))
