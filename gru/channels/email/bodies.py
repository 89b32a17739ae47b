"""Which text does a body hold, for someone who reads it in a case?"""

import html
import re
from itertools import zip_longest
from typing import Any

from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_document_state import HtmlDocumentState
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from inscriptis.model.tag.table_tag import table_end_handler
from lxml import etree  # type: ignore[import-untyped]  # it ships no types

LONGEST = 1_000_000  # bytes of one text part, and of one HTML part, that are read
_DEEPEST = 100
_MOST_TAGS = 10_000
_MOST_INDENTED = 10_000_000  # lines times depth: each list moves its lines to the right
_LARGEST_TABLES = 10_000_000  # characters that all tables together may fill: each cell is as wide as its column

_QUOTE_OPENS, _QUOTE_CLOSES = "\ue000", "\ue001"
_MARKS = str.maketrans("", "", _QUOTE_OPENS + _QUOTE_CLOSES)
_OPENED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_DO_NOT_NEST = {
    "p", "br", "hr", "img", "li", "td", "th", "tr", "dt", "dd", "tbody", "thead", "option", "meta", "link", "input",
    "col", "wbr", "area",
}  # fmt: skip
_INVISIBLE = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|hr|/blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_NO_QUOTE_STYLE = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)
_QUOTE_STYLE = re.compile(r"border-left(?:-width|-style|-color)?\s*:", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([A-Za-z0-9_:-]{2,40})", re.IGNORECASE)
_TAME_STYLE = re.compile(
    r"\s*(?:(?:display|white-space|vertical-align)\s*:\s*[a-z-]{1,20}"
    r"|margin-(?:top|bottom)\s*:\s*\d{1,2}(?:\.\d{1,9})?[a-z]{0,3})\s*",
    re.IGNORECASE,
)
"""What a style may still say: Inscriptis writes a blank for each unit of a length, however long."""


def plain(text: str) -> str:
    """Text as it is read: one kind of newline, no control characters, no ends of blanks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    return _trimmed(_NOT_TEXT.sub("", text).translate(_MARKS))


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def declared_in_html(content: bytes) -> str:
    """The charset an HTML part names in its own head, "" without one."""
    found = _META_CHARSET.search(content[:4096])
    return found[1].decode("ascii") if found else ""


def from_html(source: str) -> str:
    """HTML as text; quoted blocks get "> " before each line, as in a plain mail. What cannot be laid out, or would
    grow by it, is read without its layout."""
    source = plain(source)
    if not source.strip():
        return ""
    if _is_hostile(source):
        return _roughly(source)
    try:
        text = _laid_out(source)
    except Exception:
        return _roughly(source)
    return text if len(text) <= LONGEST else _roughly(source)


def _laid_out(source: str) -> str:
    tree = _tree(source)
    _mark_quotes(tree)
    _tame(tree)
    tables = CustomHtmlTagHandlerMapping({}, {"table": _Tables().end})
    parser = ParserConfig(css=CSS_PROFILES["strict"], custom_html_tag_handler_mapping=tables)
    return _BLANK_LINES.sub("\n\n", _prefixed(_trimmed(Inscriptis(tree, parser).get_text())))


def _is_hostile(source: str) -> bool:
    """Too many tags, or too deep, to be given to a recursive reader."""
    tags = source.count("<")
    if tags > _MOST_TAGS:
        return True
    deepest = _depth(source)
    return deepest > _DEEPEST or deepest * (tags + source.count("\n")) > _MOST_INDENTED


def _depth(source: str) -> int:
    depth = deepest = 0
    for closing, tag in _OPENED.findall(source):
        if tag.lower() not in _DO_NOT_NEST:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _tame(tree: Any) -> None:
    for element in tree.iter(etree.Element):
        if style := element.get("style"):
            element.set("style", ";".join(filter(_TAME_STYLE.fullmatch, style[:5000].split(";"))))


class _TooLarge(Exception):
    pass


class _Tables:
    """The room that all tables of one mail share."""

    def __init__(self) -> None:
        self._left = _LARGEST_TABLES

    def end(self, state: HtmlDocumentState) -> None:
        """As Inscriptis ends a table, which makes each cell as wide as its column and as high as its row."""
        rows = [[cell.get_text().split("\n") for cell in row.columns] for row in state.current_table[-1].rows]
        height = sum(max(map(len, row), default=0) for row in rows)
        width = sum(max(len(line) for cell in column for line in cell) for column in zip_longest(*rows, fillvalue=[""]))
        self._left -= height * width
        if self._left < 0:
            raise _TooLarge
        table_end_handler(state)


def _tree(source: str) -> Any:
    declaration = _XML_DECLARATION.match(source)
    source = source[declaration.end() :] if declaration else source
    parser = etree.HTMLParser(recover=True, huge_tree=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(source, parser)


def _roughly(source: str) -> str:
    text = _TAG.sub("", _BREAK.sub("\n", _INVISIBLE.sub("", source)))
    return _BLANK_LINES.sub("\n\n", plain(html.unescape(text)))


def _mark_quotes(tree: Any) -> None:
    """A line with a mark before and after each block that quotes."""
    for block in list(tree.iter("blockquote")):
        parent = block.getparent()
        if parent is None or not _is_quote(block):
            continue
        for mark, offset in ((_QUOTE_CLOSES, 1), (_QUOTE_OPENS, 0)):
            line = etree.Element("div")
            line.text = mark
            parent.insert(parent.index(block) + offset, line)
            if offset:
                line.tail, block.tail = block.tail, None


def _is_quote(block: Any) -> bool:
    style = block.get("style", "")
    if _NO_QUOTE_STYLE.search(style):
        return False
    return block.get("type") == "cite" or "quote" in block.get("class", "") or bool(_QUOTE_STYLE.search(style))


def _prefixed(text: str) -> str:
    depth, lines = 0, []
    for line in text.split("\n"):
        if _QUOTE_OPENS in line or _QUOTE_CLOSES in line:
            depth = max(0, depth + line.count(_QUOTE_OPENS) - line.count(_QUOTE_CLOSES))
            line = line.translate(_MARKS)
            if not line.strip():
                continue
        lines.append("> " * min(depth, 9) + line if depth else line)
    return "\n".join(lines)
