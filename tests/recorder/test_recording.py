"""The recorder's own code, called directly: what it does with a run's folder, a step at a time."""

import json
import os
import shutil
from contextlib import suppress

import pytest

from runhooks.errors import StoreUnreachableError
from runhooks.journal import Journal
from runhooks.record.document import from_bytes, to_bytes
from runhooks.record.read import read_view
from runhooks.record.view import RunView
from runhooks.recorder.main import serve
from runhooks.recorder.orders import Order
from runhooks.recorder.pages import RunPages
from runhooks.recorder.protocol import Lines, encode
from runhooks.recorder.recording import Busy, Recording
from runhooks.site.build import build_run
from runhooks.storage import Retry, open_store
from tests.programs import only, rows

START = 1_763_877_662_000_000
FOLDER = "default/p/runs/mine"
WRITER = "20261123T060102123456-r0-000000"


def begun(tmp_path):
    """Open a run by hand, as a training process does."""
    folder = tmp_path / "runs" / FOLDER
    folder.mkdir(parents=True)
    view = RunView(id="mine", entity="default", project="p", name="n", created_at=START)
    (folder / "run.json").write_bytes(to_bytes(view))
    journal = Journal(folder / "journal", WRITER)
    journal.event("start", writer=journal.writer, primary=True, pid=1)
    return journal


@pytest.fixture
def journal(tmp_path):
    """Open a run by hand, and close it."""
    journal = begun(tmp_path)
    yield journal
    journal.close()


def ordered(tmp_path):
    return {
        "run": "default/p/mine",
        "folder": str(tmp_path / "runs" / FOLDER),
        "store": str(tmp_path / "runs"),
        "writer": WRITER,
    }


def order(tmp_path, **more):
    return Order.of({**ordered(tmp_path), **more})


def log(journal, first, last):
    for step in range(first, last):
        journal.append(b'{"type":"log","step":%d,"time":%d,"data":{"a":%d}' % (step, START + step, step))


def finish(journal):
    journal.event("finish", writer=journal.writer, state="finished", reason=None, exit={"exit_code": 0})


def test_a_run_without_a_finish_event_crashed(tmp_path, journal):
    log(journal, 0, 3)
    recording = Recording(order(tmp_path))
    recording.begin()
    answer = recording.finish()
    assert answer["state"] == "crashed"
    view = only(tmp_path)
    assert (view.state, view.heartbeat) == ("crashed", None)
    assert view.sessions[0].ended_at is not None
    assert not (tmp_path / "runs" / FOLDER / "journal").exists()


def test_a_run_that_ends_as_it_begins_gets_its_page_once(tmp_path, journal):
    log(journal, 0, 3)
    finish(journal)
    recording = Recording(order(tmp_path))
    recording.begin(ended=True)
    page = tmp_path / "runs" / FOLDER / "index.html"
    assert not page.exists()
    assert recording.finish()["error"] is None
    assert "finished" in page.read_text()
    assert (tmp_path / "runs" / "default" / "p" / "index.html").exists()
    view = only(tmp_path)
    assert (view.state, view.summary, "cpu_count" in view.environment) == ("finished", {"a": 2}, True)


def test_a_run_whose_end_is_told_with_its_beginning_is_rendered_once(tmp_path, journal, monkeypatch):
    rendered = []
    refresh = RunPages.refresh

    def noted(pages, *args, last, **more):
        rendered.append(last)
        return refresh(pages, *args, last=last, **more)

    monkeypatch.setattr(RunPages, "refresh", noted)
    log(journal, 0, 3)
    finish(journal)
    (commands, to), (answers, replies) = os.pipe(), os.pipe()
    told = {"command": "open", **ordered(tmp_path)}, {"command": "finish", "run": "default/p/mine"}
    os.write(to, b"".join(map(encode, told)))
    os.close(to)
    serve(commands, replies)
    assert rendered == [True]
    assert [message["event"] for message in Lines().feed(os.read(answers, 65536))] == ["finished"]
    for fd in (commands, answers, replies):
        os.close(fd)


