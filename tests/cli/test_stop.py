import json

import runhooks
from runhooks.cli import main
from tests.programs import only, wait_until


def test_stop_asks_a_run_to_stop_and_says_what_came_of_it(tmp_path, capsys):
    with runhooks.init(project="digits", id="mine", name="calm-lake-1") as run:
        assert not run.stop_requested  # else it would be interrupted
        assert main(["stop", "digits/mine", "--json"]) == 0
        asked = json.loads(capsys.readouterr().out)
        assert (asked["path"], asked["is_new"]) == ("default/digits/mine", True)
        wait_until(lambda: run.stop_requested, 60)
        wait_until(lambda: only(tmp_path).stop is not None, 60)
        assert main(["stop", "digits/mine"]) == 0
        said = capsys.readouterr().out
        assert f"was asked to stop before, at {asked['requested_at'][:10]}" in said
        assert f"by {asked['by']}; it was seen" in said
    assert main(["stop", "digits/mine"]) == 1
    assert "run default/digits/mine is killed, so there is nothing to stop" in capsys.readouterr().err
    assert main(["stop", "digits/other"]) == 2
    assert "there is no run default/digits/other" in capsys.readouterr().err
