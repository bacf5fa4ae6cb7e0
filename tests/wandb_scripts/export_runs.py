import pandas as pd
import wandb

with wandb.init(project="awesome-project", name="to-export", config={"lr": 0.1}) as run:
    for step in range(5):
        run.log({"loss": 1 / (step + 1), "acc": step / 5})

api = wandb.Api()
runs = api.runs("awesome-project", filters={"config.lr": {"$lte": 0.1}, "state": "finished"})
summaries, configs, names = [], [], []
for run in runs:
    summaries.append(run.summary._json_dict)
    configs.append({key: value for key, value in run.config.items() if not key.startswith("_")})
    names.append(run.name)
frame = pd.DataFrame({"summary": summaries, "config": configs, "name": names})
frame.to_csv("project.csv")
assert frame["summary"][0]["loss"] == 0.2

run = api.run(f"default/awesome-project/{runs[0].id}")
assert run.history(keys=["loss"], samples=3).shape == (3, 1)
assert [row["acc"] for row in run.scan_history(keys=["acc"])] == [0, 0.2, 0.4, 0.6, 0.8]
run.config["reviewed"] = True
run.tags.append("reviewed")
run.update()
assert api.run(f"awesome-project/{run.id}").tags == ["reviewed"]
run.delete()
