"""S3 servers on loopback: Ceph's gateway, which is a real one, and moto's, which starts anywhere."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.client import Config

from .process import free_port, serving

CEPH_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool")
CEPH_INSTALL = "apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common"


@dataclass
class S3Server:
    """Where an S3 server is, and a client of it that is not s3fs."""

    endpoint: str
    key: str
    secret: str

    @property
    def storage_options(self) -> dict[str, Any]:
        return {
            "endpoint_url": self.endpoint,
            "key": self.key,
            "secret": self.secret,
            "client_kwargs": {"region_name": "us-east-1"},
        }

    @property
    def variables(self) -> dict[str, str]:
        """Return what tells programs of the server that know only AWS's variables."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",  # Polars refuses it otherwise
        }

    @cached_property
    def raw(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}),
        )

    def new_bucket(self) -> str:
        name = f"bucket-{uuid4().hex[:12]}"
        self.raw.create_bucket(Bucket=name)
        return name


@contextlib.contextmanager
def moto_server(folder: Path) -> Iterator[S3Server]:
    """Takes any credentials; right about conditions."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with serving(command, port, folder / "moto.log"):
        yield S3Server(f"http://127.0.0.1:{port}", "moto-key-0123456789", "moto-secret-0123456789")


def why_no_ceph() -> str:
    """Return why Ceph cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "Ceph's daemons need root"
    missing = [name for name in CEPH_PROGRAMS if shutil.which(name) is None]
    return f"{', '.join(missing)} not installed: {CEPH_INSTALL}" if missing else ""


@contextlib.contextmanager
def ceph_server(folder: Path) -> Iterator[S3Server]:
    """Ceph RGW over one in-memory OSD, everything under one folder; as root, with Debian's packages.

    Authentication is cephx: with none, radosgw hangs.
    """
    port, mon_port, mon_port_v1 = free_port(), free_port(), free_port()
    conf, fsid = folder / "ceph.conf", str(uuid4())
    conf.write_text(CEPH_CONF.format(folder=folder, port=port, mon=mon_port, mon_v1=mon_port_v1, fsid=fsid))
    addresses = f"[v2:127.0.0.1:{mon_port},v1:127.0.0.1:{mon_port_v1}]"
    for name in ("mon", "osd", "rgw", "run"):
        (folder / name).mkdir()
    _make_keys(folder / "keyring")
    _run("monmaptool", "--create", "--addv", "a", addresses, "--fsid", fsid, str(folder / "monmap"))
    ceph = ("-c", str(conf))
    _run(
        "ceph-mon",
        "--mkfs",
        "-i",
        "a",
        "--monmap",
        f"{folder}/monmap",
        "--keyring",
        f"{folder}/keyring",
        *ceph,
    )
    with contextlib.ExitStack() as daemons:

        def start(name: str, *command: str, port: int | None = None) -> None:
            log = folder / f"{name}.out"
            daemons.enter_context(serving([name, "-f", *command, *ceph], port, log))

        start("ceph-mon", "-i", "a", port=mon_port)
        osd = str(uuid4())
        _run("ceph", *ceph, "osd", "new", osd)
        _run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd, *ceph)
        start("ceph-osd", "-i", "0")
        start("radosgw", "-n", "client.rgw.a", port=port)
        server = S3Server(f"http://127.0.0.1:{port}", "TESTACCESSKEY000001", "test-secret-key-000001")
        keys = (f"--access-key={server.key}", f"--secret-key={server.secret}")
        _run("radosgw-admin", *ceph, "user", "create", "--uid=test", "--display-name=test", *keys)
        yield server


def _make_keys(keyring: Path) -> None:
    def key(*arguments: str) -> None:
        _run("ceph-authtool", str(keyring), *arguments)

    key("--create-keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    everything = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
    key("--gen-key", "-n", "client.admin", *everything)
    key("--gen-key", "-n", "client.rgw.a", *everything)
    profiles = ("--cap", "mon", "allow profile osd", "--cap", "mgr", "allow profile osd")
    key("--gen-key", "-n", "osd.0", *profiles, "--cap", "osd", "allow *")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:] or done.stdout[-2000:]}")


CEPH_CONF = """[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon}/0,v1:127.0.0.1:{mon_v1}/0]
mon initial members = a
keyring = {folder}/keyring
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/$name.log
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth allow insecure global id reclaim = true
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon data avail warn = 2
mon data avail crit = 1
paxos propose interval = 0.01
[mon.a]
host = localhost
mon data = {folder}/mon
mon addr = 127.0.0.1:{mon}
[osd.0]
host = localhost
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd class load list = *
osd class default list = *
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw data = {folder}/rgw
rgw enable gc threads = false
rgw enable lc threads = false
rgw run sync thread = false
rgw thread pool size = 32
"""
