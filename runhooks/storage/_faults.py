"""What went wrong: every library's exceptions sorted into six kinds, in one place."""

import errno
from collections.abc import Iterator
from enum import Enum
from typing import Any

from runhooks.errors import (
    ObjectNotFoundError,
    StoreError,
    StoreNotFoundError,
    StorePermissionError,
    StoreUnreachableError,
)
from runhooks.redact import redact_text

__all__ = ["Fault", "classify", "typed"]


class Fault(Enum):
    """A kind of failure; the value is the exception that callers of a store get."""

    UNREACHABLE = StoreUnreachableError
    """No answer, or one that says *later*: the only kind that is tried again."""
    REFUSED = StorePermissionError
    NO_STORE = StoreNotFoundError
    NO_OBJECT = ObjectNotFoundError
    EXISTS = FileExistsError
    """A create found an object there; never leaves the store."""
    BEYOND = EOFError
    """A range begins at or after the object's end; never leaves the store."""
    OTHER = StoreError


# By name, so that sorting an exception imports no library. A subclass counts as its nearest base here.
_CLASSES = {
    "botocore.exceptions.ConnectionError": Fault.UNREACHABLE,
    "botocore.exceptions.HTTPClientError": Fault.UNREACHABLE,
    "botocore.exceptions.IncompleteReadError": Fault.UNREACHABLE,
    "botocore.exceptions.NoCredentialsError": Fault.REFUSED,
    "botocore.exceptions.PartialCredentialsError": Fault.REFUSED,
    "botocore.exceptions.CredentialRetrievalError": Fault.REFUSED,
    "botocore.exceptions.TokenRetrievalError": Fault.REFUSED,
    "botocore.exceptions.SSOError": Fault.REFUSED,
    "botocore.exceptions.ProfileNotFound": Fault.REFUSED,
    "botocore.exceptions.MetadataRetrievalError": Fault.UNREACHABLE,
    "botocore.parsers.ResponseParserError": Fault.UNREACHABLE,
    "aiohttp.client_exceptions.ClientError": Fault.UNREACHABLE,
    "http.client.IncompleteRead": Fault.UNREACHABLE,
    "requests.exceptions.RequestException": Fault.UNREACHABLE,
    "requests.exceptions.InvalidURL": Fault.OTHER,
    "google.auth.exceptions.TransportError": Fault.UNREACHABLE,
    "google.auth.exceptions.GoogleAuthError": Fault.REFUSED,
    "gcsfs.retry.ChecksumError": Fault.UNREACHABLE,
    "azure.core.exceptions.ServiceRequestError": Fault.UNREACHABLE,
    "azure.core.exceptions.ServiceResponseError": Fault.UNREACHABLE,
    "azure.core.exceptions.ClientAuthenticationError": Fault.REFUSED,
    "azure.core.exceptions.ResourceNotFoundError": Fault.NO_OBJECT,
    "azure.core.exceptions.ResourceExistsError": Fault.EXISTS,
    "paramiko.ssh_exception.AuthenticationException": Fault.REFUSED,
    "paramiko.ssh_exception.SSHException": Fault.UNREACHABLE,
    "builtins.FileNotFoundError": Fault.NO_OBJECT,
    "builtins.FileExistsError": Fault.EXISTS,
    "builtins.PermissionError": Fault.REFUSED,
    "builtins.TimeoutError": Fault.UNREACHABLE,
    "builtins.ConnectionError": Fault.UNREACHABLE,
    "builtins.EOFError": Fault.UNREACHABLE,
    "socket.gaierror": Fault.UNREACHABLE,
    "socket.herror": Fault.UNREACHABLE,
}

# The code of an S3 or Azure answer; where it is not here, the HTTP status decides.
_CODES = {
    "NoSuchBucket": Fault.NO_STORE,
    "ContainerNotFound": Fault.NO_STORE,
    "PreconditionFailed": Fault.EXISTS,
    "BlobAlreadyExists": Fault.EXISTS,
    "AuthorizationFailure": Fault.REFUSED,
    "ExpiredToken": Fault.REFUSED,
    "InvalidAccessKeyId": Fault.REFUSED,
    "InvalidToken": Fault.REFUSED,
    "TokenRefreshRequired": Fault.REFUSED,
    "BadDigest": Fault.UNREACHABLE,
    "IncompleteBody": Fault.UNREACHABLE,
    "RequestTimeout": Fault.UNREACHABLE,
    "XAmzContentSHA256Mismatch": Fault.UNREACHABLE,
    "NoSuchUpload": Fault.UNREACHABLE,
    "InvalidRange": Fault.BEYOND,
}

