"""What a terminal shows, piece by piece."""

import pytest

from runhooks.recorder.console.row import Line
from runhooks.recorder.console.screen import Terminal


def shown(*pieces: str, height: int = 24) -> list[str]:
    lines: list[Line] = []
    terminal = Terminal(height, lines.append)
    for piece in pieces:
        terminal.feed(piece, 1)
    terminal.close()
    return [line.text for line in lines]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("a\nb\n", ["a", "b"]),
        ("no end", ["no end"]),
        ("  0%\r 50%\r100%\n", ["100%"]),
        ("long line\rlo\n", ["long line"]),
        ("long line\r\x1b[Klo\n", ["lo"]),
        ("abc\b\bX\n", ["aXc"]),
        ("bar 0\n\rbar 1\x1b[A\rBAR 0\n\n", ["BAR 0", "bar 1"]),
        ("a\tb\n", ["a       b"]),
        ("one\ntwo\x1b[1A\x1b[2Kx\n", ["   x", "two"]),
        ("\x1b[31mred\x1b[0m plain\n", ["\x1b[31mred\x1b[0m plain"]),
        ("\x1b[1m\x1b[38;5;200mx\x1b[22my\x1b[m\n", ["\x1b[1;38;5;200mx\x1b[0m\x1b[38;5;200my\x1b[0m"]),
        ("\x1b[4:3mwave\x1b[0m\n", ["\x1b[4;3mwave\x1b[0m"]),
        ("\x1b]0;title\x07text\n", ["text"]),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", ["link"]),
        ("\x1bPq#0;2;0;0;0\x1b\\after\n", ["after"]),
        ("\x1b[?25lhidden cursor\x1b[?25h\n", ["hidden cursor"]),
        ("\u202eevil\u2066\x01\n", ["evil"]),
        ("日本\rx\n", ["x 本"]),
        ("e\u0301\n", ["e\u0301"]),
        ("a\n\n\nb\n", ["a", "", "", "b"]),
        ("trailing   \n", ["trailing"]),
        ("kept\x1b[2J\x1b[Hafter\n", ["kept", "after"]),
        ("shell\x1b[?1049hfull screen\x1b[?1049l back\n", ["shell back"]),
    ],
)
def test_it_shows_what_a_terminal_shows(written, seen):
    assert shown(written) == seen


def test_sequences_may_be_cut_anywhere():
    written = "a\x1b[1;31mred\x1b[0m\r\n\x1b[2Kb\x1b[1A\rX\n\n"
    whole = shown(written)
    assert whole == ["X\x1b[1;31mred\x1b[0m", "b"]
    for at in range(len(written)):
        assert shown(written[:at], written[at:]) == whole


def test_lines_above_the_screen_are_final_at_once():
    lines: list[Line] = []
    terminal = Terminal(3, lines.append)
    terminal.feed("1\n2\n3\n4\n", 7)
    assert lines == [Line("1", 7), Line("2", 7)]
    assert terminal.lines() == [Line("3", 7), Line("4", 7)]
    terminal.feed("\x1b[9A\rX", 9)
    assert terminal.lines() == [Line("X", 9), Line("4", 7)]


def test_a_very_long_line_is_cut_and_says_so():
    (line,) = shown("x" * 50_000 + "\n")
    assert line.endswith("… 30,000 more characters of this line are in the raw log")
    (again,) = shown("x" * 50_000 + "\r\x1b[Kshort\n")
    assert again == "short"
