namespace Orchestrator.Grains.Effects;

/// <summary>How a pump finds and does what its grain owes.</summary>
internal sealed record EffectPumpOptions<TEffect, TInput>
    where TEffect : class
    where TInput : class
{
    /// <summary>The grain's key, for logs.</summary>
    public required string Owner { get; init; }

    /// <summary>What the present state owes, in order. Called in a turn of the grain, and not read further than is done at once.</summary>
    public required Func<IEnumerable<TEffect>> Owed { get; init; }

    /// <summary>Effects with the same lane are done one after the other, the first that is owed first.</summary>
    public required Func<TEffect, string> Lane { get; init; }

    /// <summary>Does one effect, from what it carries alone; it must not look at the state. Returns the input that tells the machine that it is done.</summary>
    public required Func<TEffect, CancellationToken, Task<TInput>> Perform { get; init; }

    /// <summary>Steps the input and stores, in a turn of the grain.</summary>
    public required Func<TInput, Task> Apply { get; init; }

    /// <summary>So many effects are under way at once at most. Default: any number.</summary>
    public int Width { get; init; } = int.MaxValue;

    /// <summary>Outcomes that came together are stepped together: the grain interleaves them by itself. Default: one after the other.</summary>
    public bool ApplyTogether { get; init; }

    /// <summary>An effect that takes longer is given up and tried again. Default 10 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait after a first failure; it doubles. Default 100 ms.</summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Default 30 s.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(30);
}
