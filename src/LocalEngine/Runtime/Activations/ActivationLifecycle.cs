using Orleans.Runtime;

namespace Orleans.Activations;

/// <summary>Stages that are started in rising and stopped in falling order; members of one stage together.</summary>
internal class StagedLifecycle : ILifecycleObservable
{
    private readonly Lock gate = new();
    private readonly List<(int Stage, ILifecycleObserver Observer)> observers = [];
    private int highest = int.MinValue;

    protected int Highest => highest;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        var entry = (stage, observer);
        lock (gate)
        {
            observers.Add(entry);
        }

        return new Subscription(this, entry);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var stage in Stages(static entries => entries.OrderBy(static group => group.Key)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(stage.Select(entry => entry.Observer.OnStart(cancellationToken)));
            highest = stage.Key;
        }
    }

    /// <summary>Stops the stages that were started. Every one gets its chance; the first error is thrown at the end.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Exception? first = null;
        foreach (var stage in Stages(entries => entries.Where(group => group.Key <= highest).OrderByDescending(static group => group.Key)))
        {
            try
            {
                await Task.WhenAll(stage.Select(entry => entry.Observer.OnStop(cancellationToken)));
            }
            catch (Exception error)
            {
                first ??= error;
            }
        }

        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
    }

    private List<IGrouping<int, (int Stage, ILifecycleObserver Observer)>> Stages(
        Func<IEnumerable<IGrouping<int, (int Stage, ILifecycleObserver Observer)>>, IEnumerable<IGrouping<int, (int Stage, ILifecycleObserver Observer)>>> order)
    {
        lock (gate)
        {
            return [.. order(observers.ToList().GroupBy(static entry => entry.Stage))];
        }
    }

    private sealed class Subscription(StagedLifecycle lifecycle, (int, ILifecycleObserver) entry) : IDisposable
    {
        public void Dispose()
        {
            lock (lifecycle.gate)
            {
                lifecycle.observers.Remove(entry);
            }
        }
    }
}

/// <summary>The stages of an activation.</summary>
internal sealed class ActivationLifecycle : StagedLifecycle, IGrainLifecycle
{
    public void AddMigrationParticipant(IGrainMigrationParticipant participant)
    {
        // Activations of the local engine never move: all silos are this process.
    }

    public void RemoveMigrationParticipant(IGrainMigrationParticipant participant)
    {
    }
}

/// <summary>The stages of a silo.</summary>
internal sealed class SiloLifecycle : StagedLifecycle, ISiloLifecycle
{
    public int HighestCompletedStage => Highest;

    public int LowestStoppedStage => int.MaxValue;
}
