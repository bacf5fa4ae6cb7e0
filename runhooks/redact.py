"""Secrets out of what is written: by the name of a key, and by the shape of a text."""

import os
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

__all__ = ["Redactor", "redact_argv", "redact_text", "redact_tree"]

HIDDEN = "[redacted]"

_WORDS = (
    r"(?:(?:api|access|secret|private|account|wandb|signing|encryption)[-_]?keys?|secrets?|passwords?|passwd|pwd|"
    r"passphrase|credentials?|authorization|bearer|tokens?)"
)
# Texts, not compiled: `re` keeps what it compiled, and a run that needs none of them opens 3 ms sooner.
_NAME = rf"(?i)(?:^|[^a-z]){_WORDS}$"
_GIVEN = rf"""(?i)((?:\b|[_-]){_WORDS}["']?\]?\s*[=:]\s*)(["'])(?:(?!\2).)+\2"""
"""A credential in source, in saved code or a traceback: ``login(api_key="…")``, ``config["token"] = "…"``."""

# Token shapes as their issuers document them: AWS, GitHub, GitLab, Hugging Face, OpenAI and Anthropic, Slack,
# Google, JSON web tokens.
_SHAPES = (
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[0-9A-Za-z]{36,}\b",
    r"\bgithub_pat_[0-9A-Za-z_]{22,}\b",
    r"\bglpat-[0-9A-Za-z_-]{20,}",
    r"\bhf_[0-9A-Za-z]{30,}\b",
    r"\bsk-[0-9A-Za-z_-]{20,}",
    r"\bxox[abprs]-[0-9A-Za-z-]{10,}",
    r"\bAIza[0-9A-Za-z_-]{35}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    (
        r"(?i)(?<=[?&])(?:(?:x-(?:amz|goog)-)?(?:signature|credential|security-token)|sig|(?:access_)?token|api_?key)"
        r"=[^&\s\"']+"
    ),
    r"(?i)(?:(?<=bearer )|(?<=basic ))[0-9a-z_.~+/=-]{12,}",
    r"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*",
)
# Something of this is in every text that the patterns above find; to look for it takes far less time.
_HINTS = (
    "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "hf_", "sk-", "xox",
    "aiza", "eyj", "key", "secret", "passw", "pwd", "passphrase", "credential", "authorization", "bearer",
    "token", "sig", "basic ",
)  # fmt: skip
_CAMEL = r"(?<=[a-z0-9])(?=[A-Z])"
_USERINFO = r"(?<=://)[^/\s\"']+@"


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, _SHAPES))


@cache
def _added(extra: str) -> tuple[re.Pattern[str], ...]:
    # One by one, not joined: a pattern of the user's may have flags, groups and references of its own.
    return tuple(map(_compiled, filter(None, extra.split(";"))))


def _compiled(given: str) -> re.Pattern[str]:
    try:
        return re.compile(given)
    except re.error:
        return re.compile(re.escape(given))


def redact_text(value: str) -> str:
    """Return a text without URL userinfo and well-known token shapes.

    ``RUNHOOKS_REDACT`` adds regular expressions, separated by ``;``.
    """
    value = re.sub(_USERINFO, HIDDEN + "@", value) if "@" in value else value
    if _may_hold_more(value):
        value = re.sub(_GIVEN, rf"\1\2{HIDDEN}\2", value)
        for shape in _shapes():
            value = shape.sub(HIDDEN, value)
    for shape in _added(os.environ.get("RUNHOOKS_REDACT", "")):
        value = shape.sub(HIDDEN, value)
    return value


def _may_hold_more(value: str) -> bool:
    small = value.lower()
    return any(hint in small for hint in _HINTS)


class Redactor:
    """Redacts a text that comes in pieces: a private key may begin in one and end in another."""

    def __init__(self) -> None:
        self._in_key = False

    def redact(self, piece: str) -> str:
        """Return the next piece without what :func:`redact_text` takes out."""
        if self._in_key:
            _, ended, piece = piece.partition("-----END ")
            if not ended:
                return "\n" if piece.endswith("\n") else ""
            self._in_key = False
            piece = piece.partition("-----")[2]
        begun = piece.rfind("-----BEGIN ")
        self._in_key = begun >= 0 and "PRIVATE KEY" in piece[begun:] and "-----END " not in piece[begun:]
        return redact_text(piece)


def redact_tree(value: Any) -> Any:
    """Return plain data whose credentials are hidden: by key name, and in every string."""
    if isinstance(value, dict):
        return {
            redact_text(key): HIDDEN if _is_secret(key, item) else redact_tree(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact_tree(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


def _is_secret(key: str, value: Any) -> bool:
    if value in (None, "", [], {}) or isinstance(value, bool):
        return False
    return _names_secret(key, value if isinstance(value, str) else None)


def _names_secret(name: str, value: str | None) -> bool:
    """Tell whether a name is a credential's; a model's ``pad_token`` is none, being short."""
    name = re.sub(_CAMEL, "_", name)
    if not re.search(_NAME, name):
        return False
    return not re.search(r"(?i)tokens?$", name) or (value is not None and len(value) >= 16)


def redact_argv(argv: Iterable[str]) -> list[str]:
    """Return command-line arguments with the values of credential options hidden.

    >>> redact_argv(["train.py", "--api-key", "abc", "--password=x", "--max-tokens", "512"])
    ['train.py', '--api-key', '[redacted]', '--password=[redacted]', '--max-tokens', '512']
    """
    shown: list[str] = []
    before = ""
    for word in argv:
        name, equals, value = word.partition("=")
        if before and not word.startswith("-") and _option_is_secret(before, word):
            shown.append(HIDDEN)
        elif equals and _option_is_secret(name, value):
            shown.append(f"{name}={HIDDEN}")
        else:
            shown.append(redact_text(word))
        before = word if word.startswith("-") and not equals else ""
    return shown


def _option_is_secret(name: str, value: str) -> bool:
    """Tell whether an option's value is a credential; numbers, and words like ``<pad>``, are none."""
    return bool(re.search(_NAME, re.sub(_CAMEL, "_", name))) and not re.fullmatch(r"[\d.]+|<.*>", value)
