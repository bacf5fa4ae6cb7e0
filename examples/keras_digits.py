"""Train a small network on scikit-learn's handwritten digits, with Keras on torch or jax.

    python examples/keras_digits.py
    KERAS_BACKEND=jax python examples/keras_digits.py --epochs 20

The run's page is written while it trains; open the address that is printed.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from runhooks.integrations.keras import RunCallback

parser = argparse.ArgumentParser(description="Train on scikit-learn's digits with Keras.")
parser.add_argument("--epochs", type=int, default=15)
parser.add_argument("--learning-rate", type=float, default=0.003)
parser.add_argument("--store", help="a folder, or a URL such as s3://bucket/runs; by default ./runs")
options = parser.parse_args()

images, digits = load_digits(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(
    (images / 16).astype("float32"), digits, test_size=0.2, random_state=0
)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(options.learning_rate),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

record = RunCallback(project="digits", tags=["keras"], store=options.store)
model.fit(train_x, train_y, epochs=options.epochs, validation_split=0.2, callbacks=[record], verbose=0)
model.evaluate(test_x, test_y, callbacks=[record], verbose=0)  # goes to the same run
