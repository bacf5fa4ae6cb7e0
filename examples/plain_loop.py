"""A training loop of one's own, recorded by three calls: softmax regression on scikit-learn's digits.

python examples/plain_loop.py --epochs 20
"""

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

import runhooks


def softmax(scores: np.ndarray) -> np.ndarray:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def train(epochs: int = 20, lr: float = 0.5, batch_size: int = 64) -> list[dict[str, float]]:
    """Train, and return what was logged, a row a step."""
    images, labels = load_digits(return_X_y=True)
    x, x_val, y, y_val = train_test_split(images / 16, labels, test_size=0.25, random_state=0)
    weights, random, rows = np.zeros((64, 10)), np.random.default_rng(0), []

    runhooks.init(
        project="digits", config={"epochs": epochs, "lr": lr, "batch_size": batch_size}, tags=["plain"]
    )
    for epoch in range(epochs):
        batches = np.array_split(random.permutation(len(y)), len(y) // batch_size)
        for number, batch in enumerate(batches):
            odds = softmax(x[batch] @ weights)
            weights -= lr * x[batch].T @ (odds - np.eye(10)[y[batch]]) / len(batch)

            row = {"epoch": epoch, "train/loss": log_loss(y[batch], odds, labels=range(10))}
            if number == len(batches) - 1:
                odds = softmax(x_val @ weights)
                row |= {
                    "val/loss": log_loss(y_val, odds),
                    "val/accuracy": accuracy_score(y_val, odds.argmax(axis=1)),
                }
            runhooks.log(row)
            rows.append(row)
    runhooks.finish()
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Softmax regression on scikit-learn's digits.")
    parser.add_argument("--epochs", type=int, default=20)
    train(parser.parse_args().epochs)
