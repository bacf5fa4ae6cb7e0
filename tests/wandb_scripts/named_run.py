import wandb

run = wandb.init(entity="nico", project="awesome-project", id="my-own-id", name="my-own-name")
run.finish()
