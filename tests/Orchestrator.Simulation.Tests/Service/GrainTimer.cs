namespace Orchestrator.Simulation.Tests.Service;

/// <summary>A timer of a grain: its ticks are turns, and the next one counts from the end of the one before.</summary>
internal sealed class GrainTimer(Activation activation, Func<Task> tick, TimeSpan? period = null)
{
    private long armed;

    /// <summary>Ticks next after so long; null: never.</summary>
    public void Change(TimeSpan? due)
    {
        var mine = ++armed;
        if (due is { } wait)
        {
            activation.After(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, () =>
            {
                if (armed == mine)
                {
                    activation.World.Start(() => TickAsync(mine));
                }
            });
        }
    }

    private async Task TickAsync(long mine)
    {
        await activation.TurnAsync(tick);
        if (armed == mine && period is { } again)
        {
            Change(again);
        }
    }
}
