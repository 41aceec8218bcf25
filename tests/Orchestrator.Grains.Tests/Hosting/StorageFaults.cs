using System.Collections.Concurrent;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>What shall go wrong next in storage, by the part it goes wrong in.</summary>
internal sealed class StorageFaults
{
    public const string GrainState = "grain-state";
    public const string Ledger = "ledger";
    public const string EventLog = "event-log";

    private readonly ConcurrentDictionary<(string Part, bool Stored), int> faults = new();
    private readonly ConcurrentDictionary<string, int> struck = new();

    /// <summary>The next writes of a part fail: before anything was stored, or, with <paramref name="stored"/>, after it was, so that the caller cannot tell.</summary>
    public void FailNext(string part, int count = 1, bool stored = false) => faults[(part, stored)] = count;

    /// <summary>How many writes of a part were made to fail.</summary>
    public int Struck(string part) => struck.GetValueOrDefault(part);

    public async Task<T> AroundAsync<T>(string part, Func<Task<T>> write)
    {
        Strike(part, stored: false);
        var result = await write();
        Strike(part, stored: true);
        return result;
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
