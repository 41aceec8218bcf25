using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Grains.Simulations;

/// <summary>Removes the files of checkpoints that retention pruned. The host that sees the data directory implements it.</summary>
public interface ICheckpointFiles
{
    /// <summary>Removes what <see cref="CheckpointRecord.Path"/> names. Files that are gone already are no error; another error makes it be asked again later.</summary>
    Task DeleteAsync(CheckpointRecord checkpoint, CancellationToken cancellationToken = default);
}

/// <summary>For silos without a data directory: the files are left to whoever owns them.</summary>
internal sealed class UntouchedCheckpointFiles : ICheckpointFiles
{
    public Task DeleteAsync(CheckpointRecord checkpoint, CancellationToken cancellationToken = default) => Task.CompletedTask;
}
