"""The layout of tables: whatever the cells and however narrow the terminal, nothing is left out."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from runhooks.cli.plain import plain
from runhooks.cli.table import Column, joined, lay_out

COLUMNS = [Column("ID"), Column("NAME", "text"), Column("STEP", "number"), Column("TAGS", "text")]
WORDS = st.text(st.characters(codec="utf-8"), max_size=40).map(plain)
ROWS = st.lists(st.tuples(WORDS, WORDS, st.integers().map(str), WORDS), max_size=5)


def test_texts_are_wrapped_at_spaces_and_numbers_are_at_the_right() -> None:
    rows = [("a1", "calm lake over the hill", "7", "x"), ("b22", "b", "12345", "")]

    lines = [joined([cell for _, cell in line]) for line in lay_out(COLUMNS, rows, 24)]

    assert lines == [
        "a1   calm lake      7  x",
        "     over the",
        "     hill",
        "b22  b          12345",
    ]


@settings(max_examples=50, deadline=None)
@given(ROWS, st.integers(1, 120))
def test_no_character_is_lost_and_no_id_or_number_is_broken(
    rows: list[tuple[str, str, str, str]], room: int
) -> None:
    lines = list(lay_out(COLUMNS, rows, room))

    for at, column in enumerate(COLUMNS):
        cells = [line[at][1] for line in lines]
        assert "".join("".join(cells).split()) == "".join("".join(row[at] for row in rows).split())
        if column.kind != "text":
            assert [cell.strip() for cell in cells if cell.strip()] == [
                row[at].strip() for row in rows if row[at].strip()
            ]


@settings(max_examples=50, deadline=None)
@given(ROWS, st.integers(1, 120))
def test_lines_are_as_wide_as_the_terminal_unless_ids_and_numbers_need_more(
    rows: list[tuple[str, str, str, str]], room: int
) -> None:
    fixed = sum(max((cell_len(row[at]) for row in rows), default=0) for at in (0, 2))

    for line in lay_out(COLUMNS, rows, room):
        assert cell_len(joined([cell for _, cell in line])) <= max(room, fixed + 6 + 2 * 8)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_without_a_limit_a_row_is_a_line(rows: list[tuple[str, str, str, str]]) -> None:
    assert len(list(lay_out(COLUMNS, rows, None))) == len(rows)
