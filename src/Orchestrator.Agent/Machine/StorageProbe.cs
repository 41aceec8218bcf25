using Orchestrator.CheckpointStore;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Agent.Machine;

/// <summary>
/// Asks the storage of the data directory, again and again, how full it is and whether it takes a few bytes durably. A file system that hangs holds up whoever asks it, so that it is asked
/// on a thread of its own: heartbeats go on, and say for how long it has not answered. Each answer is told once, so that who counts failures counts each once; after a failure it is asked again at the next look.
/// </summary>
internal sealed class StorageProbe(TimeProvider time, Func<(double? Disk, double? Inodes)> space, Action write)
{
    /// <summary>Bytes are written no more often.</summary>
    public static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(15);

    /// <summary>Storage that is well answers within this; who asks waits no longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private NodePressure latest = new();

    /// <summary>What came of the newest write; null: it was told already. Only the round and, between rounds, who looks touch it.</summary>
    private (TimeSpan Wait, string? Fault)? untold;
    private bool hasFailed;
    private Task? round;
    private long askedAt;
    private long? wroteAt;

    /// <summary>A probe that leaves nothing behind in a directory.</summary>
    /// <param name="directory">Where the bytes go; made where it is missing.</param>
    /// <param name="node">Keeps the files of agents apart that share the directory.</param>
    /// <param name="time">The clock.</param>
    public static StorageProbe Of(string directory, NodeId node, TimeProvider time)
    {
        var file = Path.Combine(directory, $".storage-probe-{node}");
        return new(time, () => PressureGauge.Space(directory), () =>
        {
            Directory.CreateDirectory(directory);
            DurableFile.WriteByRename(file, "Are these few bytes taken?\n"u8);
            File.Delete(file);
        });
    }

    /// <summary>What the storage last said of itself: what came of a write the first time alone, and for how long it has been asked in vain once that is too long.</summary>
    public NodePressure Look()
    {
        lock (gate)
        {
            if (round is null || round.IsCompleted)
            {
                askedAt = time.GetTimestamp();
                round = Task.Factory.StartNew(Ask, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
            }

            // It answers soon, as a rule.
            if (!round.Wait(Patience))
            {
                // While it may still be well, that it has not answered yet says nothing.
                return time.GetElapsedTime(askedAt) is var waits && waits > ResourceLimits.StorageWaitMax ? latest with { StorageWait = waits } : latest;
            }

            var told = latest with { StorageWait = untold?.Wait, StorageFault = untold?.Fault };
            untold = null;
            return told;
        }
    }

    private void Ask()
    {
        var (disk, inodes) = space();
        if (untold is null && (hasFailed || wroteAt is not { } before || time.GetElapsedTime(before) >= WriteEvery))
        {
            var began = time.GetTimestamp();
            var fault = Fault();
            untold = (time.GetElapsedTime(began), fault);
            hasFailed = ResourceLimits.HasStorageFailed(new() { StorageWait = untold?.Wait, StorageFault = fault });
            wroteAt = time.GetTimestamp();
        }

        latest = latest with { Disk = disk, Inodes = inodes };
    }

    /// <summary>A full disk answers: it has a measure of its own.</summary>
    private string? Fault()
    {
        try
        {
            write();
            return null;
        }
        catch (IOException full) when (StoreFullException.IsNoRoom(full))
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"its storage takes nothing: {failure.Message}";
        }
    }
}
