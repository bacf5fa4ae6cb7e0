"""Where things lie in a store, and which names may be part of a path."""

import re
from typing import NamedTuple

from ..errors import IdError

__all__ = ["RunPath", "check_id", "check_name", "parse_run_path", "part_name"]

_FORBIDDEN = r"[/\\#?%:;,'\x00-\x1f\x7f\ud800-\udfff]"
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ")
"""Most names are of these only, and need no pattern to be compiled."""
_RESERVED = frozenset({"assets", "data", "index.html"})
_MOST_BYTES = 240
"""First folders of a store that are the site's own."""


class RunPath(NamedTuple):
    """Entity, project and id of a run; ``str()`` gives ``entity/project/id``."""

    entity: str
    project: str
    id: str

    def __str__(self) -> str:
        return "/".join(self)

    @property
    def folder(self) -> str:
        """The run's folder in the store: ``entity/project/runs/id``."""
        return f"{self.entity}/{self.project}/runs/{self.id}"


def check_id(value: str, what: str = "id", longest: int = 64) -> str:
    r"""Return `value` when it can name a run.

    Raises
    ------
    IdError
        When it is empty, longer than `longest` characters or 240 bytes, begins with a dot, begins or ends
        with a space, or has one of ``/ \ # ? % : ; , '`` or a control character. The rule is the W&B
        one, without its silent repairs.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise IdError(f"{what} must be a text of 1 to {longest} characters, not {value!r}")
    found = None if _ALLOWED.issuperset(value) else re.search(_FORBIDDEN, value)
    if found:
        raise IdError(
            f"{what} {value!r} contains {found.group()!r}; "
            "/ \\ # ? % : ; , ' and control characters cannot be part of a path"
        )
    if value.startswith(".") or value != value.strip():
        raise IdError(f"{what} {value!r} begins with a dot or a space, or ends with a space")
    if len(value.encode()) > _MOST_BYTES:  # what file systems take, less room for endings
        raise IdError(f"{what} {value!r} is longer than {_MOST_BYTES} bytes in UTF-8")
    return value


def check_name(value: str, what: str) -> str:
    """Return `value` when it can name an entity or project: as an id, up to 128 characters."""
    check_id(value, what, longest=128)
    if what == "entity" and value in _RESERVED:
        raise IdError(f"entity {value!r} is a folder of the site itself; choose another")
    return value


def parse_run_path(path: str) -> RunPath:
    """Read ``entity/project/id``; ``project/id`` has the entity ``default``.

    Raises
    ------
    IdError
        When it has another number of parts, or a part is no name.
    """
    parts = path.strip("/").split("/")
    if len(parts) == 4 and parts[2] == "runs":  # as a page's address has it
        del parts[2]
    if len(parts) == 2:
        parts = ["default", *parts]
    if len(parts) != 3:
        raise IdError(f"a run path is entity/project/id, not {path!r}")
    return RunPath(check_name(parts[0], "entity"), check_name(parts[1], "project"), check_id(parts[2]))


def part_name(writer: str, number: int) -> str:
    """Return the file name of the Parquet part made of one journal segment."""
    return f"{writer}-{number:08d}.parquet"
