"""A secret that a program has everywhere: no object of the store holds it when the run is over."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runhooks.storage import open_store
from tests.faults.check import FOLDER
from tests.faults.ledger import Ledger
from tests.programs import environment
from tests.servers.s3 import S3Server

pytestmark = [pytest.mark.faults, pytest.mark.slow]

TOKEN = "ghp_C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4ry"
"""Hidden by its shape, wherever it is."""
PLAIN = "c4n4ry-without-a-shape"
"""Hidden by the name beside it."""
PROGRAM = f"""
import json, logging, os, sys
from pathlib import Path
import runhooks
given = json.loads(Path("given.json").read_text())
run = runhooks.init(
    project="p", id="mine", name="run of {TOKEN}", notes="see https://me:{PLAIN}@host/x", save_code=True,
    config={{"api_key": "{PLAIN}", "nested": {{"password": "{PLAIN}"}}, "argument": "{TOKEN}"}}, **given,
)
run.config["db_password"] = "{PLAIN}"
run.summary["token"] = "{TOKEN}"
print("logging in with {TOKEN}")
print("Authorization: Bearer {TOKEN}", file=sys.stderr)
logging.warning("postgres://user:%s@host/db", os.environ["API_KEY"])
run.log({{"loss": 0.5, "sample": "export GITHUB_TOKEN={TOKEN}", "from": {{"host": "https://me:{PLAIN}@host"}}}})
run.log({{"seen": [b"{TOKEN}"], "answer": Exception("{TOKEN}"), "lines": ["{TOKEN}"]}})
run.log({{"shot": runhooks.Image([[0, 255]], caption="{TOKEN}")}})
run.alert("expires: {TOKEN}", "at https://me:{PLAIN}@host")
def login(api_key): raise ConnectionError(f"https://me:{{api_key}}@host refused {TOKEN}")
login(api_key="{PLAIN}")
"""


@pytest.mark.case(
    "Secrets",
    "a secret in argv, environment, git URL, config, script, traceback, output, logged texts of a run in S3",
)
def test_no_object_of_the_store_holds_a_secret(moto: S3Server, ledger: Ledger, tmp_path: Path) -> None:
    def work(n: int) -> None:
        folder = tmp_path / str(n)
        folder.mkdir()
        remote = f"https://me:{PLAIN}@host.example/team/code.git"
        for words in (["init", "-q"], ["remote", "add", "origin", remote]):
            subprocess.run(["git", *words], cwd=folder, check=True)
        url = f"s3://{moto.new_bucket()}/runs"
        options = {**moto.storage_options, "secret": PLAIN}
        (folder / "given.json").write_text(json.dumps({"store": url, "storage_options": options}))
        (folder / "program.py").write_text(PROGRAM)
        done = subprocess.run(
            [sys.executable, "program.py", f"--api-key={PLAIN}", "--password", PLAIN, TOKEN],
            cwd=folder,
            env=environment(API_KEY=PLAIN, GITHUB_TOKEN=TOKEN, RUNHOOKS_SPOOL=str(folder / "spool")),
            capture_output=True,
            timeout=120,
        )
        assert b"ConnectionError" in done.stderr
        objects = {entry.path: entry for entry in open_store(url, moto.storage_options).list()}
        store = open_store(url, moto.storage_options)
        found = {path: store.read(path) for path in objects}
        assert f"{FOLDER}/run.json" in found
        assert any("/logs/" in path for path in found)
        for path, data in found.items():
            for secret in (TOKEN, PLAIN):
                assert secret.encode() not in data, f"{path} holds {secret}"
        looked.append(len(found))

    looked: list[int] = []
    ledger.each(ledger.tries(1, 20), work)
    ledger.figure = f"{sum(looked)} objects, 2 secrets, found in none"
