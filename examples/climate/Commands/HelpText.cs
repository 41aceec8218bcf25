namespace Climate.Commands;

internal static class HelpText
{
    public const string Text = """
        climate: a shallow-water atmosphere over a slab ocean, forced by CO2.

          climate [run] [options]         run the model
          climate check PATH              verify a restart (file, checkpoint or restart/): exit 0 if whole, 1 if not
          climate diagnose HISTORY.nc     trend and means of a history, also as diagnostics.json
          climate compare A.nc B.nc       exit 0 if identical, 1 and the differences if not

        Options of run:
          --steps N            last step (2000). A step is a day of the ocean.
          --seed S --member N  select the weather (1, 0): the same numbers give the same bits
          --forcing F          CO2 as a multiple of the reference (1)
          --ramp YEARS         reach it by a constant rate per year instead of at once (0)
          --grid NXxNY         columns and rows (96x48)
          --history-every N    steps from one record of history.nc to the next (100)
          --checkpoint-every N write a checkpoint every N steps (none but those asked for)
          --initial DIR        start at step 0 from the final state of another run (its restart/)
          --resume DIR         go on from a checkpoint, as if never interrupted
          --until-step N       leave after step N with a checkpoint and exit code 85
          --pace MS            take at least MS ms of wall time per step, on average: to watch, and to have something to kill
          --threads N          threads (OMP_NUM_THREADS, else 1); the result is the same for any number
          --output DIR         where history.nc, summary.json and restart/ go (ORCHESTRATOR_RUN_DIR, else here)
          --quiet              print nothing but errors

        TERM, INT (Ctrl-C), a stop order or the end of the allocation: write a checkpoint and leave with 85. USR1: write a checkpoint.
        Exit codes: 0 done; 1 check or compare says no; 2 options or input cannot be used; 70 the numbers are no longer finite;
        75 a file could not be read or written; 85 left with a checkpoint, continue me.
        How it works with the orchestrator: docs/programs.md.
        """;
}
