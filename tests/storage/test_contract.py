"""The contract itself: it passes a good store, and no way of breaking it goes unseen."""

import inspect
import os
from pathlib import Path

import pytest

from tests.storage import broken

pytest_plugins = ["pytester"]

SEEN_BY = {
    broken.LeavesTheOldTail: "a_write_replaces_all_of_an_object",
    broken.TruncatesInPlace: "a_reader_sees_old_or_new_bytes_and_nothing_between",
    broken.LosesTheEndOfAFile: "a_file_is_sent_whole",
    broken.WritesBeforeItOpensTheFile: "a_file_that_is_not_there_leaves_the_object",
    broken.KeepsNoEmptyObjects: "what_is_written_is_what_others_find",
    broken.TranslatesNewlines: "what_is_written_is_what_others_find",
    broken.EndsRangesOneByteLate: "a_range_is_a_slice",
    broken.FailsBeyondTheEnd: "a_range_is_a_slice",
    broken.FailsOnARangeOfNothing: "a_range_of_an_empty_object_is_empty",
    broken.PutsAMarkBeforeTheBytes: "what_others_wrote_is_read",
    broken.TakesNegativeOffsets: "a_negative_offset_is_refused",
    broken.ReadsNothingFromWhatIsMissing: "a_missing_object_is_not_found",
    broken.CallsAMissingObjectAMissingStore: "a_missing_object_is_not_found",
    broken.CreatesOver: "an_object_is_created_once",
    broken.LooksThenCreates: "of_many_creators_one_wins",
    broken.CallsEqualBytesItsOwn: "an_object_is_created_once",
    broken.RemembersWhatItCreated: "a_written_object_is_not_created",
    broken.TakesAPrefixForAName: "a_folder_is_found_with_all_below_it",
    broken.ListsFoldersAsObjects: "a_folder_is_found_level_by_level",
    broken.ListsOneLevelOnly: "a_folder_is_found_with_all_below_it",
    broken.ListsTwice: "a_folder_is_found_level_by_level",
    broken.ListsFromACache: "a_listing_is_never_old",
    broken.ListsAFolderThatIsNotThereAsAnError: "nothing_is_found_in_a_folder_that_is_not_there",
    broken.VersionsBySize: "a_listing_tells_of_each_object",
    broken.VersionsAtRandom: "a_listing_tells_of_each_object",
    broken.HasAnotherClock: "objects_are_dated_by_the_clock_that_now_tells",
    broken.DeletesByPattern: "nothing_else_is_deleted",
    broken.DeletesFolders: "nothing_else_is_deleted",
    broken.DeletesOnce: "an_object_is_deleted",
    broken.TakesAnyPath: "a_path_that_could_lead_elsewhere_is_refused",
    broken.ReadsQuotedPaths: "a_strange_path_is_a_path",
    broken.DoesNotQuoteAddresses: "a_page_has_an_address",
    broken.SharesAPlaceToWrite: "threads_share_a_store",
    broken.DiesInAFork: "a_forked_child_uses_the_store",
    broken.TellsItsSecret: "no_secret_is_shown",
}

ROOT = Path(__file__).parents[2]


def run_contract(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tests: dict[type[broken.DictStore], str]
) -> dict[str, str]:
    """Run a test of the contract over each store, all where it is empty; return the outcomes by their ids."""
    classes = "".join(
        f"class Test{kind.__name__}(broken.DictContract):\n    kind = broken.{kind.__name__}\n"
        for kind in tests
    )
    file = pytester.makepyfile(test_stores=f"from tests.storage import broken\n{classes}")
    chosen = [
        f"{file}::Test{kind.__name__}" + (f"::test_{name}" if name else "") for kind, name in tests.items()
    ]
    # In a process of its own: the threads that other tests left in this one stay out of the forks.
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    ran = pytester.runpytest_subprocess("-q", "-rA", "-p", "no:cacheprovider", *chosen)
    found = (line.partition(" ") for line in ran.outlines if line.startswith(("PASSED ", "FAILED ")))
    return {name.partition("::")[2].partition(" - ")[0]: word.lower() for word, _, name in found}


def test_a_good_store_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = run_contract(pytester, monkeypatch, {broken.DictStore: ""})
    assert len(outcomes) > 25
    assert set(outcomes.values()) == {"passed"}


def test_no_way_of_breaking_it_goes_unseen(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = run_contract(pytester, monkeypatch, SEEN_BY)
    failed = {name.partition("::")[0] for name, outcome in outcomes.items() if outcome == "failed"}
    assert {f"Test{kind.__name__}" for kind in SEEN_BY} - failed == set()


def test_every_broken_store_is_tried() -> None:
    kinds = {
        kind for _, kind in inspect.getmembers(broken, inspect.isclass) if issubclass(kind, broken.DictStore)
    }
    assert kinds == {broken.DictStore, *SEEN_BY}


def test_every_test_of_the_contract_has_caught_something() -> None:
    tests = {name.removeprefix("test_") for name in dir(broken.DictContract) if name.startswith("test_")}
    assert tests == set(SEEN_BY.values())
