"""What is kept of the code and its packages."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from runhooks.recorder import git
from runhooks.recorder.code import requirements
from runhooks.recorder.git import diff, git_facts
from runhooks.recorder.machine import of_machine
from runhooks.training.environment import of_process
from tests.programs import ended, run, views

SECRET = "hf_" + "Z" * 36


def command(folder: Path, *words: str) -> None:
    facts = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    done = ["git", "-c", "init.defaultBranch=main", *words]
    subprocess.run(done, cwd=folder, env={**os.environ, **facts}, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "train.py").write_text("lr = 0.1\n")
    command(folder, "init")
    command(folder, "add", "train.py")
    command(folder, "commit", "-m", "first")
    command(folder, "remote", "add", "origin", "https://user:hunter2pass@host/x.git")
    return folder


def test_changes_since_the_commit_are_a_patch_without_secrets(repository):
    assert diff(str(repository)) == ""
    (repository / "train.py").write_text(f"lr = 0.2\ntoken = '{SECRET}'\n")
    (repository / "untracked.py").write_text("x")
    patch = diff(str(repository))
    assert "-lr = 0.1\n+lr = 0.2\n" in patch
    assert "untracked" not in patch
    assert SECRET not in patch
    facts = git_facts(str(repository))
    assert facts["branch"] == "main"
    assert facts["dirty"] is True
    assert facts["remote"] == "https://[redacted]@host/x.git"


def test_a_long_patch_is_cut_at_a_line_and_says_so(repository, monkeypatch):
    monkeypatch.setattr(git, "MOST_DIFF", 2000)
    (repository / "train.py").write_text("".join(f"line {n}\n" for n in range(10_000)))
    patch = diff(str(repository))
    assert len(patch) < 2100
    assert patch.endswith("\n# cut here: the changes are longer than 2,000 bytes\n")


def test_the_repository_is_not_touched(repository):
    (repository / "train.py").write_text("lr = 0.1\n")  # the same content, another time: git would refresh
    os.utime(repository / "train.py", (1_000_000_000, 1_000_000_000))
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*")}
    command_hook = repository / ".git" / "hook"
    command_hook.write_text("#!/bin/sh\ntouch ran\n")
    command_hook.chmod(0o755)
    command(repository, "config", "core.fsmonitor", str(command_hook))
    assert diff(str(repository)) == ""
    git_facts(str(repository))
    assert not (repository / "ran").exists()
    after = {path: path.stat().st_mtime_ns for path in before}
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed <= {".git", "config"}  # the hook and its setting, by this test


def detached(repository: Path) -> Path:
    command(repository, "checkout", "--detach")
    return repository


def without_commit(repository: Path) -> Path:
    folder = repository.parent / "new"
    folder.mkdir()
    command(folder, "init")
    command(folder, "remote", "add", "origin", "git@host:x.git")
    return folder


def worktree(repository: Path) -> Path:
    command(repository, "worktree", "add", "-b", "side", "../side")
    return repository.parent / "side"


def below(repository: Path) -> Path:
    (repository / "sub/deep").mkdir(parents=True)
    return repository / "sub/deep"


def submodule(repository: Path) -> Path:
    command(repository, "-c", "protocol.file.allow=always", "submodule", "add", str(repository), "part")
    command(repository, "commit", "-m", "with a part")
    (repository / "part/train.py").write_text("lr = 0.3\n")
    return repository


def binary(repository: Path) -> Path:
    (repository / "weights.bin").write_bytes(bytes(range(256)) * 100)
    command(repository, "add", "weights.bin")
    os.mkfifo(repository / "fifo")
    return repository


@pytest.mark.parametrize(
    ("made", "known", "patch"),
    [
        (detached, {"commit", "dirty", "remote"}, ""),
        (without_commit, {"branch", "remote"}, ""),
        (worktree, {"commit", "dirty", "branch", "remote"}, ""),
        (below, {"commit", "dirty", "branch", "remote"}, ""),
        (submodule, {"commit", "dirty", "branch", "remote"}, "+Subproject commit"),
        (binary, {"commit", "dirty", "branch", "remote"}, "Binary files /dev/null and b/weights.bin differ"),
    ],
)
def test_a_repository_in_any_state_is_told_of_and_left_alone(repository, made, known, patch):
    folder = made(repository)
    top = folder.parent if folder.name != "deep" else repository.parent
    before = {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in top.rglob("*")}
    facts, found = git_facts(str(folder)), diff(str(folder))
    assert set(facts) == known
    assert patch in found
    assert bool(patch) == bool(found)
    assert facts.get("dirty", False) == bool(patch)
    assert before == {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in top.rglob("*")}


@pytest.mark.parametrize("folder", ["/", "/nonexistent"])
def test_no_repository_is_no_patch(folder):
    assert diff(folder) == ""
    assert git_facts(folder) == {}


def test_requirements_are_the_packages_on_the_path(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for place, name in (
        (first, "Some_Pkg-1.2.dist-info"),
        (second, "some.pkg-9"),
        (second, "some_pkg-9.dist-info"),
    ):
        (place / name).mkdir(parents=True)
    (second / "old-0.1-py3.11.egg-info").mkdir()
    assert requirements([str(first), str(tmp_path / "gone"), str(second)]) == "old==0.1\nSome-Pkg==1.2\n"
    assert f"psutil=={version('psutil')}" in requirements(sys.path)


def test_a_run_has_packages_patch_and_script(repository):
    (repository / "train.py").write_text("lr = 0.2\n")
    code = f"""
