"""A store in the present format, made of fixed facts. `python -m tests.record.golden` writes it anew.

The folder of a format that was released is never changed again: a new format gets a folder of its own.
"""

from hashlib import sha256
from pathlib import Path

from runhooks.journal import seal
from runhooks.record.columns import to_columns
from runhooks.record.document import FORMAT, to_bytes
from runhooks.record.manifest import FileEntry, Manifest, blob_path, digest_of
from runhooks.record.parts import Part, Rows
from runhooks.record.view import Cut, Heartbeat, MetricStats, RunView, Session

FOLDER = Path(__file__).parent / "golden"
RUN = "default/digits/runs/k3f9a0b1"
REWOUND = "default/digits/runs/r3w0und1"
FIRST, SECOND = "20251123T060102-r0-7b6688", "20251123T070000-r0-00ff00"
START = 1_763_877_662_000_000


def log(step: int, data: str) -> bytes:
    return f'{{"type":"log","step":{step},"time":{START + step * 1000},"data":{data}'.encode()


ROWS = [log(step, f'{{"loss":{1 / (step + 1):.3f},"acc":{step}}}') for step in range(6)]
LATER = [
    b'{"type":"start","time":%d,"writer":"%b","primary":true,"pid":7' % (START + 60_000_000, SECOND.encode()),
    log(6, '{"loss":{"$float":"nan"},"note":"a \\u2028 <b>","big":{"$int":"0x40000000000000000"}}'),
    log(3, '{"acc":30}'),
    b'{"type":"define","time":%d,"name":"acc","goal":"maximize","summary":["best"]' % (START + 61_000_000),
    log(7, '{"acc":7,"ok":true,"none":null,"list":[1,2.5]}'),
    b'{"type":"alert","time":%d,"title":"loss is nan","text":"at step 6","level":"warning"'
    % (START + 62_000_000),
    b'{"type":"config","time":%d,"data":{"lr":0.2}' % (START + 63_000_000),
    b'{"type":"summary","time":%d,"data":{"best":1},"removed":["note"]' % (START + 63_500_000),
    b'{"type":"artifact","time":%d,"order":"1","name":"model","artifact_type":"model","aliases":["best"]'
    % (START + 63_600_000),
    b'{"type":"use","time":%d,"name":"model","artifact_type":"model","version":"v0",'
    b'"path":"default/digits/model:v0","digest":"%b","size":5,"files":2' % (START + 63_700_000, b"0" * 64),
    b'{"type":"of-the-future","time":%d' % (START + 64_000_000),
    b'{"type":"finish","time":%d,"writer":"%b","state":"failed","reason":"ValueError: bad",'
    b'"exit":{"exit_code":1}' % (START + 65_000_000, SECOND.encode()),
]


MODEL = "default/digits/artifacts/model"
CONTENT = b"hello"
ENTRIES = {
    "notes.txt": FileEntry(5, sha256(CONTENT).hexdigest()),
    "weights.bin": FileEntry(None, None, "s3://bucket/weights.bin", "etag"),
}
MANIFEST = Manifest(
    name="model",
    type="model",
    version="v0",
    digest=digest_of(ENTRIES),
    entries=ENTRIES,
    created_at=START,
    made_by="default/digits/k3f9a0b1",
    order="1",
    metadata={"loss": float("nan")},
    tags=("small",),
)


def files() -> dict[str, bytes]:
    """Return the store's objects: a first session that is compacted, and a second that is only a journal."""
    import orjson

    events = [orjson.loads(seal(row)) for row in ROWS]
    part = Part()
    for key, column in to_columns(events).items():
        part.add(key, Rows.of(column))
    view = RunView(
        id="k3f9a0b1",
        entity="default",
        project="digits",
        name="amber-creek-1",
        created_at=START,
        heartbeat=Heartbeat(START + 59_000_000, 2),
        config={"lr": 0.1, "layers": [32, 10]},
        summary={"loss": 1 / 6, "acc": 5},
        metrics={
            "loss": MetricStats(6, 1.0, 0.167, 5, START + 5000, 0.167, 1.0, 2.45, 0, 6),
            "acc": MetricStats(6, 0, 5, 5, START + 5000, 0, 5, 15.0, 0, 6),
        },
        sessions=[Session(FIRST, START, START + 10_000_000)],
        last_step=5,
        last_log_at=START + 5000,
        applied={FIRST: [1, 0]},
    )
    return {
        **rewound(part),
        f"{RUN}/run.json": to_bytes(view),
        f"{MODEL}/v0.json": MANIFEST.to_bytes(),
        f"{MODEL}/aliases/best.json": b'{"format":1,"version":"v0","at":1,"by":"a/b/c"}\n',
        f"{MODEL}/used/v0/0123456789abcdef.json": b'{"format":1,"run":"a/b/c","at":1}\n',
        blob_path("default/digits", ENTRIES["notes.txt"].digest or ""): CONTENT,
        f"{RUN}/labels.json": b'{"notes":"edited later","tags":["kept"]}\n',
        f"{RUN}/history/{FIRST}-00000000.parquet": part.to_bytes(),
        f"{RUN}/journal/{SECOND}/00000000.jsonl": b"".join(map(seal, LATER)) + b'{"type":"log","step":8,"cut',
    }


def rewound(first: Part) -> dict[str, bytes]:
    """Return a run that was taken back to step 3, and then logged step 4 anew."""
    import orjson

    again = Part()
    for key, column in to_columns([orjson.loads(seal(log(4, '{"acc":40}')))]).items():
        again.add(key, Rows.of(column))
    view = RunView(
        id="r3w0und1",
        entity="default",
        project="digits",
        name="icy-glade-2",
        created_at=START,
        state="finished",
        ended_at=START + 70_000_000,
        summary={"loss": 0.25, "acc": 40},
        metrics={
            "loss": MetricStats(4, 1.0, 0.25, 3, START + 3000, 0.25, 1.0, 2.083, 0, 4),
            "acc": MetricStats(5, 0, 40, 4, START + 4000, 0, 40, 46.0, 0, 5),
        },
        sessions=[
            Session(FIRST, START, START + 10_000_000),
            Session(SECOND, START + 60_000_000, START + 70_000_000),
        ],
        superseded=[Cut(FIRST, step=3)],
        rewinds=[{"time": START + 60_000_000, "step": 3}],
        last_step=4,
        last_log_at=START + 4000,
        applied={FIRST: [1, 0], SECOND: [1, 0]},
    )
    return {
        f"{REWOUND}/run.json": to_bytes(view),
        f"{REWOUND}/history/{FIRST}-00000000.parquet": first.to_bytes(),
        f"{REWOUND}/history/{SECOND}-00000000.parquet": again.to_bytes(),
    }


if __name__ == "__main__":
    for path, data in files().items():
        target = FOLDER / f"format-{FORMAT}" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
