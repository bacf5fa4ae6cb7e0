import argparse
import dataclasses
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import runhooks
from runhooks.errors import (
    ArgumentError,
    IdError,
    RunExistsError,
    RunhooksError,
    RunNotFoundError,
    StoreError,
    StoreUrlError,
)
from runhooks.training import resuming
from tests.programs import ended, only, rows, views


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"project": 3}, "project must be a text, not int"),
        ({"tags": 5}, "tags must be a list of texts"),
        ({"tags": [1]}, "tags must be a list of texts"),
        ({"mode": "sometimes"}, "mode must be one of online, offline, disabled"),
        ({"resume": "perhaps"}, "resume must be one of allow, must, never"),
        ({"resume": "must"}, "resume='must' needs an id"),
        ({"store": 5}, "store must be a folder or a URL"),
        ({"storage_options": "x"}, "storage_options must be a mapping"),
        ({"quiet": "maybe"}, "quiet must be true or false"),
        ({"heartbeat_s": -1}, "heartbeat_s must be a number of seconds"),
        ({"colour": "red"}, "init\\(\\) has no argument 'colour'"),
        ({"config": 5}, "config must be a mapping"),
        ({"config": "missing.yaml"}, "config file missing.yaml cannot be read"),
    ],
)
def test_a_wrong_argument_is_a_typed_error_that_says_what_to_do(arguments, message, tmp_path):
    with pytest.raises(ArgumentError, match=message):
        runhooks.init(**arguments)
    assert runhooks.run is None
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "id", ["", "a/b", "..", ".", "a\\b", "a%2e", "x" * 65, "a\x00b", "a:b", "a;b", "a#b", " a"]
)
def test_an_id_that_cannot_be_a_path_is_refused_before_anything_is_written(id, tmp_path):
    with pytest.raises(IdError):
        runhooks.init(id=id)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a/b", "..", "", "x" * 129, "assets", "index.html", "日" * 90])
def test_an_entity_that_cannot_be_a_folder_is_refused(name):
    with pytest.raises(IdError):
        runhooks.init(entity=name)


