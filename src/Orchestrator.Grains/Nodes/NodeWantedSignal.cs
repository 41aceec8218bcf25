using Orchestrator.Core.Ids;

namespace Orchestrator.Grains.Nodes;

/// <summary>
/// Tells waiters of this process that a node's wanted leases changed, as soon as they are stored: a gateway holds an agent's long poll by it. It knows only of nodes whose grain
/// is active in this silo, and forgets with the process: whoever waits asks the grain before and after, and with several silos waits no longer than it may be late.
/// </summary>
public sealed class NodeWantedSignal(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, Entry> entries = [];

    /// <summary>The wanted leases of a node are stored at this version. A repeat wakes nobody.</summary>
    public void Pulse(NodeId node, long version)
    {
        TaskCompletionSource? waiters;
        lock (gate)
        {
            var entry = Find(node);
            if (version <= entry.Version)
            {
                return;
            }

            entry.Version = version;
            waiters = entry.Next;
            entry.Next = null;
        }

        waiters?.SetResult();
    }

    /// <summary>True once a version after <paramref name="afterVersion"/> is known here, at once if it is already; false after <paramref name="timeout"/>.</summary>
    /// <exception cref="OperationCanceledException">The waiter gave up.</exception>
    public async Task<bool> WaitAsync(NodeId node, long afterVersion, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var end = clock.GetUtcNow() + timeout;
        while (true)
        {
            Task next;
            lock (gate)
            {
                var entry = Find(node);
                if (entry.Version > afterVersion)
                {
                    return true;
                }

                next = (entry.Next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            var left = end - clock.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            try
            {
                await next.WaitAsync(left, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    private Entry Find(NodeId node)
    {
        if (!entries.TryGetValue(node, out var entry))
        {
            entries.Add(node, entry = new());
        }

        return entry;
    }

    private sealed class Entry
    {
        public long Version { get; set; }

        public TaskCompletionSource? Next { get; set; }
    }
}
