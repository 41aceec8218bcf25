namespace Orchestrator.Core.Accounts;

/// <summary>Use that counts less the longer ago it was.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.decayed-use")]
public sealed record DecayedUse
{
    /// <summary>As it counts at <see cref="At"/>.</summary>
    [Id(0)] public double CoreSeconds { get; init; }

    [Id(1)] public DateTimeOffset At { get; init; }

    /// <summary>As it counts at a later moment.</summary>
    public double CoreSecondsAt(DateTimeOffset at, TimeSpan halfLife) => CoreSeconds * Math.Pow(2, -Math.Max(0, (at - At) / halfLife));

    /// <summary>With what an attempt used that ended then: it counts from when it was used, evenly over its run.</summary>
    public DecayedUse With(ResourceUse use, DateTimeOffset end, TimeSpan halfLife)
    {
        ArgumentNullException.ThrowIfNull(use);
        var halfLives = use.WallTime / halfLife;
        var atEnd = use.CoreTime.TotalSeconds * (halfLives > 1e-6 ? (1 - Math.Pow(2, -halfLives)) / (halfLives * Math.Log(2)) : 1);
        var at = At > end ? At : end;
        return new() { At = at, CoreSeconds = CoreSecondsAt(at, halfLife) + (atEnd * Math.Pow(2, -((at - end) / halfLife))) };
    }
}
