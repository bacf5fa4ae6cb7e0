"""Let Optuna choose hyperparameters on scikit-learn's handwritten digits; each trial is a run.

    python examples/optuna_digits.py
    python examples/optuna_digits.py --trials 30 --jobs 4

The project's page shows the trials beside each other; open the address that is printed.
"""

import argparse

import optuna
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

from runhooks.integrations.optuna import RunCallback

parser = argparse.ArgumentParser(description="Search hyperparameters on scikit-learn's digits with Optuna.")
parser.add_argument("--trials", type=int, default=12)
parser.add_argument("--jobs", type=int, default=1, help="trials at once")
parser.add_argument("--store", help="a folder, or a URL such as s3://bucket/runs; by default ./runs")
options = parser.parse_args()

images, digits = load_digits(return_X_y=True)
train_x, val_x, train_y, val_y = train_test_split(images / 16, digits, test_size=0.3, random_state=0)

runs = RunCallback(project="digits-search", store=options.store)


@runs.track
def objective(trial):
    model = SGDClassifier(
        alpha=trial.suggest_float("alpha", 1e-6, 1e-1, log=True),
        penalty=trial.suggest_categorical("penalty", ["l1", "l2"]),
        random_state=0,
    )
    for epoch in range(8):
        model.partial_fit(train_x, train_y, classes=range(10))
        accuracy = model.score(val_x, val_y)
        trial.report(accuracy, epoch)
        if runs.run is not None:
            runs.run.log({"train/accuracy": model.score(train_x, train_y)}, step=epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return accuracy


study = optuna.create_study(
    direction="maximize",
    sampler=optuna.samplers.TPESampler(seed=0),
    pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=2),
)
study.optimize(objective, n_trials=options.trials, n_jobs=options.jobs)
print(f"best: {study.best_value:.3f} with {study.best_params}, run {study.best_trial.user_attrs['runhooks']}")
