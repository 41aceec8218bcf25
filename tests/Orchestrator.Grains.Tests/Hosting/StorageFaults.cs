using System.Collections.Concurrent;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>Sees every write of the silos: what shall go wrong next, by the part it goes wrong in, and when something was written.</summary>
internal sealed class StorageFaults(Whereabouts whereabouts)
{
    public const string GrainState = "grain-state";
    public const string Ledger = "ledger";
    public const string EventLog = "event-log";
    public const string History = "history";

    private readonly ConcurrentDictionary<(string Part, bool Stored), int> faults = new();
    private readonly ConcurrentDictionary<string, int> struck = new();
    private TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The next writes of a part fail: before anything was stored, or, with <paramref name="stored"/>, after it was, so that the caller cannot tell.</summary>
    public void FailNext(string part, int count = 1, bool stored = false) => faults[(part, stored)] = count;

    /// <summary>How many writes of a part were made to fail.</summary>
    public int Struck(string part) => struck.GetValueOrDefault(part);

    /// <summary>Ends with the next write of any silo, whether it succeeds or fails.</summary>
    public Task NextWriteAsync() => Volatile.Read(ref written).Task;

    public async Task<T> AroundAsync<T>(string part, Func<Task<T>> write)
    {
        try
        {
            Strike(part, stored: false);
            var result = await whereabouts.DuringAsync(write);
            Strike(part, stored: true);
            return result;
        }
        finally
        {
            Interlocked.Exchange(ref written, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    private void Strike(string part, bool stored)
    {
        var key = (part, stored);
        while (faults.TryGetValue(key, out var left) && left > 0)
        {
            if (faults.TryUpdate(key, left - 1, left))
            {
                struck.AddOrUpdate(part, 1, static (_, count) => count + 1);
                throw new StorageUnavailableException($"The test makes {part} fail {(stored ? "after" : "before")} the write.");
            }
        }
    }
}
