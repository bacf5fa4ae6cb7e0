"""docs/cli.md names what the command has, and what it prints."""

import re
from pathlib import Path

import pytest

import runhooks
from tests.cli.conftest import Command
from tests.cli.test_verbs import VERBS

DOCS = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", VERBS)
def test_every_command_and_option_is_in_the_docs(command: Command, name: str) -> None:
    section = DOCS.partition("## What all commands share")[2].partition("\n## `runhooks")[0]
    section += DOCS.partition(f"## `runhooks {name}")[2].partition("\n## ")[0]

    for option in re.findall(r"--[a-z-]+", command(*name.split(), "--help").out):
        assert f"`{option}" in section


def test_every_key_of_the_json_documents_is_in_the_docs(command: Command) -> None:
    runhooks.init(project="digits", id="k3f9").finish()
    runhooks.init(project="digits", id="later", mode="offline", store="elsewhere").finish()
    listed, rendered, synced = (command(name, "--json").json for name in ("ls", "render", "sync"))

    keys = {*listed, *listed["projects"][0], *listed["runs"][0], *rendered, *synced, *synced["runs"][0]}
    assert {key for key in keys if f"`{key}`" not in DOCS} == set()