import runhooks
token = "{SECRET}"
run = runhooks.init(project="p", id="mine", quiet=True, save_code=True)
run.log({{"a": 1}})
run.finish()
"""
    done = run(code, repository, RUNHOOKS_STORE="runs")
    assert done.returncode == 0, done.stderr
    ended(repository)
    files = repository / "runs" / "default" / "p" / "runs" / "mine" / "files"
    assert f"psutil=={version('psutil')}\n" in (files / "requirements.txt").read_text()
    assert "+lr = 0.2" in (files / "diff.patch").read_text()
    assert (files / "code" / "program.py").read_text() == code.replace(SECRET, "[redacted]")


def test_without_save_code_the_script_is_not_kept(tmp_path):
    run("import runhooks\nrunhooks.init(project='p', id='mine', quiet=True).finish()", tmp_path)
    ended(tmp_path)
    assert not (tmp_path / "runs/default/p/runs/mine/files/code").exists()


def test_a_notebooks_cells_are_kept(tmp_path):
    """IPython itself is not installed here: a stand-in with its history."""
    code = f"""
import sys, types
class Shell:
    user_ns = {{"In": ["", "import runhooks", "token = '{SECRET}'", "run.log({{'a': 1}})"]}}
sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: Shell())
import runhooks
runhooks.init(project="p", id="mine", quiet=True, save_code=True).finish()
"""
    run(code, tmp_path)
    ended(tmp_path)
    text = (tmp_path / "runs/default/p/runs/mine/files/code/notebook.py").read_text()
    assert (
        text == "# In [1]\nimport runhooks\n\n# In [2]\ntoken = '[redacted]'\n\n# In [3]\nrun.log({'a': 1})\n"
    )


def test_jobs_of_clusters_are_told(monkeypatch):
    job = {
        "SLURM_JOB_ID": "77",
        "SLURM_NODELIST": "n[1-2]",
        "RANK": "3",
        "WORLD_SIZE": "8",
        "GROUP_RANK": "1",
    }
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    assert of_process()["job"].items() >= job.items()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("POD_NAME", "train-0")
    facts = of_machine(None)
    assert facts["kubernetes"]["pod"] == "train-0"
    assert facts["cpu_threads"] == os.cpu_count()


def test_the_author_is_the_account_where_no_variable_says_so(monkeypatch):
    for name in ("RUNHOOKS_AUTHOR", "USER", "LOGNAME"):
        monkeypatch.delenv(name, raising=False)
    import pwd

    assert of_process()["author"] == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setenv("RUNHOOKS_AUTHOR", "ada")
    assert of_process()["author"] == "ada"


def test_more_patterns_are_redacted_everywhere(tmp_path):
    code = """
import runhooks
run = runhooks.init(project="p", id="mine", quiet=True, save_code=True, config={"note": "code-4711"})
print("printed code-4711")
run.finish()
"""
    run(code, tmp_path, RUNHOOKS_REDACT=r"code-\d+")
    ended(tmp_path)
    assert views(tmp_path)[0].config == {"note": "[redacted]"}
    found = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert not [path for path in found if b"code-4711" in path.read_bytes()]
