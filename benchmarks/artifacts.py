"""Moving artifacts to a bucket and back, beside `aws s3 cp` of the same files to the same server."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure
from tests.programs import environment
from tests.servers.s3 import S3Server, ceph_server, moto_server, why_no_ceph

LARGE = 256 * 2**20
SMALL, SMALL_BYTES = 1000, 4096

LOG = """
import json, os, runhooks
run = runhooks.init(project="p", store=os.environ["STORE"], storage_options=json.loads(os.environ["OPTIONS"]))
run.log_artifact(os.environ["FILES"], name=os.environ["NAME"]).wait()
"""
GET = """
import json, os, runhooks
api = runhooks.Api(os.environ["STORE"], json.loads(os.environ["OPTIONS"]))
api.artifact("p/" + os.environ["NAME"]).download(os.environ["OUT"])
"""


def _seconds(command: list[str], variables: dict[str, str]) -> float:
    began = perf_counter()
    done = subprocess.run(command, env=environment(**variables), capture_output=True, text=True, check=False)
    taken = perf_counter() - began
    assert done.returncode == 0, done.stderr
    return taken


def _aws(server: S3Server, aws: str) -> tuple[list[str], dict[str, str]]:
    keys = {"AWS_ACCESS_KEY_ID": server.key, "AWS_SECRET_ACCESS_KEY": server.secret}
    # Servers other than AWS's know no trailing checksums.
    keys |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required"}
    return [aws, "--endpoint-url", server.endpoint, "s3", "cp", "--only-show-errors"], keys


def artifacts(work: Path) -> Iterator[Figure]:
    """Time whole processes, from their start: ours also hashes, compares every digest and renders pages."""
    aws = shutil.which("aws", path=str(Path(sys.executable).parent)) or shutil.which("aws")
    if aws is None:
        print("artifacts: left out, for want of awscli to compare with: pip install awscli")
        return
    (work / "server").mkdir()
    (work / "large").mkdir()
    (work / "small").mkdir()
    (work / "large/weights.bin").write_bytes(os.urandom(LARGE))
    for number in range(SMALL):
        (work / f"small/{number}.bin").write_bytes(os.urandom(SMALL_BYTES))
    with contextlib.ExitStack() as stack:
        start = moto_server if why_no_ceph() else ceph_server
        server = stack.enter_context(start(work / "server"))
        bucket = server.new_bucket()
        cp, keys = _aws(server, aws)
        ours = {"STORE": f"s3://{bucket}/runs", "OPTIONS": json.dumps(server.storage_options)}
        for name, what in (("large", "one file of 256 MiB"), ("small", f"{SMALL:,} files of 4 KiB")):
            there = f"s3://{bucket}/{name}"
            facts = {**ours, "FILES": str(work / name), "NAME": name, "OUT": str(work / f"out-{name}")}
            up = _seconds([sys.executable, "-c", LOG], facts)
            base = _seconds([*cp, "--recursive", str(work / name), there], keys)
            yield Figure(f"artifact of {what}: up, beside aws s3 cp", up, "s", base)
            down = _seconds([sys.executable, "-c", GET], facts)
            base = _seconds([*cp, "--recursive", there, str(work / f"aws-{name}")], keys)
            yield Figure(f"artifact of {what}: down, beside aws s3 cp", down, "s", base)
            for file in (work / name).iterdir():
                assert (work / f"out-{name}" / file.name).read_bytes() == file.read_bytes()