def test_two_recorders_never_have_one_run(tmp_path, journal):
    recording = Recording(order(tmp_path))
    with pytest.raises(Busy, match="run default/p/mine is being recorded by another process"):
        Recording(order(tmp_path))
    recording.save()
    Recording(order(tmp_path)).close()


@pytest.mark.parametrize("moment", range(16))
def test_a_recorder_that_takes_over_at_any_moment_neither_loses_nor_doubles(tmp_path, monkeypatch, moment):
    """The first recorder dies after its k-th write or deletion, for every k; the second completes the run."""
    monkeypatch.setattr("runhooks.journal.SEGMENT_BYTES", 1000)
    monkeypatch.setattr("runhooks.recorder.tail._SETTLED_S", 0.0)
    journal = begun(tmp_path)
    log(journal, 0, 60)
    first = Recording(order(tmp_path))
    dying = first._store = first._compaction._store = first._pages._pages.store = Dying(first._store, moment)
    with suppress(Died):
        first.begin()
        first.tick()
    log(journal, 60, 70)
    finish(journal)
    with suppress(Died):
        first.finish()
    assert dying.dead
    first.close()
    second = Recording(order(tmp_path))
    second.begin()
    second.finish()
    journal.close()
    view = only(tmp_path)
    assert [step for step, _ in joined(tmp_path, view)] == list(range(70))
    assert (view.metrics["a"].count, view.metrics["a"].total) == (70, sum(range(70)))
    assert view.state == "finished"


def joined(tmp_path, view):
    """Return the rows of metric a, in order of steps."""
    return sorted(rows(tmp_path, view)["a"])


class Died(BaseException):
    """Stands for SIGKILL: nothing catches it."""


class Dying:
    """A store whose process dies right after a number of writes and deletions."""

    def __init__(self, store, changes):
        self._store = store
        self._left = changes

    def __getattr__(self, name):
        return getattr(self._store, name)

    def write(self, *args, **kwargs):
        if not self.dead:
            self._store.write(*args, **kwargs)
        self._count()

    def delete(self, *args):
        if not self.dead:
            self._store.delete(*args)
        self._count()

    def _count(self):
        self._left -= 1
        if self.dead:
            raise Died

    @property
    def dead(self):
        return self._left < 0


def test_what_the_recorder_rendered_last_is_what_render_makes_of_the_record(tmp_path, journal):
    log(journal, 0, 3000)
    finish(journal)
    recording = Recording(order(tmp_path))
    recording.begin()
    recording.tick()
    recording.finish()
    folder = tmp_path / "runs" / FOLDER
    pages = {
        path: path.read_bytes() for path in [folder / "index.html", *sorted((folder / "data").iterdir())]
    }
    assert len(pages) == 5
    shutil.rmtree(folder / "data")
    (folder / "index.html").unlink()
    build_run(open_store(tmp_path / "runs"), FOLDER)
    for path, data in pages.items():
        assert path.read_bytes() == data, path


def test_a_damaged_line_is_passed_over(tmp_path, journal):
    log(journal, 0, 2)
    path = tmp_path / "runs" / FOLDER / "journal" / journal.writer / "00000000.jsonl"
    with path.open("ab") as file:
        file.write(b'{"type":"log","step":9,"time":1,"data":{"a":9},"crc":"00000000"}\n')
    log(journal, 2, 3)
    recording = Recording(order(tmp_path))
    recording.begin()
    recording.finish()
    assert [step for step, _ in rows(tmp_path, only(tmp_path))["a"]] == [0, 1, 2]


def test_a_heartbeat_has_a_number_and_does_not_wait_for_rows(tmp_path, journal):
    recording = Recording(order(tmp_path, heartbeat_s=0))
    recording.begin()
    recording.tick()
    recording.tick()
    document = from_bytes((tmp_path / "runs" / FOLDER / "run.json").read_bytes())
    assert document.heartbeat.seq == 3
    recording.close()


class Flaky:
    """A store elsewhere that is out of reach until it is switched on. A fake, by hand."""

    def __init__(self, store):
        self._store = store
        self.up = False

    def __getattr__(self, name):
        if not self.up and name in ("read", "write", "create", "list", "delete"):

            def refuse(*args, **kwargs):
                raise StoreUnreachableError("no answer")

            return refuse
        return getattr(self._store, name)


