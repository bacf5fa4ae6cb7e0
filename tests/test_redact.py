import pytest

from runhooks.redact import HIDDEN, redact_argv, redact_text, redact_tree

CANARY = "c4n4ry-of-a-secret-value"


@pytest.mark.parametrize(
    "tree",
    [
        {"api_key": CANARY},
        {"apiKey": CANARY},
        {"AWS_SECRET_ACCESS_KEY": CANARY},
        {"dbPassword": CANARY},
        {"clientSecret": CANARY},
        {"hf_token": CANARY},
        {"nested": {"list": [{"password": CANARY}]}},
        {"api_keys": [CANARY]},
        {"credentials": {"user": CANARY}},
        {"url": f"https://user:{CANARY}@host/x"},
        {"url": f"postgres://user:p@{CANARY}@host/x"},
        {"url": f"https://host/x?X-Amz-Signature={CANARY}&y=1"},
        {"header": f"Authorization: Bearer {CANARY}"},
        {"pem": f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----"},
        {"traceback": f'    login(api_key="{CANARY}")'},
        {"source": f'config["db_password"] = "{CANARY}"'},
        {"text": "hf_" + "a" * 34 + CANARY},
    ],
)
def test_a_secret_is_hidden_by_its_name_or_its_shape(tree):
    shown = str(redact_tree(tree))
    assert CANARY not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "tree",
    [
        {"pad_token": "<pad>", "eos_token_id": 2, "max_tokens": 512, "num_tokens": 10**9, "tokenizer": "bpe"},
        {"lr": 0.1, "secret": None, "password": "", "use_token": True, "author": "someone"},
        {"email": "someone@example.org", "path": "s3://bucket/x", "time": "12:00@noon"},
    ],
)
def test_settings_that_only_sound_like_secrets_stay(tree):
    assert redact_tree(tree) == tree


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["--api-key", CANARY], ["--api-key", HIDDEN]),
        ([f"--password={CANARY}"], [f"--password={HIDDEN}"]),
        (["--dbPassword", CANARY], ["--dbPassword", HIDDEN]),
        (["--openai-token", "short"], ["--openai-token", HIDDEN]),
        (["--max-tokens", "512", "--pad-token", "<pad>"], ["--max-tokens", "512", "--pad-token", "<pad>"]),
        (["--token", "--lr", "0.1"], ["--token", "--lr", "0.1"]),
    ],
)
def test_options_that_name_a_secret_lose_its_value(argv, shown):
    assert redact_argv(["train.py", *argv]) == ["train.py", *shown]


def test_the_user_adds_patterns_with_flags_and_one_that_is_no_pattern_is_plain_text(monkeypatch):
    monkeypatch.setenv("RUNHOOKS_REDACT", "(?i)project-x;([;a(b")
    assert redact_text("of Project-X and a(b") == f"of {HIDDEN} and {HIDDEN}"
