import wandb

wandb.login()
with wandb.init(project="awesome-project", config={"epochs": 3, "lr": 0.01}) as run:
    for epoch in range(run.config.epochs):
        run.log({"epoch": epoch, "val/loss": 1 / (epoch + 1)})
    run.summary["best"] = 0.33
