using System.Globalization;

namespace Orchestrator.Load;

/// <summary>How large a run is.</summary>
internal sealed record LoadOptions
{
    /// <summary>1: 10,000 simulations over 5,000 nodes.</summary>
    public double Scale { get; init; } = 1;

    public int Nodes => Math.Max(10, (int)(5000 * Scale));

    /// <summary>Simulations that fit on a node.</summary>
    public int PerNode { get; init; } = 2;

    /// <summary>Submissions and questions that are under way at once.</summary>
    public int Width { get; init; } = 32;

    /// <summary>How often agents send a heartbeat.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often each running simulation says how far it is.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often each running simulation makes a checkpoint.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the run is watched when all that fits runs.</summary>
    public TimeSpan Steady { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Nothing is waited for longer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <exception cref="ArgumentException">An argument is not allowed.</exception>
    public static LoadOptions Read(IReadOnlyList<string> arguments)
    {
        var options = new LoadOptions();
        for (var at = 0; at < arguments.Count; at += 2)
        {
            if (at + 1 == arguments.Count || !double.TryParse(arguments[at + 1], CultureInfo.InvariantCulture, out var value) || value <= 0)
            {
                throw new ArgumentException($"{arguments[at]} needs a number above 0");
            }

            options = arguments[at] switch
            {
                "--scale" => options with { Scale = value },
                "--width" => options with { Width = (int)value },
                "--heartbeat" => options with { Heartbeat = TimeSpan.FromSeconds(value) },
                "--steady" => options with { Steady = TimeSpan.FromSeconds(value) },
                _ => throw new ArgumentException($"{arguments[at]} is not known; --scale, --width, --heartbeat and --steady are"),
            };
        }

        return options;
    }
}