_STATUSES = {
    401: Fault.REFUSED,
    403: Fault.REFUSED,
    404: Fault.NO_OBJECT,
    407: Fault.REFUSED,
    408: Fault.UNREACHABLE,
    409: Fault.UNREACHABLE,
    412: Fault.EXISTS,
    416: Fault.BEYOND,
    425: Fault.UNREACHABLE,
    429: Fault.UNREACHABLE,
    501: Fault.OTHER,
}

_ERRNOS = {
    errno.EACCES: Fault.REFUSED,
    errno.EAGAIN: Fault.UNREACHABLE,
    errno.EBUSY: Fault.UNREACHABLE,
    errno.EHOSTDOWN: Fault.UNREACHABLE,
    errno.EHOSTUNREACH: Fault.UNREACHABLE,
    errno.ENETDOWN: Fault.UNREACHABLE,
    errno.ENETUNREACH: Fault.UNREACHABLE,
    errno.EPERM: Fault.REFUSED,
    errno.EROFS: Fault.REFUSED,
    getattr(errno, "EREMOTEIO", errno.ETIMEDOUT): Fault.UNREACHABLE,
}


def classify(error: BaseException) -> Fault:
    """Tell what kind of failure a library's exception is.

    What the server answered counts more than the exception made of it: s3fs turns a conflict into
    ``OSError(EIO)`` and a failed condition into ``OSError(EINVAL)``, but keeps the answer as the cause.
    """
    for raised in _causes(error):
        fault = _by_answer(raised)
        if fault:
            return fault
    for base in type(error).__mro__:
        fault = _CLASSES.get(f"{base.__module__}.{base.__qualname__}")
        if fault:
            return fault
    if isinstance(error, OSError):
        # gcsfs says so only in words.
        return (
            Fault.REFUSED
            if str(error).startswith("Forbidden")
            else _ERRNOS.get(error.errno or 0, Fault.OTHER)
        )
    return Fault.OTHER


def typed(fault: Fault, what: str, error: BaseException) -> StoreError:
    """Return the exception that callers get: `what` was done, and why it failed in the library's words.

    Parameters
    ----------
    fault : Fault
        EXISTS and BEYOND, which stores handle, count as OTHER here.
    what : str
        Begins the message, as in ``could not read a.txt in the store s3://bucket``.
    error : BaseException
        What the library raised. Secrets in its text are hidden, and all but its first line is left out.
    """
    first = (str(error).strip().splitlines() or [""])[0]
    reason = redact_text(f"{type(error).__name__}: {first[:300]}" if first else type(error).__name__)
    kind = fault.value if issubclass(fault.value, StoreError) else StoreError
    found: StoreError = kind(f"{what}: {_SAID.get(fault, '')}{reason}")
    return found


_SAID = {
    Fault.UNREACHABLE: "the store did not answer, or asked to try later. ",
    Fault.REFUSED: "the store refused the credentials, or none were found. ",
    Fault.NO_STORE: "there is no such bucket or folder. ",
    Fault.NO_OBJECT: "there is no such object. ",
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what caused it, as far as `raise from` tells."""
    link: BaseException | None = error
    for _ in range(4):
        if link is None:
            return
        yield link
        link = link.__cause__


def _by_answer(error: BaseException) -> Fault | None:
    """Sort by the server's answer, if the exception carries one: botocore, azure, gcsfs or aiohttp."""
    code, status = _answer(error)
    if code in _CODES:
        return _CODES[code]
    if status in _STATUSES:
        return _STATUSES[status]
    return Fault.UNREACHABLE if status is not None and 500 <= status < 600 else None


def _answer(error: BaseException) -> tuple[str, int | None]:
    facts: Any = error
    answer = getattr(facts, "response", None)
    if isinstance(answer, dict):  # botocore.exceptions.ClientError
        code = str(answer.get("Error", {}).get("Code", ""))
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return code, status or (int(code) if code.isdigit() else None)
    code = str(getattr(facts, "error_code", None) or "")  # azure.core.exceptions.HttpResponseError
    for name in ("status_code", "status", "code"):  # azure, aiohttp, gcsfs
        value = getattr(facts, name, None)
        if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
            return code, int(value)
    return code, None
