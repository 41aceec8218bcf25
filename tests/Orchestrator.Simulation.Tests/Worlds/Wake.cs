namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>Wakes one who waits, at once if it was set before he came.</summary>
internal sealed class Wake(Host host)
{
    private TaskCompletionSource? waiter;
    private bool isSet;

    public void Set()
    {
        if (waiter is { } waiting)
        {
            waiter = null;
            host.After(TimeSpan.Zero, () => waiting.TrySetResult());
        }
        else
        {
            isSet = true;
        }
    }

    /// <summary>Until it is set, or for so long.</summary>
    public Task WaitAsync(TimeSpan longest)
    {
        if (isSet)
        {
            isSet = false;
            return Task.CompletedTask;
        }

        var waiting = new TaskCompletionSource();
        waiter = waiting;
        host.After(longest, () =>
        {
            if (waiter == waiting)
            {
                waiter = null;
            }

            waiting.TrySetResult();
        });
        return waiting.Task;
    }
}
