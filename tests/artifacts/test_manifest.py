"""Manifests: what they hold, and which paths they are refused for before anything is read or written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runhooks.errors import FormatVersionError, IdError, RecordError
from runhooks.record.manifest import (
    FileEntry,
    Manifest,
    check_alias,
    check_artifact_name,
    check_entry_path,
    digest_of,
    parse_artifact_path,
)

DIGEST = "0" * 64


def manifest(**more):
    entries = {"a.txt": FileEntry(1, DIGEST), "s3/b": FileEntry(None, None, "s3://bucket/b", "etag")}
    facts = {
        "name": "data",
        "type": "dataset",
        "version": "v3",
        "digest": digest_of(entries),
        "entries": entries,
        "created_at": 5,
        "made_by": "default/p/k3f9",
        "order": "1",
        "metadata": {"n": float("inf")},
        "tags": ("x",),
    }
    return Manifest(**{**facts, **more})


def test_a_manifest_reads_back_as_it_was_written():
    assert Manifest.from_bytes(manifest().to_bytes()) == manifest()


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "",
        "a\\..\\b",
        "C:/x",
        "a\0b",
        "a\nb",
        "\udcff",
        "a/",
        "x" * 1001,
    ],
)
def test_a_manifest_with_a_path_that_leads_out_is_refused(path):
    document = json.loads(manifest().to_bytes())
    document["entries"] = {path: {"size": 1, "digest": DIGEST}}
    with pytest.raises(RecordError, match="cannot be read as an artifact"):
        Manifest.from_bytes(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"entries": {"a": {"size": 1, "digest": DIGEST}, "a/b": {"size": 1, "digest": DIGEST}}}, "a folder"),
        ({"entries": {"a": {"size": 1, "digest": "../../../x"}}}, "digest"),
        ({"entries": {"a": {"size": -1, "digest": DIGEST}}}, "size"),
        ({"entries": {"a": {"size": 1}}}, "neither content nor address"),
        ({"entries": []}, "cannot be read"),
        ({"version": "../v1"}, "version"),
        ({"name": "../x"}, "artifact name"),
    ],
)
def test_a_manifest_that_is_none_is_refused(change, said):
    document = {**json.loads(manifest().to_bytes()), **change}
    with pytest.raises(RecordError, match=said):
        Manifest.from_bytes(json.dumps(document).encode())


def test_a_manifest_of_a_newer_runhooks_says_so():
    with pytest.raises(FormatVersionError, match="Upgrade"):
        Manifest.from_bytes(manifest().to_bytes().replace(b'"format": 1', b'"format": 2'))


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data):
    with pytest.raises(RecordError):
        Manifest.from_bytes(data)


@given(st.text(min_size=1))
def test_a_path_that_is_taken_stays_below_any_folder(path):
    try:
        check_entry_path(path)
    except ValueError:
        return
    assert not path.startswith("/")
    assert not {"..", ".", ""} & {*path.split("/")}


@pytest.mark.parametrize("name", ["a/b", "../a", "a:b", "", ".a", "index.html", "a\0", "x" * 129])
def test_a_name_that_is_a_path_is_refused(name):
    with pytest.raises(IdError, match="artifact name"):
        check_artifact_name(name)


@pytest.mark.parametrize("alias", ["v3", "a/b", "", "a:b"])
def test_an_alias_that_is_none_is_refused(alias):
    with pytest.raises(IdError, match="alias"):
        check_alias(alias)


def test_the_words_for_an_artifact():
    def read(text):
        return str(parse_artifact_path(text, "e", "p"))

    assert read("data") == "e/p/data:latest"
    assert read("data:v3") == "e/p/data:v3"
    assert read("q/data:best") == "e/q/data:best"
    assert read("f/q/data") == "f/q/data:latest"
    for wrong in ("a/b/c/d", "", ":v3", "data:", "a/../data", "data:a/b"):
        with pytest.raises(IdError):
            read(wrong)
    with pytest.raises(IdError, match="which project"):
        parse_artifact_path("data", "e", None)


def test_the_digest_is_of_contents_and_paths_and_not_of_their_order():
    one = {"a": FileEntry(1, DIGEST), "b": FileEntry(None, None, "s3://b/x", "1")}
    assert digest_of(one) == digest_of(dict(reversed(one.items())))
    assert digest_of(one) != digest_of({**one, "c": FileEntry(1, DIGEST)})
    assert digest_of(one) != digest_of({**one, "b": FileEntry(None, None, "s3://b/x", "2")})
