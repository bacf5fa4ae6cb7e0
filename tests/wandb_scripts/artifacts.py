from pathlib import Path

import wandb

Path("dataset.csv").write_text("a,b\n1,2\n")
with wandb.init(project="awesome-project", job_type="upload") as run:
    artifact = wandb.Artifact(name="numbers", type="dataset", description="two numbers", metadata={"rows": 1})
    artifact.add_file(local_path="dataset.csv")
    with artifact.new_file("readme.txt") as file:
        file.write("two numbers")
    run.log_artifact(artifact, aliases=["first"])
    artifact.wait()

with wandb.init(project="awesome-project", job_type="train") as run:
    used = run.use_artifact("numbers:first")
    folder = used.download()
    assert (Path(folder) / "dataset.csv").read_text() == "a,b\n1,2\n"

api = wandb.Api()
assert api.artifact("awesome-project/numbers:latest").metadata == {"rows": 1}
