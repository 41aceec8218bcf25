using Orchestrator.Core.Simulations;

namespace Orchestrator.Grains.Simulations;

/// <summary>Removes files of attempts that are over. The host that sees the data directory implements it.</summary>
public interface IRunFiles
{
    /// <summary>Removes all but what stays. Files that are gone already are no error; an error makes it be asked again later.</summary>
    /// <returns>False: this process may not remove them, and will not be able to by trying again.</returns>
    Task<bool> ClearAsync(RunClearing clearing, CancellationToken cancellationToken = default);
}

/// <summary>For silos without a data directory: the files are left to whoever owns them.</summary>
internal sealed class UntouchedRunFiles : IRunFiles
{
    public Task<bool> ClearAsync(RunClearing clearing, CancellationToken cancellationToken = default) => Task.FromResult(false);
}
