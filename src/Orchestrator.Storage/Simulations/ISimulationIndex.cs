namespace Orchestrator.Storage;

/// <summary>
/// One row per simulation for lists and start-up. It is written from the outbox of the simulation and repaired by reconcile, so it may lag; the grain is the truth.
/// </summary>
public interface ISimulationIndex
{
    /// <summary>Stores <paramref name="entry"/> if its version is newer than the stored one; returns whether it was stored. A repeat returns false.</summary>
    Task<bool> UpsertAsync(SimulationIndexEntry entry, CancellationToken cancellationToken = default);

    /// <summary>The row of one simulation, or null.</summary>
    Task<SimulationIndexEntry?> FindAsync(string simulation, CancellationToken cancellationToken = default);

    /// <summary>A page of the rows that match, newest submission first. Pages stay whole while rows come and go.</summary>
    /// <exception cref="ArgumentException">The cursor is none that this method returned, or the limit is not within 1 to 1,000.</exception>
    Task<SimulationIndexPage> QueryAsync(SimulationIndexFilter filter, string? cursor = null, int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>How many simulations that match there are per status.</summary>
    Task<IReadOnlyDictionary<string, long>> CountByStatusAsync(SimulationIndexFilter filter, CancellationToken cancellationToken = default);

    /// <summary>The simulations that have not ended, of one cluster or of all (null), by name.</summary>
    Task<IReadOnlyList<SimulationIndexEntry>> LiveAsync(string? cluster = null, CancellationToken cancellationToken = default);

    /// <summary>Removes a row; returns whether there was one.</summary>
    Task<bool> DeleteAsync(string simulation, CancellationToken cancellationToken = default);
}
