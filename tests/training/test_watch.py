"""`run.watch`: histograms of gradients and parameters of a torch model, taken while it trains."""

import copy
import io

import pytest

import runhooks
from runhooks.errors import ArgumentError
from tests.programs import ended, rows

torch = pytest.importorskip("torch")


def trained(model, run, steps):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(steps):
        loss = model(torch.ones(4, 3)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})


def test_gradients_and_parameters_are_counted_at_every_nth_step(tmp_path):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Linear(5, 1))
    with runhooks.init() as run:
        run.watch(model, log="all", log_freq=2)
        trained(model, run, 4)
        model.eval()
        model(torch.ones(1, 3))
        run.unwatch()
        model.train()
        trained(model, run, 2)
    found = rows(tmp_path, ended(tmp_path))
    assert len(found["loss"]) == 6
    for kind in ("gradients", "parameters"):
        for name, value in model.named_parameters():
            taken = found[f"{kind}/{name}"]
            assert [step for step, _ in taken] == [1, 3]
            assert all(sum(item["counts"]) == value.numel() for _, item in taken)
            assert all(len(item["edges"]) == 65 for _, item in taken)


def test_a_watched_model_is_copied_and_saved_without_its_hooks(tmp_path):
    model = torch.nn.Linear(3, 1)
    with runhooks.init() as run:
        run.watch([model, torch.nn.Linear(3, 1)], log="parameters", log_freq=1)
        twin = copy.deepcopy(model)
        file = io.BytesIO()
        torch.save(model, file)
        file.seek(0)
        loaded = torch.load(file, weights_only=False)
        for other in (twin, loaded):
            other(torch.ones(1, 3))
        run.log({"loss": 1})
    assert set(rows(tmp_path, ended(tmp_path))) == {"loss"}


def test_what_goes_wrong_is_told_once_and_training_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RUNHOOKS_SILENT", "0")
    model = torch.nn.Linear(3, 1)
    with runhooks.init(quiet=True) as run:
        run.watch(model, log_freq=1)
        run.log({"loss": 1})
    loss = model(torch.ones(1, 3)).sum()
    loss.backward()
    model(torch.ones(1, 3)).sum().backward()
    assert capsys.readouterr().err.count("no longer watched") == 1
    assert model.weight.grad is not None


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(("a",), "takes torch modules, not str"), ((torch.nn.Linear(1, 1), None, "x"), "log must be one of")],
)
def test_a_wrong_order_says_so(arguments, why):
    with runhooks.init(mode="disabled") as run, pytest.raises(ArgumentError, match=why):
        run.watch(*arguments)
