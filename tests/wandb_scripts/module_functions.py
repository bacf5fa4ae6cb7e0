import argparse

import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--batch_size", type=int, default=32)
parser.add_argument("--optimizer", default="adam")
args = parser.parse_args([])

wandb.init(
    project="awesome-project", config=args, tags=["baseline"], notes="first try", group="g", job_type="train"
)
wandb.config.update({"depth": 4}, allow_val_change=True)
wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch")
wandb.define_metric("val/acc", summary="max")
for epoch in range(3):
    for batch in range(2):
        wandb.log({"train/loss": 1 / (batch + 1)}, commit=False)
    wandb.log({"epoch": epoch, "val/acc": epoch / 3})
wandb.run.summary["done"] = True
assert wandb.config["batch_size"] == 32
assert wandb.config.optimizer == "adam"
wandb.alert(title="Low accuracy", text="below the threshold", level=wandb.AlertLevel.WARN, wait_duration=300)
wandb.finish()
