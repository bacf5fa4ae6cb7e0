"""Which runs a filter finds, and in which order: as W&B's public Api and MongoDB have it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runhooks import Api
from runhooks.errors import ArgumentError
from tests.api.made import BEGAN, make

MOMENT = datetime.fromtimestamp(BEGAN / 1e6, UTC)


@pytest.fixture
def api(here: Path) -> Api:
    api = Api()
    make(
        api.store, "a", [{"loss": 0.5, "val/acc": 0.9}], at=0,
        config={"lr": 0.1, "model": {"name": "vgg", "layers": [1, 2]}, "amp": True},
        tags=["base", "v2"], group="g1", job_type="train", environment={"author": "ann", "host": "h1"},
    )  # fmt: skip
    make(
        api.store, "b", [{"loss": 0.25}], at=10, state="failed", reason="ValueError: x",
        config={"lr": 0.01, "model": {"name": "resnet"}}, tags=["v2"], environment={"author": "bob"},
    )  # fmt: skip
    make(api.store, "c", [{"loss": float("nan")}], at=20, config={"lr": 1, "name": "x" * 600}, notes="a note")
    make(api.store, "d", at=30, config={"lr": "auto", "seed": 2**60}, group="g1")
    return api


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "dcba"),
        ({"config.lr": 0.1}, "a"),
        ({"config.lr": 1.0}, "c"),
        ({"config.lr": "auto"}, "d"),
        ({"config.lr": {"$lt": 0.5}}, "ba"),
        ({"config.lr": {"$lte": 0.1, "$gt": 0.01}}, "a"),
        ({"config.lr": {"$gte": 0.1}}, "ca"),
        ({"config.lr": {"$ne": 0.1}}, "dcb"),
        ({"config.lr.value": 0.1}, "a"),
        ({"config.amp": True}, "a"),
        ({"config.amp": 1}, ""),
        ({"config.model.name": {"$in": ["vgg", "vit"]}}, "a"),
        ({"config.model.name": {"$nin": ["vgg"]}}, "dcb"),
        ({"config.model": {"$exists": True}}, "ba"),
        ({"config.model": {"$exists": False}}, "dc"),
        ({"config.model.layers": [1, 2]}, "a"),
        ({"config.model.layers": 2}, "a"),
        ({"config.name": {"$regex": "^x{600}$"}}, "c"),
        ({"config.seed": 2**60}, "d"),
        ({"summary.loss": {"$lt": 0.4}}, "b"),
        ({"summary_metrics.val/acc": {"$gt": 0.5}}, "a"),
        ({"summary.loss": {"$exists": False}}, "d"),
        ({"state": "failed"}, "b"),
        ({"state": {"$in": ["failed", "crashed"]}}, "b"),
        ({"display_name": {"$regex": "run-[ab]$"}}, "ba"),
        ({"name": "run-c"}, "c"),
        ({"id": {"$not": {"$regex": "[ab]"}}}, "dc"),
        ({"tags": "v2"}, "ba"),
        ({"tags": {"$in": ["base", "other"]}}, "a"),
        ({"tags": {"$nin": ["base"]}}, "dcb"),
        ({"tags": {"$ne": "v2"}}, "dc"),
        ({"group": "g1"}, "da"),
        ({"group": None}, "cb"),
        ({"jobType": "train"}, "a"),
        ({"job_type": {"$exists": True}}, "a"),
        ({"username": "ann"}, "a"),
        ({"host": {"$exists": True}}, "a"),
        ({"notes": {"$regex": "note"}}, "c"),
        ({"createdAt": {"$gt": MOMENT}}, "dcb"),
        ({"created_at": {"$lte": MOMENT.isoformat()}}, "a"),
        ({"created_at": {"$lt": MOMENT.replace(tzinfo=None).isoformat()}}, ""),
        ({"$or": [{"config.lr": 0.1}, {"state": "failed"}]}, "ba"),
        ({"$and": [{"group": "g1"}, {"config.lr": "auto"}]}, "d"),
        ({"$nor": [{"group": "g1"}, {"state": "failed"}]}, "c"),
        ({"$not": {"group": "g1"}}, "cb"),
        ({"group": "g1", "state": "finished", "tags": "base"}, "a"),
    ],
    ids=str,
)
def test_a_filter_finds_the_runs_that_it_describes(api: Api, filters: dict[str, Any], found: str) -> None:
    assert "".join(run.id for run in api.runs("digits", filters)) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("-created_at", "dcba"),
        ("+created_at", "abcd"),
        ("created_at", "abcd"),
        ("+summary_metrics.loss", "badc"),
        ("-summary.loss", "abdc"),
        ("+config.lr", "bacd"),
        ("-name", "dcba"),
        ("+state", "bdca"),
    ],
)
def test_an_order_sorts_and_what_has_no_value_comes_last(api: Api, order: str, found: str) -> None:
    assert "".join(run.id for run in api.runs("digits", order=order)) == found


@pytest.mark.parametrize(
    ("filters", "place"),
    [
        ({"config.lr": {"$near": 1}}, r"filters\['config.lr'\]\['\$near'\]: unknown operator '\$near'"),
        ({"$xor": []}, r"filters\['\$xor'\]: unknown operator '\$xor'"),
        ({"$or": [{"state": "x"}, {"sate": "x"}]}, r"filters\['\$or'\]\[1\]\['sate'\]: a run has no 'sate'"),
        ({"$and": {"state": "x"}}, r"filters\['\$and'\] must be a list of filters"),
        ({"name": {"$regex": "["}}, r"filters\['name'\]\['\$regex'\]: '\[' is no regular expression"),
        ({"name": {"$in": "abc"}}, r"\['\$in'\] must be a list"),
        ({"created_at": {"$gt": "yesterday"}}, "'yesterday' is no time"),
        ({"created_at": {"$gt": 5}}, "5 is no time"),
        ({"name": {}}, "is empty"),
        ([("state", "x")], "filters must be a mapping"),
    ],
    ids=str,
)  # fmt: skip
def test_a_filter_that_is_none_is_refused_with_its_place(api: Api, filters: Any, place: str) -> None:
    with pytest.raises(ArgumentError, match=place):
        api.runs("digits", filters)


def test_an_order_that_is_none_is_refused(api: Api) -> None:
    for order in ("", "-", "-sate", 5):
        with pytest.raises(ArgumentError, match="order"):
            api.runs("digits", order=order)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="per_page"):
        api.runs("digits", per_page=0)


def test_runs_are_a_sequence_whose_pages_are_read_together(api: Api) -> None:
    runs = api.runs("digits", per_page=2)

    assert (len(runs), runs[0].id, runs[-1].id, [run.id for run in runs[1:3]]) == (4, "d", "a", ["c", "b"])
    assert not any(run.loaded for run in runs)
    assert runs[0].config["lr"] == "auto"
    assert [run.loaded for run in runs] == [True, True, False, False]


def test_a_filter_that_finds_nothing_gives_no_runs(api: Api) -> None:
    assert list(api.runs("digits", {"state": "killed"})) == []
