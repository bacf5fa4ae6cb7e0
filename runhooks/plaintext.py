"""Text that is only shown: without what a terminal or a browser would obey."""

import re

__all__ = ["clean", "plain"]

# Texts, not compiled: what a terminal shows is mostly plain, and `re` keeps what it compiled.
_STRANGE = (
    "\x1b\\[[0-9;:?]*[ -/]*[@-~]"  # an ANSI sequence (colours, cursor)
    "|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?"  # an operating-system command: titles, links
    "|\x1b[@-Z\\\\^_]?"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # control characters except tab and line feed
    "|[\u202a-\u202e\u2066-\u2069]"  # overrides that show text in another order than it has
)
_SURROGATE = "[\ud800-\udfff]"
_INVISIBLE = "[\u061c\u200e\u200f\u2028\u2029\ufeff]"
_BREAKS = r"[\t\n\r]+"


def clean(text: str) -> str:
    r"""Return text without what acts instead of being read.

    ANSI sequences, control characters and bidi overrides go; a lone surrogate becomes its escape.

    >>> clean("\x1b[31mred\x1b[0m \u202etxt")
    'red txt'
    """
    if text.isascii() and text.isprintable():
        return text
    text = re.sub(_STRANGE, "", text.replace("\r\n", "\n"))
    return re.sub(_SURROGATE, lambda found: f"\\u{ord(found.group()):04x}", text)


def plain(text: str) -> str:
    r"""Return text as one line that a terminal only shows, and does not obey.

    ANSI sequences, control characters and marks that turn the direction of writing go.

    >>> plain("\x1b]0;owned\x07a\nb\u202e")
    'a b'
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_INVISIBLE, "", clean(re.sub(_BREAKS, " ", text)))
