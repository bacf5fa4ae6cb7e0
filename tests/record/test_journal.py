import os
import signal

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runhooks.journal import Journal, parse, seal, segment_name, segments
from tests.programs import start

LINES = [seal(b'{"type":"log","step":%d,"time":1,"data":{"a":%d}' % (n, n * 7)) for n in range(40)]
WHOLE = b"".join(LINES)
EVENTS = [orjson.loads(line) for line in LINES]


def test_a_line_is_plain_json_with_its_checksum_last():
    assert LINES[0] == b'{"type":"log","step":0,"time":1,"data":{"a":0},"crc":"182c614f"}\n'


def test_every_cut_of_a_journal_reads_as_a_prefix_of_its_events():
    ends = [0]
    for line in LINES:
        ends.append(ends[-1] + len(line))
    for cut in range(len(WHOLE) + 1):
        parsed = parse(WHOLE[:cut])
        found = list(parsed)
        assert found == EVENTS[: len(found)]
        assert parsed.damaged == 0
        assert parsed.end == ends[len(found)]


def test_a_flipped_byte_anywhere_damages_its_own_line_and_no_other():
    step = 1  # every byte of the whole journal
    for place in range(0, len(WHOLE), step):
        flipped = bytearray(WHOLE)
        flipped[place] ^= 0x15
        parsed = parse(bytes(flipped))
        found = list(parsed)
        assert len(found) >= len(EVENTS) - 2  # a flipped line feed joins two lines
        assert all(event in EVENTS for event in found)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_the_parser_raise_or_invent_an_event(noise):
    assert list(parse(noise)) == []
    found = list(parse(LINES[0] + noise + b"\n" + LINES[1]))
    assert found[0] == EVENTS[0]
    assert found[-1] == EVENTS[1]


def test_a_line_that_is_sealed_but_no_object_is_passed_over():
    assert list(parse(seal(b'"text') + LINES[0])) == [EVENTS[0]]


def test_a_full_segment_is_followed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("runhooks.journal.SEGMENT_BYTES", 500)
    journal = Journal(tmp_path, "w")
    for line in LINES:
        journal.append(line[: line.rindex(b',"crc"')])
    journal.close()
    numbers = segments(tmp_path / "w")
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 3
    found = [event for n in numbers for event in parse((tmp_path / "w" / segment_name(n)).read_bytes())]
    assert found == EVENTS


def test_a_writer_that_comes_again_begins_a_new_segment(tmp_path):
    for _ in range(2):
        journal = Journal(tmp_path, "w")
        journal.event("alert", title="x")
        journal.close()
    assert segments(tmp_path / "w") == [0, 1]


def test_rows_that_a_disk_does_not_take_are_counted_and_the_next_ones_are_whole(tmp_path):
    """A file size limit stands for a full disk: the kernel takes a part of a line, then nothing."""
    process = start(
        """
import resource, signal, sys
from pathlib import Path
from runhooks.journal import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path("journal"), "w")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
for n in range(30):
    journal.append(b'{"type":"log","step":%d,"time":1,"data":{"a":1.5}' % n)
print(journal.lost, type(journal.fault).__name__)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for n in range(30, 40):
    journal.append(b'{"type":"log","step":%d,"time":1,"data":{"a":1.5}' % n)
print(journal.lost)
""",
        tmp_path,
    )
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    (lost, fault), (lost_at_the_end,) = (line.split() for line in out.splitlines())
    parsed = parse((tmp_path / "journal" / "w" / segment_name(0)).read_bytes())
    steps = [event["step"] for event in parsed]
    assert fault == "OSError"
    assert lost_at_the_end == lost
    assert len(steps) == 40 - int(lost)
    assert steps[-10:] == list(range(30, 40))
    assert steps == sorted(set(steps))


def test_a_closed_journal_counts_what_comes_late(tmp_path):
    journal = Journal(tmp_path, "w")
    journal.close()
    journal.event("alert", title="late")
    assert journal.lost == 1


@pytest.mark.faults
def test_what_append_returned_for_survives_sigkill(tmp_path):
    process = start(
        """
import os
from pathlib import Path
from runhooks.journal import Journal
journal = Journal(Path("journal"), "w")
n = 0
while True:
    journal.append(b'{"type":"log","step":%d,"time":1,"data":{"a":1.5}' % n)
    n += 1
    if n % 100 == 0:
        os.write(1, b"%d\\n" % n)
""",
        tmp_path,
    )
    for _ in range(50):
        told = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().split()
    process.communicate()
    told = int(rest[-1]) if rest else told
    folder = tmp_path / "journal" / "w"
    events = [event for n in segments(folder) for event in parse((folder / segment_name(n)).read_bytes())]
    assert [event["step"] for event in events][:told] == list(range(told))
