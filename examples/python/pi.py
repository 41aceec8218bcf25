#!/usr/bin/env python3
"""Estimates pi by throwing darts: a page of Python (standard library only) that the orchestrator can interrupt and continue.

    python3 pi.py --batches 200 --seed 7

It talks to the orchestrator through the helper `orchestrator-report`, which a run finds on its PATH; without it, it is a plain program.
The darts of a batch depend on the seed and the batch alone, so an interrupted estimate ends with the digits of an undisturbed one.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time

HELPER = shutil.which("orchestrator-report")


def report(*words):
    """Calls the helper; returns its exit code and what it printed. Without the helper: 1 and nothing."""
    if HELPER is None:
        return 1, ""
    done = subprocess.run([HELPER, *words], stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout.strip()


def save(batch, hits):
    """Writes a checkpoint whole or not at all: NAME.partial/, made durable, renamed to NAME/."""
    folder = os.path.join(os.environ.get("ORCHESTRATOR_CHECKPOINT_DIR") or "checkpoints", f"batch-{batch:08d}")
    if os.path.isdir(folder):
        return
    shutil.rmtree(folder + ".partial", ignore_errors=True)
    os.makedirs(folder + ".partial")
    with open(os.path.join(folder + ".partial", "state.json"), "w") as file:
        json.dump({"batch": batch, "hits": hits}, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(folder + ".partial", folder)
    report("checkpoint", folder)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--batches", type=int, default=200)
    options.add_argument("--darts", type=int, default=20_000, help="per batch")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--every", type=int, default=50, help="batches between checkpoints")
    options.add_argument("--pace", type=float, default=0, help="seconds of rest per batch, to watch it")
    options = options.parse_args()

    batch, hits = 0, 0
    restore = os.environ.get("ORCHESTRATOR_RESTORE_DIR") or report("restore-dir")[1]
    if restore:
        with open(os.path.join(restore, "state.json")) as file:
            state = json.load(file)
        batch, hits = state["batch"], state["hits"]

    while batch < options.batches:
        darts = random.Random(f"{options.seed}/{batch}")
        hits += sum(darts.random() ** 2 + darts.random() ** 2 < 1 for _ in range(options.darts))
        batch += 1
        time.sleep(options.pace)
        report("progress", f"{batch / options.batches:.4f}", f"step={batch}", f"pi={4 * hits / (batch * options.darts):.6f}")
        if batch < options.batches and report("should-stop")[0] == 0:
            save(batch, hits)
            return 85  # checkpointed: continue me
        if batch % options.every == 0 and batch < options.batches:
            save(batch, hits)

    with open(os.path.join(os.environ.get("ORCHESTRATOR_RUN_DIR") or ".", "pi.json"), "w") as file:
        json.dump({"darts": options.batches * options.darts, "pi": 4 * hits / (options.batches * options.darts)}, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
