namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>
/// Virtual time and one queue of what is to happen. One thread takes one event after the other; what is awaited goes on as an event of its own or on the stack of the one that it waited
/// for, never on another thread, so that the seed alone decides.
/// </summary>
internal sealed class World(ulong seed)
{
    public static readonly DateTimeOffset Beginning = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (long Ticks, long Number)> queue = new();
    private readonly Queue<(SendOrPostCallback Call, object? State)> posted = new();
    private long numbers;

    public DateTimeOffset Now { get; private set; } = Beginning;

    public Dice Dice { get; } = new(seed);

    public Trace Trace { get; init; } = new();

    /// <summary>Events that were taken.</summary>
    public long Steps { get; private set; }

    /// <summary>The first thing that must never happen.</summary>
    public Exception? Failure { get; private set; }

    public void At(DateTimeOffset time, Action act) => queue.Enqueue(act, (Math.Max(time.Ticks, Now.Ticks), numbers++));

    public void After(TimeSpan wait, Action act) => At(Now + wait, act);

    public void Say(string who, string what) => Trace.Add(Now, who, what);

    public void Fail(Exception failure) => Failure ??= failure;

    /// <summary>Begins work that nobody waits for. A failed call ends it; any other exception ends the world.</summary>
    public async void Start(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (CallFailedException)
        {
            // Whoever started it looks again by himself.
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>Lets things happen until it is so, or it is that late.</summary>
    /// <returns>True: it is so.</returns>
    public bool Run(Func<bool> until, DateTimeOffset latest, Action? afterEach = null)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        try
        {
            while (!until())
            {
                if (!queue.TryPeek(out _, out var next) || next.Ticks > latest.Ticks)
                {
                    return false;
                }

                var act = queue.Dequeue();
                Now = new(next.Ticks, TimeSpan.Zero);
                Steps++;
                try
                {
                    act();
                    while (posted.TryDequeue(out var call))
                    {
                        call.Call(call.State);
                    }

                    afterEach?.Invoke();
                }
                catch (Exception failure)
                {
                    Fail(failure);
                }

                if (Failure is not null)
                {
                    throw new WorldFailedException(Failure);
                }
            }

            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class Context(World world) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => world.posted.Enqueue((d, state));

        public override void Send(SendOrPostCallback d, object? state) => d(state);
    }
}

/// <summary>A call came to nothing: its answer is lost, late, or that it could not be done. Whether it was done is not known.</summary>
internal sealed class CallFailedException(string message) : Exception(message);

/// <summary>Something happened that must never happen.</summary>
internal sealed class WorldFailedException(Exception failure) : Exception(failure.Message, failure);
