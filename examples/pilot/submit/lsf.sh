#!/bin/bash
# bsub < lsf.sh; submit it again, and it goes on.
#BSUB -J pilot
#BSUB -q normal
#BSUB -n 16
#BSUB -R "span[hosts=1]"
#BSUB -W 8:00
exec orchestrator pilot --tasks tasks.json --db state.db --resume --workdir pilot_runs --time-left 08:00:00
