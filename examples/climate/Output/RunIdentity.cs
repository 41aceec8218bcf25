namespace Climate.Output;

/// <summary>What a run is: two runs with the same identity give the same bytes. Stored in restarts and in the history's header.</summary>
internal sealed record RunIdentity
{
    public required int Columns { get; init; }

    public required int Rows { get; init; }

    public required long Seed { get; init; }

    public required int Member { get; init; }

    /// <summary>CO2 as a multiple of the reference.</summary>
    public required double Forcing { get; init; }

    /// <summary>Years over which the forcing rises from 1; 0 is at once.</summary>
    public required double RampYears { get; init; }

    /// <summary>Steps from one record of the history to the next.</summary>
    public required int HistoryEvery { get; init; }

    /// <summary>SHA-256 of the restart that the run started from, in hexadecimal; empty for a start of its own.</summary>
    public required string Initial { get; init; }

    /// <summary>Records that the history holds when so many steps are done: step 0 has one too.</summary>
    public int RecordsAt(long step) => (int)(step / HistoryEvery) + 1;
}
