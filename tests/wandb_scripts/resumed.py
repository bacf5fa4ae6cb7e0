import wandb

run_id = wandb.util.generate_id()
with wandb.init(project="awesome-project", id=run_id, resume="allow") as run:
    run.log({"loss": 0.5})
with wandb.init(project="awesome-project", id=run_id, resume="must") as run:
    assert run.resumed
    run.log({"loss": 0.25})
with wandb.init(project="awesome-project", group="fold", reinit=True, mode="disabled") as run:
    run.log({"loss": 0})
