namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>
/// A clock that goes when it is told to. Timers that are due at once fire at once; others when <see cref="Advance"/> comes to them, in the order in which they are due.
/// </summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private readonly List<(DateTimeOffset Due, TaskCompletionSource Reached)> waiters = [];
    private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends once a timer is armed that is due in exactly so long.</summary>
    public Task ArmedAsync(TimeSpan dueIn)
    {
        lock (gate)
        {
            var due = now + dueIn;
            if (timers.Exists(timer => timer.Due == due))
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiters.Add((due, reached));
            return reached.Task.WaitAsync(GrainWorld.Patience, System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Whether no timer is due within so long.</summary>
    public bool IsQuietFor(TimeSpan span)
    {
        lock (gate)
        {
            return !timers.Exists(timer => timer.Due <= now + span);
        }
    }

    public void Advance(TimeSpan by)
    {
        DateTimeOffset end;
        lock (gate)
        {
            end = now + by;
        }

        while (true)
        {
            List<Timer> due;
            lock (gate)
            {
                var next = timers.Where(timer => timer.Due <= end).Min(static timer => timer.Due);
                if (next is null)
                {
                    now = end;
                    return;
                }

                now = next.Value > now ? next.Value : now;
                due = timers.FindAll(timer => timer.Due <= now);
                due.ForEach(static timer => timer.Due = timer.Period > TimeSpan.Zero ? timer.Due + timer.Period : null);
                timers.RemoveAll(static timer => timer.Due is null);
            }

            due.ForEach(static timer => timer.Fire());
        }
    }

    private void Arm(Timer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            timers.Remove(timer);
            timer.Period = period;
            timer.Due = dueTime == Timeout.InfiniteTimeSpan ? null : now + dueTime;
            if (dueTime == TimeSpan.Zero)
            {
                timer.Due = period > TimeSpan.Zero ? now + period : null;
                ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false);
            }

            if (timer.Due is not { } due)
            {
                return;
            }

            timers.Add(timer);
            foreach (var waiter in waiters.FindAll(waiter => waiter.Due == due))
            {
                waiters.Remove(waiter);
                waiter.Reached.TrySetResult();
            }
        }
    }

    private void Remove(Timer timer)
    {
        lock (gate)
        {
            timers.Remove(timer);
        }
    }

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private volatile bool disposed;

        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (disposed)
            {
                return false;
            }

            clock.Arm(this, dueTime, period);
            return true;
        }

        public void Fire()
        {
            if (!disposed)
            {
                callback(state);
            }
        }

        public void Dispose()
        {
            disposed = true;
            clock.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
