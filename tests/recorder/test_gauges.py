"""What is read of the machine, each gauge alone."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from runhooks.recorder.system.cgroup import Cgroup
from runhooks.recorder.system.gpu import Gpus
from runhooks.recorder.system.machine import Machine
from runhooks.recorder.system.process import ProcessTree
from runhooks.recorder.system.rates import Rates
from tests.recorder.fake_nvml import GIB, RESERVED, FakeGpu, driver

BUSY = "import time; print(1, flush=True); end = time.time() + 60\nwhile time.time() < end: pass"


def tree_of(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def test_a_rate_is_absent_until_there_are_two_readings_and_where_a_counter_went_back():
    rates = Rates()
    assert rates.per_second({"a": 100.0}, 10.0) == {}
    assert rates.per_second({"a": 300.0, "b": 5.0}, 12.0) == {"a": 100.0}
    assert rates.per_second({"a": 50.0, "b": 5.0}, 13.0) == {"b": 0.0}


def test_the_process_tree_counts_children_and_not_the_recorder():
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            gauge = ProcessTree(os.getppid())
            first = gauge.read(time.monotonic())
            assert child.pid in gauge.pids
            assert os.getpid() not in gauge.pids
            assert "process/cpu_percent" not in first
            assert first["process/memory_bytes"] >= psutil.Process(child.pid).memory_info().rss / 2
            time.sleep(0.5)
            second = gauge.read(time.monotonic())
        finally:
            child.kill()
    assert second["process/cpu_percent"] > 0


def test_a_process_that_is_gone_has_no_metrics():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
        assert ProcessTree(child.pid).read(1.0) == {}


def test_the_machine_tells_memory_at_once_and_shares_from_the_second_reading_on(tmp_path):
    gauge = Machine(str(tmp_path))
    first = gauge.read(1.0)
    assert first["machine/memory_used_bytes"] > 0
    assert 0 < first["disk/used_percent"] <= 100
    assert not [name for name in first if name.endswith("_per_s") or name == "machine/cpu_percent"]
    assert "machine/cpu_percent" in gauge.read(2.0)


V2 = {
    "tree/cgroup.controllers": "cpu memory",
    "tree/job/memory.max": "8589934592\n",
    "tree/job/memory.current": "2147483648\n",
    "tree/job/cpu.max": "250000 100000\n",
    "tree/job/cpu.stat": "usage_usec 1000000\nnr_throttled 3\nthrottled_usec 200000\n",
    "proc/7/cgroup": "0::/job\n",
}
V1 = {
    "tree/memory/job/memory.limit_in_bytes": "8589934592\n",
    "tree/memory/job/memory.usage_in_bytes": "2147483648\n",
    "tree/cpu/job/cpu.cfs_quota_us": "250000\n",
    "tree/cpu/job/cpu.cfs_period_us": "100000\n",
    "tree/cpu/job/cpu.stat": "nr_periods 9\nnr_throttled 3\nthrottled_time 200000000\n",
    "tree/cpuacct/job/cpuacct.usage": "1000000000\n",
    "proc/7/cgroup": "5:memory:/job\n3:cpu,cpuacct:/job\n1:name=systemd:/other\n",
}


@pytest.mark.parametrize("files", [V2, V1], ids=["v2", "v1"])
def test_limits_of_a_control_group_are_read(tmp_path, files):
    tree_of(tmp_path, files)
    gauge = Cgroup(7, tmp_path / "tree", tmp_path / "proc")
    first = gauge.read(10.0)
    assert first == {
        "container/memory_bytes": 2 * GIB,
        "container/memory_limit_bytes": 8 * GIB,
        "container/memory_percent": 25.0,
        "container/cpu_limit_cores": 2.5,
    }
    more = {
        "tree/job/cpu.stat": "usage_usec 4000000\nnr_throttled 4\nthrottled_usec 700000\n",
        "tree/cpu/job/cpu.stat": "nr_throttled 4\nthrottled_time 700000000\n",
        "tree/cpuacct/job/cpuacct.usage": "4000000000\n",
    }
    tree_of(tmp_path, {name: text for name, text in more.items() if name in files})
    second = gauge.read(12.0)
    assert second["container/cpu_percent"] == pytest.approx(150.0)
    assert second["container/throttled_percent"] == pytest.approx(25.0)


@pytest.mark.parametrize(
    "files",
    [
        {**V2, "tree/job/memory.max": "max\n", "tree/job/cpu.max": "max 100000\n"},
        {
            **V1,
            "tree/memory/job/memory.limit_in_bytes": "9223372036854771712\n",
            "tree/cpu/job/cpu.cfs_quota_us": "-1\n",
        },
        {},
        {"proc/7/cgroup": "what is this"},
    ],
    ids=["v2", "v1", "none", "broken"],
)
def test_no_limit_is_absent_and_not_zero(tmp_path, files):
    tree_of(tmp_path, files)
    assert Cgroup(7, tmp_path / "tree", tmp_path / "proc").read(1.0) == {}


def test_in_a_container_the_root_of_the_tree_counts(tmp_path):
    files = {name.replace("/job", ""): text for name, text in V2.items() if not name.startswith("proc")}
    tree_of(tmp_path, {**files, "proc/7/cgroup": "0::/../../docker/abc\n"})
    gauge = Cgroup(7, tmp_path / "tree", tmp_path / "proc")
    assert gauge.read(1.0)["container/memory_percent"] == 25.0


def test_all_of_a_gpu_is_read_through_a_fake_of_nvmls_c_interface():
    mine = FakeGpu(processes={11: 3 * GIB, 99: 9 * GIB, 12: GIB}, shares={11: 40, 12: 20, 99: 10})
    with driver(mine) as nvml:
        gauge = Gpus()
        found = gauge.read({11, 12})
        gauge.close()
        assert nvml.opened == 0
    assert found == {
        "gpu0/utilization_percent": 73.0,
        "gpu0/memory_activity_percent": 31.0,
        "gpu0/memory_bytes": 20.0 * GIB,
        "gpu0/memory_percent": 25.0,
        "gpu0/temperature_celsius": 61.0,
        "gpu0/power_watts": 284.5,
        "gpu0/power_limit_watts": 400.0,
        "gpu0/sm_clock_mhz": 1410.0,
        "gpu0/memory_clock_mhz": 1410.0,
        "gpu0/process_memory_bytes": 4.0 * GIB,
        "gpu0/process_utilization_percent": 60.0,
    }


def test_a_driver_that_counts_only_one_way_is_read_through_a_fake_of_nvmls_c_interface():
    with driver(FakeGpu(old=True)):
        assert Gpus().read([])["gpu0/memory_bytes"] == 20 * GIB + RESERVED


def test_what_a_driver_does_not_know_is_absent_through_a_fake_of_nvmls_c_interface():
    old = FakeGpu(busy=None, memory=None, temperature=None, milliwatts=None, clock=None)
    with driver(old, FakeGpu(temperature=40)):
        found = Gpus().read({1})
    assert not [name for name in found if name.startswith("gpu0/")]
    assert found["gpu1/temperature_celsius"] == 40.0
    assert "gpu1/process_memory_bytes" not in found


def test_a_machine_without_a_driver_has_no_gpus():
    gauge = Gpus()
    assert gauge.read({1}) == {}
    gauge.close()