def test_a_spooled_run_waits_for_its_store_and_goes_when_all_of_it_is_there(tmp_path, journal, monkeypatch):
    spool = tmp_path / "runs"
    flaky = Flaky(open_store(tmp_path / "elsewhere"))
    opened = open_store

    def open_flaky(url, *args, **kwargs):
        return flaky if str(url) == "test://there" else opened(url)

    monkeypatch.setattr("runhooks.recorder.sending._USUAL", Retry(deadline=0))
    monkeypatch.setattr("runhooks.recorder.sending.open_store", open_flaky)
    log(journal, 0, 3)
    recording = Recording(order(tmp_path, store="test://there", mirrored=True))
    recording.begin()
    assert recording.trouble == "no answer"
    flaky.up = True
    recording._sending.due_at = 0.0
    recording.tick()
    assert recording.trouble is None
    view = read_view(open_store(tmp_path / "elsewhere"), FOLDER)
    assert (view.state, view.summary) == ("running", {"a": 2})
    finish(journal)
    answer = recording.finish()
    assert (answer["where"], answer["error"]) == ("test://there", None)
    assert not (spool / FOLDER).exists()
    store = open_store(tmp_path / "elsewhere")
    assert read_view(store, FOLDER).state == "finished"
    assert [entry.path for entry in store.list(f"{FOLDER}/journal")] == []
    assert json.loads(store.read("default/p/index/mine.json"))
    assert store.read("default/p/index.html")


def test_a_spooled_run_is_kept_when_the_store_does_not_take_all_of_it(tmp_path, journal, monkeypatch):
    flaky = Flaky(open_store(tmp_path / "elsewhere"))
    opened = open_store
    monkeypatch.setattr("runhooks.recorder.sending._USUAL", Retry(deadline=0))
    monkeypatch.setattr(
        "runhooks.recorder.sending.open_store",
        lambda url, *args, **kwargs: flaky if str(url) == "test://there" else opened(url),
    )
    log(journal, 0, 3)
    finish(journal)
    recording = Recording(order(tmp_path, store="test://there", mirrored=True))
    recording.begin()
    answer = recording.finish()
    assert answer["error"] == "no answer"
    assert only(tmp_path).state == "finished"


def test_an_event_that_is_not_what_its_type_has_is_passed_over_and_costs_nothing_else(tmp_path, journal):
    log(journal, 0, 2)
    for body in (
        b'{"type":"log","step":9223372036854775808,"time":1,"data":{"a":1}',
        b'{"type":"log","step":"x","time":1,"data":{"a":1}',
        b'{"type":"log","step":1,"time":1,"data":[1]',
        b'{"type":"log"',
        b'{"type":["log"]',
        b'{"type":"config","time":1,"data":5',
        b'{"type":"alert","time":1',
    ):
        journal.append(body)
    log(journal, 2, 3)
    finish(journal)
    recording = Recording(order(tmp_path))
    recording.begin()
    recording.finish()
    view = only(tmp_path)
    assert (view.state, [step for step, _ in rows(tmp_path, view)["a"]]) == ("finished", [0, 1, 2])


def test_rows_of_a_writer_that_lives_on_are_left_to_it(tmp_path, journal):
    other = Journal(tmp_path / "runs" / FOLDER / "journal", "20261123T060103000000-r1-000000")
    log(journal, 0, 2)
    finish(journal)
    log(other, 2, 4)
    recording = Recording(order(tmp_path))
    recording.begin()
    recording.finish()
    log(other, 4, 6)
    other.close()
    assert [step for step, _ in joined(tmp_path, only(tmp_path))] == list(range(6))
    later = Recording(order(tmp_path, writer=None))
    later.begin()
    later.finish()
    view = only(tmp_path)
    assert [step for step, _ in joined(tmp_path, view)] == list(range(6))
    assert (view.state, view.metrics["a"].count) == ("finished", 6)
    assert not (tmp_path / "runs" / FOLDER / "journal").exists()
