#!/bin/bash
# qsub pbs.sh; submit it again, and it goes on.
#PBS -N pilot
#PBS -q workq
#PBS -l select=1:ncpus=16
#PBS -l walltime=08:00:00
cd "$PBS_O_WORKDIR" || exit 1
# The pilot reads cores and nodes from PBS, and asks qstat when the job ends; where nodes have no qstat, add --time-left 08:00:00.
exec orchestrator pilot --tasks tasks.json --db state.db --resume --workdir pilot_runs
