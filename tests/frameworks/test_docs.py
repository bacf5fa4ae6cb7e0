"""docs/integrations.md has a section for each integration, and its programs do what it says."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import runhooks

DOCS = (Path(__file__).parents[2] / "docs/integrations.md").read_text(encoding="utf-8")
FILES = sorted(path.stem for path in Path(runhooks.__file__).with_name("integrations").glob("[!_]*.py"))
PROGRAMS = {
    name.lower(): code
    for name, code in re.findall(r"^## (\w+)\n\n```python\n(.+?)```", DOCS, re.DOTALL | re.MULTILINE)
}

pytestmark = [
    pytest.mark.filterwarnings("ignore::lightning.pytorch.utilities.warnings.PossibleUserWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec"),
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


def lightning() -> dict[str, Any]:
    from tests.frameworks import test_lightning as made

    return {"Trainer": lambda callbacks: made.trainer(*callbacks), "model": made.Digits()}


def transformers() -> dict[str, Any]:
    from tests.frameworks import test_transformers as made

    args = made.trainer_of(eval_strategy="no").args
    return {"Trainer": made.Trainer, "model": made.tiny_gpt2(), "args": args, "data": made.sources(8)}


def keras() -> dict[str, Any]:
    from tests.frameworks.drivers import keras as made

    behaviour = made.behaviour
    return {"model": behaviour.classifier(), "x": behaviour.X, "y": behaviour.Y}


def optuna() -> dict[str, Any]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return {}


def xgboost() -> dict[str, Any]:
    import xgboost

    from tests.frameworks.drivers import xgboost as made

    data = xgboost.DMatrix(made.PIXELS[:300], made.DIGITS[:300] == 3)
    return {"xgboost": xgboost, "params": made.PARAMS, "data": data}


def lightgbm() -> dict[str, Any]:
    import lightgbm

    from tests.frameworks.drivers import lightgbm as made

    data = lightgbm.Dataset(made.PIXELS[:300], made.DIGITS[:300] == 3)
    return {"lightgbm": lightgbm, "params": made.PARAMS, "data": data}


def accelerate() -> dict[str, Any]:
    from accelerate import Accelerator

    return {"Accelerator": lambda log_with: Accelerator(cpu=True, log_with=log_with)}


def fabric() -> dict[str, Any]:
    from lightning.fabric import Fabric

    return {"Fabric": Fabric}


def loop() -> dict[str, Any]:
    return {"loader": [[1.0, 2.0], [3.0, 4.0]]}


GIVEN: dict[str, Callable[[], dict[str, Any]]] = {
    each.__name__: each
    for each in (accelerate, fabric, keras, lightgbm, lightning, loop, optuna, transformers, xgboost)
}


def test_each_integration_has_a_section_with_a_program_and_a_row() -> None:
    assert sorted(PROGRAMS) == sorted(GIVEN) == FILES
    for name in FILES:
        assert f"`runhooks.integrations.{name}." in DOCS


@pytest.mark.parametrize("name", FILES)
def test_its_program_records_a_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = {"fabric": "lightning", "loop": "runhooks"}.get(name, name)
    if find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNHOOKS_SILENT", "1")
    exec(compile(PROGRAMS[name], name, "exec"), {"__name__": "program", **GIVEN[name]()})

    found = [run for project in ("digits", "lm") for run in stored(tmp_path / "runs", project)]
    assert len(found) == (4 if name == "optuna" else 1)
    assert {run.state for run in found} == {"finished"}
    assert all(not run.history().empty for run in found)


def stored(store: Path, project: str) -> list[Any]:
    try:
        return list(runhooks.Api(store).runs(f"default/{project}"))
    except runhooks.errors.RunNotFoundError:
        return []
