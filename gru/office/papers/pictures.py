"""In which colours is a picture printed, that the page colours by its stylesheet?"""

COLOURS = {
    "s1": "#0d5b57",
    "s2": "#0b4f86",
    "s3": "#9a6414",
    "s4": "#6a67a8",
    "bad": "#a01c1c",
    "thin": "#75837c",
    "band": "#d9ebe8",
}
STROKES = {"l1": "#0d5b57", "l2": "#0b4f86", "l3": "#7a4700"}
"""As in the light theme of the pages; every area keeps its hatching and every line its label."""

_STYLE = (
    "text{font-family:'Libertinus Serif';font-size:13px;fill:#43524c}.val{fill:#15231f;font-weight:bold}"
    ".grid{stroke:#dae0dc;stroke-width:1;fill:none}.axis{stroke:#75837c;stroke-width:1;fill:none}"
    ".target{stroke:#43524c;stroke-dasharray:5 4;stroke-width:1.5;fill:none}.hatched{stroke:#fff;stroke-width:2}"
    + "".join(f".{css}{{fill:{colour}}}" for css, colour in COLOURS.items())
    + "".join(f".{css}{{fill:none;stroke:{colour};stroke-width:2.5}}" for css, colour in STROKES.items())
)


def printed(svg: str) -> str:
    """The picture with colours of its own, for who has no stylesheet."""
    named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns=" not in svg else svg
    head, mark, rest = named.partition(">")
    return f"{head}{mark}<style>{_STYLE}</style>{rest}"


def swatch(css: str) -> str:
    """The colour of one entry of a picture's key."""
    return COLOURS.get(css) or STROKES.get(css) or "#75837c"
