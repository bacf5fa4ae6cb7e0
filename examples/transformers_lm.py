"""A small language model learns to write Python: GPT-2 from a config, on the sources of Python's own library.

    python examples/transformers_lm.py [--steps 200] [--store ./runs]

Tokens are bytes, so that nothing is downloaded. The one line about runhooks is the callback.
"""

import argparse
import sysconfig
import tempfile
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

from runhooks.integrations.transformers import RunCallback

BLOCK = 64  # tokens that the model sees at once


def python_sources(most_bytes: int = 1_000_000) -> list[dict[str, torch.Tensor]]:
    """Cut the library's modules into blocks of bytes, to be predicted from the bytes before them."""
    modules = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    text = b"".join(module.read_bytes() for module in modules)[:most_bytes]
    blocks = torch.tensor(list(text[: len(text) // BLOCK * BLOCK])).view(-1, BLOCK)
    return [{"input_ids": block, "labels": block} for block in blocks]


def main() -> Trainer:
    parser = argparse.ArgumentParser(description="Train a tiny GPT-2 on Python's own sources.")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--store", help="a folder, or a URL such as s3://bucket/runs; by default ./runs")
    options = parser.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(1)  # more would only wait for one another, at this size
    sizes = {"vocab_size": 256, "n_positions": BLOCK, "n_embd": 64, "n_layer": 2, "n_head": 4}
    model = GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=0, eos_token_id=0, loss_type="ForCausalLMLoss"))
    blocks = python_sources()
    held_out = len(blocks) // 100

    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=tempfile.mkdtemp(prefix="tiny-lm-"),
            max_steps=options.steps,
            learning_rate=3e-3,
            warmup_steps=options.steps // 10,
            per_device_train_batch_size=8,
            per_device_eval_batch_size=64,
            logging_steps=5,
            eval_strategy="steps",
            eval_steps=max(1, options.steps // 4),
            save_strategy="no",
            include_num_input_tokens_seen="all",
            dataloader_pin_memory=False,
        ),
        train_dataset=blocks[:-held_out],
        eval_dataset=blocks[-held_out:],
        callbacks=[RunCallback(project="tiny-lm", store=options.store, config={"data": "Python sources"})],
    )
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
