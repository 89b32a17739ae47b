"""In which colours is a picture printed, that the page colours by its stylesheet?"""

from collections.abc import Mapping

import msgspec


class Ink(msgspec.Struct, frozen=True):
    """Rules for the classes of a picture with colours of their own, and the colour of each class in its key."""

    style: str
    colours: Mapping[str, str]

    def of(self, css: str) -> str:
        """The colour of one entry of a picture's key."""
        return self.colours.get(css, "#75837c")


def printed(svg: str, ink: Ink) -> str:
    """The picture with colours of its own, for who has no stylesheet."""
    named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns=" not in svg else svg
    head, mark, rest = named.partition(">")
    return f"{head}{mark}<style>{ink.style}</style>{rest}"
