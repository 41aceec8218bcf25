"""Looks closer where a result is interesting: above 0.5 once more, above 0.8 with more points; at most 20 tasks. ./run examples/pilot/refine.py"""

import os

from pilot import Pilot, Task

TASKS_MAX = 20


def task(x, depth):
    command = f"awk -v x={x} 'BEGIN {{ print exp(-((x - 0.37) / 0.08) ^ 2) }}'"
    return Task(f"x{x:.5f}".replace(".", "p"), command, priority=depth, tags={"x": x, "depth": depth})


def main():
    pilot = Pilot(total_cores=os.cpu_count() or 1, workdir="pilot_runs/refine")
    known = set()

    def add(x, depth):
        made = task(x, depth)
        if made.id in known or len(known) >= TASKS_MAX:
            return []
        known.add(made.id)
        return [made]

    @pilot.on_complete
    def look_closer(done, result, pilot):
        if not result.success:
            return None
        value, x, depth = float(result.stdout), done.tags["x"], done.tags["depth"]
        if value <= 0.5 or depth >= 4:
            return None
        step = 0.125 / 2 ** (depth + 1)
        points = (-1, 1) if value <= 0.8 else (-1, -0.5, 0.5, 1)
        return [each for point in points for each in add(round(x + point * step, 5), depth + 1)]

    for number in range(1, 8):
        pilot.add_tasks(add(number * 0.125, 0))
    result = pilot.run()
    best = max(pilot.completed.values(), key=lambda ended: float(ended.stdout))
    print(f"{result['completed']} points; the highest is {float(best.stdout):.4f} at {best.task_id}")
    return 0 if result["failed"] == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
