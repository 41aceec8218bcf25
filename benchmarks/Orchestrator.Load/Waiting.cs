namespace Orchestrator.Load;

/// <summary>Waits until something is so.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <exception cref="TimeoutException">It was not so in time.</exception>
    public static async Task UntilAsync(Func<bool> condition, Func<string> what, Fleet fleet, LoadOptions options)
    {
        var clock = TimeProvider.System;
        var since = clock.GetTimestamp();
        while (!condition())
        {
            fleet.Check();
            if (clock.GetElapsedTime(since) > options.Patience)
            {
                throw new TimeoutException($"After {options.Patience}: {what()}. Troubles of agents: {fleet.Troubles}");
            }

            await Task.Delay(Look, clock);
        }
    }
}
