namespace Orchestrator.Agent;

/// <summary>Lets one loop sleep until something changed or a time has passed.</summary>
internal sealed class Wake(TimeProvider time)
{
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The loop looks again, at once or right after what it is doing.</summary>
    public void Set() => Volatile.Read(ref changed).TrySetResult();

    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var now = Volatile.Read(ref changed);
        if (!now.Task.IsCompleted)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(now.Task, Task.Delay(longest, time, either.Token));
            await either.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (now.Task.IsCompleted)
        {
            // What was announced before this line is seen by the look that follows.
            Volatile.Write(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }
}
