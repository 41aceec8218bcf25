namespace Orchestrator.Pilot.Processes;

/// <summary>Processes by their mark in the environment. One look at all processes serves everybody who asked before it began: many tasks end at once when a campaign is stopped.</summary>
internal sealed class MarkedProcesses(string entryStart, TimeProvider clock)
{
    private readonly Lock gate = new();
    private Dictionary<string, List<int>> seen = [];
    private long? began;

    /// <summary>Living processes with this entry in their environment. A child that has ended and was not yet taken has none.</summary>
    public IReadOnlyList<int> With(string entry)
    {
        var asked = clock.GetTimestamp();
        lock (gate)
        {
            if (began is not { } last || last < asked)
            {
                began = clock.GetTimestamp();
                seen = ProcessTree.ByEntry(entryStart);
            }

            return seen.GetValueOrDefault(entry) ?? [];
        }
    }
}
