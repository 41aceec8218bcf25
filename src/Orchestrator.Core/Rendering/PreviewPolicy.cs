using System.Collections.Immutable;

namespace Orchestrator.Core.Rendering;

/// <summary>Progressive output of a stage: its program can write a preview of its result while it runs, and is asked for one now and then.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.preview-policy")]
public sealed record PreviewPolicy
{
    /// <summary>False: it is asked for none, neither by time nor by hand.</summary>
    [Id(0)] public bool Enabled { get; init; } = true;

    /// <summary>The time between two; at least <see cref="EveryMin"/>. They come less often where they would cost more than <see cref="OverheadMax"/>.</summary>
    [Id(1)] public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Levels of quality in percent of the final one, 1 to 99, rising; at most <see cref="LevelsMax"/>.</summary>
    [Id(2)] public ImmutableArray<int> Levels { get; init; } = [25, 50, 75];

    /// <summary>The largest part of its time that a program may spend on previews; above 0, below 1.</summary>
    [Id(3)] public double OverheadMax { get; init; } = 0.05;

    public const int LevelsMax = 20;

    public static TimeSpan EveryMin { get; } = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with it, as a sentence; null: nothing.</summary>
    public string? Problem() => this switch
    {
        _ when Every < EveryMin => "every: it is at least 1 s.",
        { OverheadMax: not (> 0 and < 1) } => "overhead: it is above 0 and below 100 %.",
        { Levels: { IsDefaultOrEmpty: true } or { Length: > LevelsMax } } => $"levels: 1 to {LevelsMax} are needed.",
        _ when !IsRising(Levels) => "levels: they are whole numbers from 1 to 99, each above the one before.",
        _ => null,
    };

    private static bool IsRising(ImmutableArray<int> levels)
    {
        for (var place = 0; place < levels.Length; place++)
        {
            if (levels[place] is < 1 or > 99 || (place > 0 && levels[place] <= levels[place - 1]))
            {
                return false;
            }
        }

        return true;
    }
}
