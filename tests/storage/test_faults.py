"""The table of what libraries raise and what it means; each with the real class."""

import errno
import socket
from typing import Any

import aiohttp
import botocore.exceptions as boto
import google.auth.exceptions
import pytest
import requests
from botocore.parsers import ResponseParserError
from fsspec.exceptions import FSTimeoutError
from gcsfs.retry import HttpError
from s3fs.errors import translate_boto_error

from runhooks.errors import StoreError, StoreUnreachableError
from runhooks.storage._faults import Fault, classify, typed


def answer(status: int, code: str = "") -> Exception:
    """Return what s3fs makes of an answer of S3."""
    response: Any = {"Error": {"Code": code or str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
    found: Exception = translate_boto_error(boto.ClientError(response, "PutObject"))
    return found


URL = {"endpoint_url": "http://127.0.0.1:1"}
UNREACHABLE = [
    boto.EndpointConnectionError(**URL),
    boto.ConnectTimeoutError(**URL),
    boto.ReadTimeoutError(**URL),
    boto.ConnectionClosedError(**URL),
    boto.HTTPClientError(error="broken"),
    boto.ProxyConnectionError(proxy_url="http://127.0.0.1:1"),
    boto.SSLError(error="handshake", **URL),
    boto.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    boto.ResponseStreamingError(error="cut"),
    ResponseParserError("not XML"),
    aiohttp.ClientPayloadError("cut body"),
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientOSError(errno.ECONNRESET, "reset"),
    aiohttp.ServerTimeoutError(),
    requests.exceptions.ProxyError(),
    requests.exceptions.ConnectionError(),
    google.auth.exceptions.TransportError("no route"),
    FSTimeoutError(),
    TimeoutError(),
    ConnectionResetError(),
    BrokenPipeError(),
    socket.gaierror(-2, "Name or service not known"),
    OSError(errno.ENETUNREACH, "unreachable"),
    OSError(errno.EBUSY, "please reduce your request rate"),
    *(answer(status) for status in (408, 409, 429, 500, 502, 503, 504)),
    answer(503, "SlowDown"),
    answer(500, "InternalError"),
    answer(400, "RequestTimeout"),
    answer(409, "ConditionalRequestConflict"),
    answer(400, "BadDigest"),
    *(HttpError({"code": code}) for code in (408, 429, 500, 503)),
]
REFUSED = [
    boto.NoCredentialsError(),
    boto.PartialCredentialsError(provider="env", cred_var="secret"),
    boto.ProfileNotFound(profile="team"),
    boto.CredentialRetrievalError(provider="process", error_msg="no"),
    boto.TokenRetrievalError(provider="sso", error_msg="no"),
    boto.UnauthorizedSSOTokenError(),
    google.auth.exceptions.DefaultCredentialsError("none found"),
    google.auth.exceptions.RefreshError("expired"),
    PermissionError("no"),
    OSError("Forbidden: https://storage.googleapis.com/b"),
    answer(403, "AccessDenied"),
    answer(403, "SignatureDoesNotMatch"),
    answer(403, "RequestTimeTooSkewed"),
    answer(400, "ExpiredToken"),
    answer(403, "InvalidAccessKeyId"),
    answer(403),
    HttpError({"code": 401, "message": "Invalid Credentials"}),
    HttpError({"code": 403}),
]
OTHERS = [
    (answer(404, "NoSuchBucket"), Fault.NO_STORE),
    (answer(404, "NoSuchKey"), Fault.NO_OBJECT),
    (answer(404), Fault.NO_OBJECT),
    (FileNotFoundError("x"), Fault.NO_OBJECT),
    (answer(412, "PreconditionFailed"), Fault.EXISTS),
    (answer(412), Fault.EXISTS),
    (FileExistsError("x"), Fault.EXISTS),
    (answer(416, "InvalidRange"), Fault.BEYOND),
    (HttpError({"code": 416}), Fault.BEYOND),
    (answer(501, "NotImplemented"), Fault.OTHER),
    (answer(400, "EntityTooLarge"), Fault.OTHER),
    (boto.ParamValidationError(report="bad"), Fault.OTHER),
    (HttpError({"code": 400}), Fault.OTHER),
    (OSError(errno.ENOSPC, "full"), Fault.OTHER),
    (ValueError("bad"), Fault.OTHER),
    (RuntimeError("cannot schedule new futures after shutdown"), Fault.OTHER),
]
TABLE = [
    *((error, Fault.UNREACHABLE) for error in UNREACHABLE),
    *((error, Fault.REFUSED) for error in REFUSED),
    *OTHERS,
]


@pytest.mark.parametrize(
    ("error", "fault"), TABLE, ids=lambda value: getattr(value, "name", repr(value)[:60])
)
def test_an_exception_is_sorted(error: Exception, fault: Fault) -> None:
    assert classify(error) is fault


def test_the_answer_counts_also_where_it_is_only_the_cause() -> None:
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = answer(503, "SlowDown")
    assert classify(wrapped) is Fault.UNREACHABLE


def test_an_error_says_what_failed_and_why_without_secrets() -> None:
    cause = OSError("https://user:hunter2@host/AKIAABCDEFGHIJKLMNOP refused\nsecond line")
    error = typed(Fault.UNREACHABLE, "could not read a.txt in the store s3://bucket", cause)
    assert type(error) is StoreUnreachableError
    assert str(error).startswith("could not read a.txt in the store s3://bucket: the store did not answer")
    for hidden in ("hunter2", "AKIAABCDEFGHIJKLMNOP", "second line"):
        assert hidden not in str(error)


def test_kinds_that_stores_handle_never_come_out_as_such() -> None:
    for fault in (Fault.EXISTS, Fault.BEYOND, Fault.OTHER):
        assert type(typed(fault, "x", ValueError("y"))) is StoreError
