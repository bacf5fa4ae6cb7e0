"""Train a small convolutional network on scikit-learn's digits, recorded by one callback.

    python examples/lightning_digits.py --epochs 15

The run says where its page is. The page is there from the first seconds on and follows the training.
"""

import argparse
import logging
import warnings

import torch
from lightning.pytorch import LightningModule, Trainer, seed_everything
from lightning.pytorch.loggers import Logger
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset, random_split

from runhooks.integrations.lightning import RunCallback


class ConvNet(LightningModule):
    """Two convolutions and a linear layer."""

    def __init__(self, channels: int = 16, lr: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.lr = lr
        self.layers = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(2 * channels * 16, 10),
        )

    def step(self, batch: list[Tensor], stage: str) -> Tensor:
        images, labels = batch
        scores = self.layers(images)
        loss = cross_entropy(scores, labels)
        accuracy = (scores.argmax(1) == labels).float().mean()
        self.log_dict({f"{stage}/loss": loss, f"{stage}/accuracy": accuracy})
        return loss

    def training_step(self, batch: list[Tensor]) -> Tensor:
        return self.step(batch, "train")

    def validation_step(self, batch: list[Tensor]) -> None:
        self.step(batch, "val")

    def test_step(self, batch: list[Tensor]) -> None:
        self.step(batch, "test")

    def configure_optimizers(self) -> dict[str, object]:
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.lr)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.lr, total_steps=steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def train(epochs: int = 15, logger: Logger | bool = False) -> None:
    """Fit, then test. `logger` is any other logger of Lightning's that should get the same rows."""
    seed_everything(0, verbose=False)
    torch.set_num_threads(1)  # for so small a network more are slower
    images, labels = load_digits(return_X_y=True)
    digits = TensorDataset(torch.tensor(images).float().view(-1, 1, 8, 8) / 16, torch.tensor(labels))
    train_digits, val_digits, test_digits = random_split(digits, [0.6, 0.2, 0.2])
    model = ConvNet()
    trainer = Trainer(
        max_epochs=epochs,
        callbacks=[RunCallback(project="digits", tags=["example"])],
        logger=logger,
        log_every_n_steps=1,
        accelerator="cpu",
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
    )
    trainer.fit(model, DataLoader(train_digits, 64, shuffle=True), DataLoader(val_digits, 256))
    trainer.test(model, DataLoader(test_digits, 256), verbose=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train a small network on scikit-learn's digits.")
    parser.add_argument("--epochs", type=int, default=15)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module=r"lightning\.")
    train(parser.parse_args().epochs)
