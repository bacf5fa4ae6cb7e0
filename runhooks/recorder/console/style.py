"""Colours and styles of text on a terminal: what the numbers of an SGR sequence change."""

__all__ = ["restyle"]

_SWITCHES = {
    1: "bold",
    2: "dim",
    3: "italic",
    4: "underline",
    5: "blink",
    7: "reverse",
    8: "hidden",
    9: "strike",
}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 25: ("blink",), 27: ("reverse",)}
_OFF |= {28: ("hidden",), 29: ("strike",), 39: ("ink",), 49: ("paper",)}
_EXTENDED = {38: "ink", 48: "paper"}


def restyle(style: dict[str, str], codes: list[int]) -> None:
    """Change a style by the numbers of one SGR sequence."""
    while codes:
        code = codes.pop(0)
        if code == 0:
            style.clear()
        elif code in _SWITCHES:
            style[_SWITCHES[code]] = str(code)
        elif code in _OFF:
            for name in _OFF[code]:
                style.pop(name, None)
        elif code in _EXTENDED:
            _extended(style, _EXTENDED[code], code, codes)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["ink"] = str(code)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style["paper"] = str(code)


def _extended(style: dict[str, str], name: str, code: int, rest: list[int]) -> None:
    """Read a colour of 256, or one of red, green and blue."""
    kind = rest.pop(0) if rest else 0
    size = {5: 1, 2: 3}.get(kind, 0)
    values, rest[:size] = rest[:size], []
    if size and len(values) == size and max(values) < 256:
        style[name] = ";".join(map(str, (code, kind, *values)))
