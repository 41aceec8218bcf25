#!/bin/bash
# bsub < lsf.sh; submit it again, and it goes on.
#BSUB -J pilot
#BSUB -q normal
#BSUB -n 16
#BSUB -R "span[hosts=1]"
#BSUB -W 8:00
# The pilot reads cores and hosts from LSF, and asks bjobs when the job ends.
exec orchestrator pilot --tasks tasks.json --db state.db --resume --workdir pilot_runs
