"""Argon from 80 K to 120 K by LAMMPS under MPI, and more temperatures where the energy changes fastest. ./run examples/pilot/lammps_temperatures.py

Needs the Debian packages lammps and openmpi-bin.
"""

import os
import shutil
import sys
from pathlib import Path

from pilot import Pilot, Task

INPUT = Path(__file__).resolve().parent / "in.argon"
REFINEMENTS = 3


def task(kelvin, priority=0):
    env = {"OMPI_MCA_mpi_yield_when_idle": "1"}
    if os.geteuid() == 0:
        env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    return Task(
        f"T{kelvin:g}".replace(".", "p"),
        f"mpirun -np 2 lmp -in {INPUT} -var kelvin {kelvin} -screen none -log log.lammps && awk '$1 == \"mean\" {{ print $2 }}' log.lammps",
        cores=2, priority=priority, timeout=600, max_retries=1, env=env, tags={"kelvin": kelvin})


def main():
    for program in ("lmp", "mpirun"):
        if shutil.which(program) is None:
            print(f"{program} is not installed (Debian: lammps, openmpi-bin)", file=sys.stderr)
            return 1
    pilot = Pilot(total_cores=max(2, os.cpu_count() or 2), workdir="pilot_runs/lammps")
    energies, left = {}, [REFINEMENTS]

    @pilot.on_complete
    def refine(done, result, pilot):
        if not result.success:
            return None
        energies[done.tags["kelvin"]] = float(result.stdout)
        # The first five tell where the energy changes fastest; then one at a time, each in the middle of the steepest step.
        if len(energies) < 5 or left[0] == 0:
            return None
        left[0] -= 1
        known = sorted(energies)
        low, high = max(zip(known, known[1:]), key=lambda pair: abs(energies[pair[1]] - energies[pair[0]]))
        return [task((low + high) / 2, priority=10)]

    pilot.add_tasks(task(kelvin) for kelvin in range(80, 121, 10))
    result = pilot.run()
    for kelvin in sorted(energies):
        print(f"{kelvin:7.2f} K   {energies[kelvin]:.4f} epsilon per atom")
    return 0 if result["failed"] == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
