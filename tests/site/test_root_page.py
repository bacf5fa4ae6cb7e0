"""The store's page has its projects, the latest active first."""

from runhooks.record.view import Heartbeat
from runhooks.site.project_page import row_of
from runhooks.site.root_page import digest_of, is_digest, render_root
from tests.site.samples import SECOND, START, payload, sample_run, text_of

DAY = 86_400 * SECOND


def test_a_project_counts_its_runs_by_state_and_day() -> None:
    rows = [
        row_of(sample_run({}, id=f"r{n}", state=state, created_at=START - days * DAY)[0])
        for n, (state, days) in enumerate([("finished", 40), ("finished", 29), ("failed", 1), ("running", 0)])
    ]
    found = digest_of("team", "digits", rows)
    assert found["runs"] == 4
    assert found["states"] == {"failed": 1, "finished": 2, "running": 1}
    assert found["activity"] == [1] + [0] * 27 + [1, 1]
    assert found["last_activity"] == START


def test_the_last_activity_is_the_last_sign_of_life() -> None:
    view, _ = sample_run({}, state="running", heartbeat=Heartbeat(START + DAY, 9))
    assert digest_of("team", "digits", [row_of(view)])["last_activity"] == START + DAY


def test_the_latest_active_project_comes_first() -> None:
    digests = [
        digest_of("e", name, [row_of(sample_run({}, created_at=START + at)[0])])
        for name, at in (("b", 0), ("c", 1), ("a", 0))
    ]
    files = render_root([*digests, digest_of("e", "empty", [])], "hash")
    found = payload(files, "data/root.js")["projects"]
    assert [project["project"] for project in found] == ["c", "a", "b", "empty"]
    assert found[-1]["last_activity"] is None


def test_without_scripts_projects_are_a_table_of_links() -> None:
    digest = digest_of("team", "my <project>", [row_of(sample_run({})[0])])
    page = render_root([digest], "hash")["index.html"]
    assert b'href="team/my%20%3Cproject%3E/index.html"' in page
    assert "team/my <project>" in text_of(page)
    assert b'<body data-page="root" data-root="">' in page


def test_a_store_without_projects_says_so() -> None:
    assert "No projects yet." in text_of(render_root([], "hash")["index.html"])


def test_only_a_digest_is_taken_for_one() -> None:
    digest = digest_of("e", "p", [])
    assert is_digest(digest)
    others: list[object] = [None, [], {}, {**digest, "runs": "1"}, {**digest, "last_activity": "now"}]
    for wrong in others:
        assert not is_digest(wrong)
