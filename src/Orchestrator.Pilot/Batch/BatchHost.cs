namespace Orchestrator.Pilot.Batch;

/// <summary>A node of a batch job.</summary>
/// <param name="Name">As its launcher takes it.</param>
/// <param name="Cores">Null: the job does not say.</param>
internal sealed record BatchHost(string Name, int? Cores)
{
    /// <summary>Some systems name hosts in full, some not.</summary>
    public bool Is(string other) => string.Equals(Name.Split('.')[0], other.Split('.')[0], StringComparison.OrdinalIgnoreCase);
}
