"""With which colours is a picture put on paper? Those the stylesheets give it in the light theme."""

import re
from functools import cache
from pathlib import Path

from gru.office.papers import Ink

_RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
_OURS = re.compile(r"^\.(?:chart|stage-)[\w-]*")
_COLOUR = re.compile(r"(?:fill|stroke):(#[0-9A-Fa-f]{3,6})")
_WORDS = "text{font-family:'Libertinus Serif';font-size:13px}"


@cache
def ink() -> Ink:
    """The rules of the pictures, each variable replaced by what it stands for."""
    sheets = sorted((Path(__file__).parents[1] / "static").glob("*.css"))
    css = "\n".join(path.read_text("utf-8") for path in sheets)
    light = dict(re.findall(r"--([\w-]+):([^;}]+)", css[: css.index("}", css.index(":root"))]))
    screen = re.sub(r"/\*.*?\*/", "", css, flags=re.S).split("@media")[0]
    rest = "".join(part.split("}}", 1)[-1] for part in re.sub(r"/\*.*?\*/", "", css, flags=re.S).split("@media")[1:])
    rules: list[str] = []
    colours: dict[str, str] = {}
    for selectors, body in _RULE.findall(screen + rest):
        ours = [one.strip() for one in selectors.split(",") if _OURS.match(one.strip())]
        said = re.sub(r"var\(--([\w-]+)\)", lambda found: light.get(found[1], "#000"), body)
        if not ours or "font:" in said:
            continue
        rules.append(f"{','.join(ours)}{{{said}}}")
        colour = _COLOUR.search(said)
        for one in ours:
            name = one.split(".")[-1].strip()
            if colour and " " not in name:
                colours.setdefault(name, colour[1])
    return Ink("".join(rules) + _WORDS, colours)
