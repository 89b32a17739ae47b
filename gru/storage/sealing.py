"""How is a value sealed so that one key alone opens it, and for how long is a key remembered?"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Tampered(Exception):
    """A sealed value does not open with its own key: it was changed, or it lies under another's id."""


def seal(key: bytes, bound_to: str, plain: bytes) -> bytes:
    """`plain` readable by `key` alone, and only where it is expected (`bound_to`)."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def unseal(key: bytes, bound_to: str, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise Tampered(bound_to) from error


class Memory:
    """Keys seen of late. Another process's destruction is noticed after `seconds` at the latest."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds, self._most = seconds, most
        self._guard = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self.generation = 0

    def get(self, names: Iterable[str]) -> dict[str, bytes]:
        now = time.monotonic()
        found = {}
        with self._guard:
            for name in names:
                entry = self._kept.get(name)
                if entry is not None and entry[0] > now:
                    self._kept.move_to_end(name)
                    found[name] = entry[1]
        return found

    def put(self, keys: dict[str, bytes], generation: int) -> None:
        """Nothing is kept that was read before the last destruction."""
        until = time.monotonic() + self._seconds
        with self._guard:
            if generation != self.generation:
                return
            for name, key in keys.items():
                self._kept[name] = (until, key)
                self._kept.move_to_end(name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._guard:
            self.generation += 1
            self._kept.clear()
