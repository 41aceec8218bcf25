namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>What came back of a call; nothing: it is not known whether it was done.</summary>
internal readonly record struct Answer<T>(bool Arrived, T Value)
{
    public T OrThrow() => Arrived ? Value : throw new CallFailedException("no answer");
}

/// <summary>Carries calls and their answers, and loses, delays, repeats and so reorders them.</summary>
internal sealed class Network(World world)
{
    private readonly HashSet<(string, string)> cuts = [];

    /// <summary>Share of messages that never arrive.</summary>
    public double Loss { get; set; }

    /// <summary>Share of calls that arrive twice, the second time later.</summary>
    public double Repeats { get; set; }

    /// <summary>Share of messages that take seconds or minutes.</summary>
    public double Slow { get; set; }

    /// <summary>Nothing gets from one to the other, nor back.</summary>
    public void Cut(string one, string other) => cuts.Add((one, other));

    public void Mend() => cuts.Clear();

    public bool IsCut(Host one, Host other) => cuts.Count > 0 && (cuts.Contains((one.Root.Name, other.Root.Name)) || cuts.Contains((other.Root.Name, one.Root.Name)));

    /// <summary>A call to a process, which answers or throws <see cref="CallFailedException"/>; after the deadline nobody waits for its answer any more.</summary>
    /// <param name="from">Who calls.</param>
    /// <param name="to">Who it is sent to, looked up when it arrives; null: nobody is there.</param>
    /// <param name="handle">What it does there.</param>
    /// <param name="deadline">How long the caller waits.</param>
    public Task<Answer<T>> CallAsync<T>(Host from, Func<Host?> to, Func<Host, Task<T>> handle, TimeSpan deadline)
    {
        var answer = new TaskCompletionSource<Answer<T>>();
        Deliver(from, to, handle, answer);
        if (world.Dice.Chance(Repeats))
        {
            Deliver(from, to, handle, null);
        }

        world.After(deadline, () =>
        {
            if (!answer.Task.IsCompleted)
            {
                from.Resume(() => answer.TrySetResult(default));
            }
        });
        return answer.Task;
    }

    /// <summary>A call that nobody waits for, and that nobody misses.</summary>
    public void Tell(Host from, Func<Host?> to, Func<Host, Task> handle) =>
        Deliver<bool>(from, to, async host =>
        {
            await handle(host);
            return true;
        }, null);

    private void Deliver<T>(Host from, Func<Host?> to, Func<Host, Task<T>> handle, TaskCompletionSource<Answer<T>>? answer)
    {
        if (world.Dice.Chance(Loss))
        {
            return;
        }

        world.After(Time(), () =>
        {
            if (to() is not { IsAlive: true } host)
            {
                // The connection is refused.
                Return(from, answer, default);
                return;
            }

            if (!IsCut(from, host))
            {
                host.Resume(() => world.Start(() => HandleAsync(from, host, handle, answer)));
            }
        });
    }

    private async Task HandleAsync<T>(Host from, Host host, Func<Host, Task<T>> handle, TaskCompletionSource<Answer<T>>? answer)
    {
        Answer<T> result;
        try
        {
            result = new(true, await handle(host));
        }
        catch (CallFailedException)
        {
            result = default;
        }

        if (answer is not null && !world.Dice.Chance(Loss) && !IsCut(from, host))
        {
            world.After(Time(), () => Return(from, answer, result));
        }
    }

    private static void Return<T>(Host from, TaskCompletionSource<Answer<T>>? answer, Answer<T> result)
    {
        if (answer is not null)
        {
            from.Resume(() => answer.TrySetResult(result));
        }
    }

    private TimeSpan Time() => world.Dice.Chance(Slow)
        ? TimeSpan.FromSeconds(0.1 * Math.Pow(1200, world.Dice.Share()))
        : TimeSpan.FromTicks(2_000 + world.Dice.Below(50_000));
}
