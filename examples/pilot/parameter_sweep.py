"""All 27 combinations of three parameters, and the best of them. ./run examples/pilot/parameter_sweep.py"""

import itertools
import os

from pilot import Pilot, Task


def name(*values):
    """Ids name folders: what a folder should not have in its name becomes a dash or a word."""
    return "_".join(str(value).replace("/", "-").replace(".", "p").replace("-", "m") for value in values)


def main():
    pilot = Pilot(total_cores=os.cpu_count() or 1, workdir="pilot_runs/sweep")
    for rate, width, start in itertools.product((0.1, 0.01, 0.001), (16, 32, 64), (-1.0, 0.0, 1.0)):
        command = f"awk 'BEGIN {{ x = {start}; for (i = 0; i < 1000; i++) x -= {rate} * 2 * (x - 3); printf \"%.6f\\n\", (x - 3) ^ 2 + 1 / {width} }}'"
        pilot.add_task(Task(f"sweep_{name(rate, width, start)}", command, tags={"rate": rate, "width": width, "start": start}))
    result = pilot.run()
    losses = {id: float(ended.stdout) for id, ended in pilot.completed.items()}
    best = min(losses, key=losses.get)
    print(f"{result['completed']} of 27 combinations; the best is {best} with {losses[best]:.6f}")
    return 0 if result["failed"] == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
