"""Reading journals piece by piece: whatever the size of a piece, each event comes once."""

import pytest

from runhooks.journal import Journal, segment_name
from runhooks.recorder.tail import Tail

WRITER = "20261123T060102123456-r0-000000"


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal", WRITER)
    yield journal
    journal.close()


def said(news):
    return [event["said"] for piece in news for event in piece.events]


@pytest.mark.parametrize("piece", [1, 64, 100, 1000, 2**20])
def test_lines_longer_than_a_piece_come_whole_and_a_torn_one_when_it_is_complete(
    tmp_path, journal, monkeypatch, piece
):
    monkeypatch.setattr("runhooks.recorder.tail.PIECE", piece)
    texts = ["x" * length for length in (1, 300, 2, 3, 5000, 4)]
    for text in texts:
        journal.event("say", said=text)
    segment = tmp_path / "journal" / WRITER / segment_name(0)
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-5])
    tail = Tail(tmp_path, {}, WRITER)
    assert said(tail.read()) == texts[:-1]
    assert said(tail.read()) == []
    with segment.open("ab") as file:
        file.write(whole[-5:])
    assert said(tail.read()) == texts[-1:]
    journal.close()
    last = list(tail.read(closed=True))
    assert said(last) == []
    assert [news.sealed for news in last] == [True]


@pytest.mark.parametrize("piece", [1, 64, 2**20])
@pytest.mark.parametrize("known", range(5))
def test_what_the_document_has_is_told_apart_at_any_line(tmp_path, journal, monkeypatch, piece, known):
    monkeypatch.setattr("runhooks.recorder.tail.PIECE", piece)
    for number in range(4):
        journal.event("say", said=number)
    lines = (tmp_path / "journal" / WRITER / segment_name(0)).read_bytes().splitlines(keepends=True)
    applied = {WRITER: (0, sum(map(len, lines[:known])))}
    found = list(Tail(tmp_path, applied, WRITER).read())
    assert said(news for news in found if news.known) == list(range(known))
    assert said(news for news in found if not news.known) == list(range(known, 4))
