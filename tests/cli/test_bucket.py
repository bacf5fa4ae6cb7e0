"""The command on a bucket: what waits on this machine is sent, and what is there is read and rendered."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import runhooks
from runhooks import Api
from tests.cli.conftest import Command
from tests.servers.s3 import S3Server, moto_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as found:
        yield found


def words_of(server: S3Server) -> list[str]:
    """Return the server's storage options as words of a command line."""
    texts = {key: x if isinstance(x, str) else json.dumps(x) for key, x in server.storage_options.items()}
    return [word for key, text in texts.items() for word in ("--storage-option", f"{key}={text}")]


def test_runs_kept_for_a_bucket_are_sent_and_read_there(
    command: Command, here: Path, server: S3Server
) -> None:
    store, options = f"s3://{server.new_bucket()}/runs", words_of(server)
    for id in ("one", "two"):
        with runhooks.init(project="digits", id=id, store=store, mode="offline") as run:
            for step in range(50):
                run.log({"loss": 1 / (step + 1)})

    sent = command("sync", *options, "--json")
    listed = command("ls", "--store", store, *options, "--json")
    shown = command("show", f"{store}/default/digits/runs/one", *options, "--json")
    unknown = command("show", "digits/onne", "--store", store, *options)
    rendered = command("render", "--store", store, *options, "--json")

    assert [(run["result"], run["store"]) for run in sent.json["runs"]] == [("synced", store)] * 2
    assert [run["path"] for run in listed.json["runs"]] == ["default/digits/two", "default/digits/one"]
    assert (shown.json["state"], shown.json["last_step"]) == ("finished", 49)
    assert (unknown.code, unknown.err.rstrip().endswith("did you mean default/digits/one?")) == (2, True)
    assert (rendered.code, rendered.json["runs"]) == (0, 2)
    assert not list((here / "spool").glob("*/*/*/runs/*"))
    run = Api(store, server.storage_options).run("digits/one")
    assert run.history()["loss"].tolist() == [1 / (step + 1) for step in range(50)]


def test_wrong_credentials_and_missing_buckets_are_said_without_the_secret(
    command: Command, server: S3Server
) -> None:
    done = command("ls", "--store", "s3://no-such-bucket/runs", *words_of(server))

    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "no-such-bucket" in done.err
    assert server.secret not in done.err
