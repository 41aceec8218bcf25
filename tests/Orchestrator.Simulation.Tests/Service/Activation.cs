using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>
/// A grain in the memory of a silo: one turn at a time unless its grain is re-entrant, read from storage before the first. When it dies, turns that are under way go on with nothing; the
/// next call makes another one.
/// </summary>
internal sealed class Activation(World world, string key, Host silo, Cluster service) : Host(world, $"{key}@{silo.Name}", silo)
{
    private readonly Queue<Func<Task>> turns = new();
    private Shell? shell;
    private bool isBusy;
    private bool isLeaving;

    public string Key => key;

    public Cluster Service => service;

    /// <summary>Its grain could not be read: whoever waits is told so.</summary>
    private bool hasFailed;

    public void Activate(Shell made)
    {
        turns.Enqueue(async () =>
        {
            try
            {
                await made.ActivateAsync();
                shell = made;
            }
            catch (CallFailedException)
            {
                hasFailed = true;
                Leave();
            }
        });
        Drain();
    }

    public Task<T> TurnAsync<TShell, T>(Func<TShell, Task<T>> body)
        where TShell : Shell
    {
        if (shell is { IsReentrant: true } reentrant)
        {
            return body((TShell)reentrant);
        }

        var done = new TaskCompletionSource<T>();
        turns.Enqueue(async () =>
        {
            if (hasFailed)
            {
                done.TrySetException(new CallFailedException("it could not be read"));
                return;
            }

            if (shell!.IsReentrant)
            {
                Start(() => FollowAsync(done, () => body((TShell)shell)));
                return;
            }

            await FollowAsync(done, () => body((TShell)shell));
        });
        Drain();
        return done.Task;
    }

    /// <summary>A turn that nobody waits for, as of a timer; what it throws is logged, and the timer lives on.</summary>
    public async Task TurnAsync(Func<Task> body)
    {
        try
        {
            await TurnAsync<Shell, bool>(async _ =>
            {
                await body();
                return true;
            });
        }
        catch (CallFailedException)
        {
            // As a grain timer does.
        }
    }

    /// <summary>What is stored is not known any more: no new turn comes here, and those that wait find that out.</summary>
    public void Leave()
    {
        if (!isLeaving)
        {
            isLeaving = true;
            service.Forget(this);
            Say("deactivates");
            After(TimeSpan.FromSeconds(1), Kill);
        }
    }

    private static async Task FollowAsync<T>(TaskCompletionSource<T> done, Func<Task<T>> body)
    {
        try
        {
            done.TrySetResult(await body());
        }
        catch (CallFailedException failed)
        {
            done.TrySetException(failed);
        }
    }

    private void Drain()
    {
        if (!isBusy)
        {
            isBusy = true;
            Start(DrainAsync);
        }
    }

    private async Task DrainAsync()
    {
        while (turns.TryDequeue(out var turn))
        {
            await turn();
        }

        isBusy = false;
    }
}