@pytest.mark.parametrize(
    "store",
    [
        "s3://key:hunter2@bucket/runs",
        "s3://hunter2@bucket/runs",
        "s3://KEY:hun/hunter2@bucket",
        "https://host/runs?sig=hunter2",
        "s3:/hunter2/runs",
    ],
)
def test_a_store_address_with_credentials_is_refused_and_not_repeated(store, tmp_path):
    with pytest.raises(StoreUrlError) as error:
        runhooks.init(store=store)
    assert "hunter2" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_arguments_beat_variables_and_variables_beat_defaults(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNHOOKS_PROJECT", "from-variable")
    monkeypatch.setenv("RUNHOOKS_TAGS", "a, b")
    monkeypatch.setenv("RUNHOOKS_NAME", "from-variable")
    with runhooks.init(name="from-argument") as run:
        assert (run.project, run.name) == ("from-variable", "from-argument")
    assert only(tmp_path).tags == ["a", "b"]
    monkeypatch.setenv("RUNHOOKS_MODE", "nonsense")
    with pytest.raises(ArgumentError, match="RUNHOOKS_MODE must be one of"):
        runhooks.init()


def test_a_run_without_arguments_has_a_readable_name_an_id_and_a_place(tmp_path):
    names = []
    for number in (1, 2):
        with runhooks.init() as run:
            assert re.fullmatch(r"[a-z0-9]{8}", run.id)
            assert re.fullmatch(rf"[a-z]+-[a-z]+-{number}", run.name)
            assert run.path == f"default/Uncategorized/{run.id}"
            assert run.dir == str(tmp_path / "runs" / "default" / "Uncategorized" / "runs" / run.id / "files")
            assert run.url == f"file://{Path(run.dir).parent}/index.html"
            names.append(run.id)
    assert len(set(names)) == 2


def test_a_taken_id_is_an_error_and_nothing_is_changed(tmp_path):
    runhooks.init(id="mine", name="first").finish()
    before = ended(tmp_path)
    with pytest.raises(RunExistsError, match="choose another id, or go on with it"):
        runhooks.init(id="mine", name="second")
    with pytest.raises(RunExistsError):
        runhooks.init(id="mine", resume="never")
    assert only(tmp_path) == before


def test_a_run_that_is_not_there_cannot_be_resumed(tmp_path):
    with pytest.raises(RunNotFoundError, match="no run default/Uncategorized/mine"):
        runhooks.init(id="mine", resume="must")
    assert views(tmp_path) == []


def test_a_resumed_run_goes_on_after_its_last_step(tmp_path):
    with runhooks.init(id="mine", config={"lr": 0.1}, tags=["kept"], name="kept") as run:
        run.log({"a": 1})
        run.log({"a": 2})
    with runhooks.init(id="mine", resume="must", config={"more": 1}) as run:
        assert (run.name, run.step, run.config.lr) == ("kept", 2, 0.1)
        run.log({"a": 3})
    view = ended(tmp_path)
    assert rows(tmp_path, view) == {"a": [(0, 1), (1, 2), (2, 3)]}
    assert (view.config, view.tags) == ({"lr": 0.1, "more": 1}, ["kept"])
    assert view.metrics["a"].count == 3
    assert len(view.sessions) == 2
    assert view.duration_s <= view.runtime_s


def test_a_failed_run_that_is_resumed_to_be_looked_at_can_stay_failed(tmp_path):
    run = runhooks.init(id="mine")
    run.finish(error=ValueError("bad"))
    run = runhooks.init(id="mine", resume="must")
    assert run.state == "running"
    run.log({"test/acc": 0.5})
    run.finish(keep=True)
    view = ended(tmp_path)
    assert (view.state, view.reason) == ("failed", "ValueError: bad")
    assert view.exit["error"]["message"] == "bad"


def test_a_second_init_in_a_script_gives_the_open_run_and_says_so(monkeypatch, capsys):
    first = runhooks.init(id="one")
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    first.terminal._silent = False
    assert runhooks.init(config={"late": 1}) is first
    assert first.config.late == 1
    assert "is still open and is used" in capsys.readouterr().err
    first.finish()


def test_a_second_init_can_make_a_new_run_or_end_the_first(tmp_path):
    first = runhooks.init(project="one")
    second = runhooks.init(project="two", reinit="create_new")
    assert first is not second
    assert runhooks.run is second
    first.log({"a": 1})
    second.log({"b": 1})
    third = runhooks.init(project="three", reinit="finish_previous")
    assert (first.finished, second.finished) == (False, True)
    fourth = runhooks.init(id="named")
    assert fourth.id == "named"
    for run in (first, third, fourth):
        run.finish()
    assert [view.state for view in views(tmp_path)] == ["finished"] * 4


def test_the_module_speaks_for_the_open_run(tmp_path):
    with pytest.raises(RunhooksError, match=r"call runhooks.init\(\) first"):
        runhooks.log({"a": 1})
    runhooks.init()
    runhooks.config.lr = 0.1
    runhooks.log({"a": 1})
    assert dict(runhooks.summary) == {"a": 1}
    runhooks.finish()
    assert runhooks.run is None
    assert only(tmp_path).config == {"lr": 0.1}


@dataclasses.dataclass
class Settings:
    lr: float
    layers: tuple[int, ...]


@pytest.mark.parametrize(
    ("config", "stored"),
    [
        (argparse.Namespace(lr=0.1, name="x"), {"lr": 0.1, "name": "x"}),
        (SimpleNamespace(lr=0.1), {"lr": 0.1}),
        (Settings(0.1, (1, 2)), {"lr": 0.1, "layers": [1, 2]}),
        ({1: {2, 1}, "t": int, "f": len}, {"1": [1, 2], "t": "builtins.int", "f": "builtins.len"}),
        ({"n": float("nan")}, None),
        (None, {}),
    ],
)
def test_a_config_of_any_kind_is_kept(config, stored, tmp_path):
    runhooks.init(config=config).finish()
    found = ended(tmp_path).config
    assert found == stored or (stored is None and str(found["n"]) == "nan")


def test_a_config_can_be_a_file(tmp_path):
    (tmp_path / "c.yaml").write_text("lr: 0.1\nmodel:\n  depth: 3\n")
    (tmp_path / "c.json").write_text(json.dumps({"seed": 1}))
    with runhooks.init(config="c.yaml") as run:
        run.config.update(tmp_path / "c.json")
    assert ended(tmp_path).config == {"lr": 0.1, "model": {"depth": 3}, "seed": 1}


def test_a_config_that_contains_itself_or_never_ends_is_cut(tmp_path):
    loop = {}
    loop["self"] = loop
    deep = []
    for _ in range(100):
        deep = [deep]
    runhooks.init(config={"loop": loop, "deep": deep, "wide": range(10**9), "long": "x" * 10**6}).finish()
    found = ended(tmp_path).config
    assert found["loop"] == {"self": "<recursive>"}
    assert "nested too deep" in str(found["deep"])
    assert found["wide"] == "range(0, 1000000000)"
    assert len(found["long"]) < 70_000


def test_a_store_that_cannot_be_written_is_said_at_once_and_the_record_is_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    (tmp_path / "runs").write_text("a file is in the way")
    with runhooks.init(id="mine") as run:
        assert "runs cannot be written" in capsys.readouterr().err
        run.log({"a": 1})
    told = capsys.readouterr().err
    assert "runhooks sync" in told
    kept = tmp_path / "spool"
    assert run.dir.startswith(str(kept))
    (store,) = kept.iterdir()
    assert rows_of_spool(store) == {"a": [(0, 1.0)]}


def rows_of_spool(store):
    from runhooks.record.read import history
    from runhooks.storage import open_store

    found = history(open_store(store), "default/Uncategorized/runs/mine")
    return {key: list(zip(piece.steps.tolist(), piece.decoded(), strict=True)) for key, piece in found}


def test_a_run_can_be_stored_in_a_memory_file_system(tmp_path):
    from runhooks.record.read import read_view
    from runhooks.storage import open_store

    with runhooks.init(store="memory://team/runs", id="mine") as run:
        run.log({"a": 1})
    view = read_view(open_store("memory://team/runs"), "default/Uncategorized/runs/mine")
    assert (view.state, view.summary) == ("finished", {"a": 1})
    assert not list((tmp_path / "spool").glob("*/default/*/runs/*"))


def test_a_taken_id_in_a_store_elsewhere_is_an_error_and_a_run_there_can_be_resumed():
    from runhooks.record.read import history, read_view
    from runhooks.storage import open_store

    store = "memory://resumed/runs"
    with pytest.raises(RunNotFoundError):
        runhooks.init(store=store, id="mine", resume="must")
    with runhooks.init(store=store, id="mine", config={"lr": 0.1}) as run:
        run.log({"a": 1})
    with pytest.raises(RunExistsError):
        runhooks.init(store=store, id="mine")
    with runhooks.init(store=store, id="mine", resume="must") as run:
        assert (run.step, run.config.lr, run.resumed_from) == (1, 0.1, "finished")
        run.log({"a": 2})
    folder = "default/Uncategorized/runs/mine"
    view = read_view(open_store(store), folder)
    assert (view.state, view.summary, view.metrics["a"].count) == ("finished", {"a": 2}, 2)
    found = [
        pair
        for _, piece in history(open_store(store), folder)
        for pair in zip(piece.steps.tolist(), piece.decoded(), strict=True)
    ]
    assert found == [(0, 1.0), (1, 2.0)]


def test_a_run_that_is_offline_is_kept_on_this_machine(tmp_path):
    with runhooks.init(mode="offline", id="mine") as run:
        run.log({"a": 1})
    assert not (tmp_path / "runs").exists()
    (store,) = (tmp_path / "spool").iterdir()
    assert rows_of_spool(store) == {"a": [(0, 1.0)]}
    assert json.loads((store / "store.json").read_text()) == {"store": str(tmp_path / "runs")}


def test_check_arguments_opens_nothing(tmp_path):
    runhooks.check_arguments(project="x", config={"a": 1})
    with pytest.raises(ArgumentError):
        runhooks.check_arguments(mode="x")
    with pytest.raises(ArgumentError, match="no argument 'colour'"):
        runhooks.check_arguments(colour="red")
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_must_be_written_is_an_error_where_it_cannot(tmp_path):
    (tmp_path / "runs").write_text("a file is in the way")
    with pytest.raises(StoreError, match=f"the store {tmp_path}/runs cannot be written: "):
        runhooks.init(require_store=True)
    assert runhooks.run is None
    assert not (tmp_path / "spool").exists()


def test_a_store_that_must_be_written_and_can_is_no_error(monkeypatch):
    monkeypatch.setenv("RUNHOOKS_REQUIRE_STORE", "true")
    with runhooks.init() as run:
        run.log({"a": 1})
    with runhooks.init(store="memory://required/runs") as run:
        run.log({"a": 1})


def test_an_id_that_this_process_made_up_is_looked_for_in_no_store_the_first_time(monkeypatch):
    asked = []

    def ask(path, *rest):
        asked.append(path.id)
        return really_ask(path, *rest)

    really_ask = resuming.ask
    monkeypatch.setattr(resuming, "ask", ask)
    made_up = runhooks.generate_id()
    runhooks.init(id=made_up, store="memory://asking").finish()
    assert asked == []
    with pytest.raises(RunExistsError):
        runhooks.init(id=made_up, store="memory://asking")
    runhooks.init(id="mine", store="memory://asking").finish()
    assert asked == [made_up, "mine"]
