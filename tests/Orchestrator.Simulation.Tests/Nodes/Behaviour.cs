namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>What a stage's program does, besides computing.</summary>
internal sealed record Behaviour
{
    /// <summary>Until it is done.</summary>
    public int Steps { get; init; } = 20;

    public TimeSpan StepTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>It makes a checkpoint by itself every so many steps; 0: only when asked.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>It ignores TERM and orders.</summary>
    public bool IsDeaf { get; init; }

    /// <summary>Up to this epoch it may fail: by chance at each step, one in so many.</summary>
    public int FailsUpTo { get; init; }

    public int FailsOneIn { get; init; } = 10;

    /// <summary>How it fails: exit status, or null for a signal.</summary>
    public int? FailsWith { get; init; } = 1;

    /// <summary>At this step it fails in every attempt; 0: nowhere.</summary>
    public int FailsAtStep { get; init; }

    /// <summary>At this step it stops to compute, up to <see cref="FailsUpTo"/>; 0: nowhere.</summary>
    public int StallsAtStep { get; init; }

    /// <summary>What comes out when nothing disturbs it.</summary>
    public ulong Result
    {
        get
        {
            var value = 0UL;
            for (var step = 1; step <= Steps; step++)
            {
                value = Compute(value, step);
            }

            return value;
        }
    }

    /// <summary>One step: what comes out tells whether one was left out or done twice.</summary>
    public static ulong Compute(ulong value, long step) => Worlds.Dice.Mix((value * 31) + (ulong)step);
}
