"""What the arguments of ``init()`` say of where a run begins: anew, after its last step, or at another."""

import re
from typing import NamedTuple

from ..errors import ArgumentError
from ..record.paths import RunPath, check_id, check_name
from ..settings import Settings

__all__ = ["Moment", "fork_of", "resolved"]

_FORM = r"(?P<run>[^?]+)\?_step=(?P<step>-?\d+)"
_MOST_DIGITS = 19


class Moment(NamedTuple):
    """A step of a run, the last one that is kept."""

    path: RunPath
    step: int


def resolved(settings: Settings) -> Settings:
    """Return the settings with `resume_from` as `id`, `resume` and `resume_step`.

    Raises
    ------
    ArgumentError
        Where one argument contradicts another.
    """
    if settings.fork_from is not None:
        for name in ("resume_from", "resume_step"):
            if getattr(settings, name) is not None:
                raise ArgumentError(
                    f"fork_from begins a new run and {name} goes on with one; give one of them"
                )
        if settings.resume not in (None, "never"):
            raise ArgumentError(
                f"fork_from begins a new run, resume={settings.resume!r} goes on with one; give one of them"
            )
    if settings.resume_from is not None:
        settings = _from(settings, settings.resume_from)
    if settings.resume_step is not None:
        if settings.resume in ("never", "auto"):
            raise ArgumentError(f"resume={settings.resume!r} and a step to resume from contradict each other")
        if settings.id is None:
            raise ArgumentError("resume_step needs an id: init(id=..., resume_step=...)")
        settings = settings._replace(resume="must")
    return settings


def _from(settings: Settings, text: str) -> Settings:
    if settings.resume_step is not None:
        raise ArgumentError("resume_from has a step of its own; leave out resume_step")
    moment = _moment("resume_from", text, settings)
    if (moment.path.entity, moment.path.project) != (settings.entity, settings.project):
        raise ArgumentError(
            f"resume_from={text!r} is a run of another project than {settings.entity}/{settings.project}; "
            "to begin a run there with its history: fork_from"
        )
    if settings.id not in (None, moment.path.id):
        raise ArgumentError(f"id={settings.id!r} and resume_from={text!r} name two runs")
    return settings._replace(id=moment.path.id, resume_step=moment.step)


def fork_of(settings: Settings, path: RunPath) -> Moment | None:
    """Return what the run with this path is forked from, None when it is not.

    Raises
    ------
    ArgumentError
        When it would be forked from itself.
    """
    if settings.fork_from is None:
        return None
    moment = _moment("fork_from", settings.fork_from, settings)
    if moment.path == path:
        raise ArgumentError(
            f"a run cannot be forked from itself; to go on with {path} from step {moment.step}: resume_from"
        )
    return moment


def _moment(name: str, text: str, settings: Settings) -> Moment:
    match = re.fullmatch(_FORM, text)
    if match is None or len(match["step"]) > _MOST_DIGITS:
        raise ArgumentError(f"{name} must be 'ID?_step=N', such as 'k3f9a0b1?_step=200', not {text!r}")
    parts = match["run"].strip("/").split("/")
    if len(parts) > 3:
        raise ArgumentError(
            f"{name} names a run by ID, PROJECT/ID or ENTITY/PROJECT/ID, not {match['run']!r}"
        )
    entity, project, id = [settings.entity, settings.project][: 3 - len(parts)] + parts
    path = RunPath(check_name(entity, "entity"), check_name(project, "project"), check_id(id))
    return Moment(path, int(match["step"]))
