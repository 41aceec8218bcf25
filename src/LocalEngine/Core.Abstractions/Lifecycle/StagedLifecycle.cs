namespace Orleans.Local;

/// <summary>Starts its observers stage by stage, those of a stage together, and stops in reverse only what was started.</summary>
internal class StagedLifecycle : ILifecycleSubject
{
    private readonly List<Entry> entries = [];
    private int? highest;

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public bool IsEmpty
    {
        get
        {
            lock (entries)
            {
                return entries.Count == 0;
            }
        }
    }

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var entry = new Entry(this, stage, observer);
        lock (entries)
        {
            entries.Add(entry);
        }

        return entry;
    }

    public async Task OnStart(CancellationToken cancellationToken = default)
    {
        foreach (var stage in Stages())
        {
            cancellationToken.ThrowIfCancellationRequested();
            highest = stage.Key;
            await Task.WhenAll(stage.Select(entry => Guard(() => entry.Observer.OnStart(cancellationToken))));
            HighestCompletedStage = stage.Key;
        }
    }

    public async Task OnStop(CancellationToken cancellationToken = default)
    {
        if (highest is not { } started)
        {
            return;
        }

        List<Exception>? errors = null;
        foreach (var stage in Enumerable.Reverse(Stages()).Where(stage => stage.Key <= started))
        {
            try
            {
                await Task.WhenAll(stage.Select(entry => Guard(() => entry.Observer.OnStop(cancellationToken))));
            }
            catch (Exception error)
            {
                // What stands below this stage is stopped all the same; the first error is told at the end.
                (errors ??= []).Add(error);
            }

            LowestStoppedStage = stage.Key;
        }

        highest = null;
        if (errors is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors[0]);
        }
    }

    private static async Task Guard(Func<Task> step) => await step();

    private List<IGrouping<int, Entry>> Stages()
    {
        lock (entries)
        {
            return [.. entries.GroupBy(entry => entry.Stage).OrderBy(group => group.Key)];
        }
    }

    private sealed class Entry(StagedLifecycle owner, int stage, ILifecycleObserver observer) : IDisposable
    {
        public int Stage => stage;

        public ILifecycleObserver Observer => observer;

        public void Dispose()
        {
            lock (owner.entries)
            {
                owner.entries.Remove(this);
            }
        }
    }
}
