"""Start dates x members x chunks: each chunk goes on where the one before ended. ./run examples/pilot/ensemble.py"""

import os

from pilot import Pilot, Task

DATES, MEMBERS, CHUNKS = ("20260101", "20260201"), range(1, 4), range(1, 5)


def main():
    pilot = Pilot(total_cores=os.cpu_count() or 1, workdir="pilot_runs/ensemble")
    for date in DATES:
        for member in MEMBERS:
            for chunk in CHUNKS:
                before = f"{date}_m{member}_c{chunk - 1}"
                start = f"$(cat ../{before}/state)" if chunk > 1 else str(member)
                pilot.add_task(Task(
                    f"{date}_m{member}_c{chunk}",
                    f"awk -v x={start} 'BEGIN {{ for (i = 0; i < 1000; i++) x = 3.7 * (x / 10) * (1 - x / 10) * 10; print x }}' > state && cat state",
                    after=[before] if chunk > 1 else [],
                    tags={"date": date, "member": member, "chunk": chunk}))
        last = [f"{date}_m{member}_c{max(CHUNKS)}" for member in MEMBERS]
        files = " ".join(f"../{id}/state" for id in last)
        pilot.add_task(Task(f"{date}_mean", f"cat {files} | awk '{{ sum += $1 }} END {{ print sum / NR }}'", after=last, priority=10))
    result = pilot.run()
    for date in DATES:
        print(f"{date}: ensemble mean {pilot.completed[f'{date}_mean'].stdout.strip()}")
    return 0 if result["failed"] == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
