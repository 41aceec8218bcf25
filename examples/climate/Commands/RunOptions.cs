using System.Globalization;
using Climate.Protocol;

namespace Climate.Commands;

/// <summary>Options of <c>climate run</c>. What is null was not given: a resumed run takes it from the restart.</summary>
internal sealed record RunOptions
{
    public int? Member { get; init; }

    public long? Seed { get; init; }

    public long Steps { get; init; } = 2000;

    public double? Forcing { get; init; }

    public double? RampYears { get; init; }

    public (int Columns, int Rows)? Grid { get; init; }

    public int? HistoryEvery { get; init; }

    public string? Initial { get; init; }

    public string? Resume { get; init; }

    public long? UntilStep { get; init; }

    /// <summary>Steps between checkpoints of the program's own; 0: only those that are asked for.</summary>
    public long CheckpointEvery { get; init; }

    /// <summary>At least so many milliseconds of wall time per step, on average.</summary>
    public double Pace { get; init; }

    public string? Output { get; init; }

    public int? Threads { get; init; }

    public bool Quiet { get; init; }

    /// <exception cref="UsageException">An option is unknown, lacks its value, or has one that is not allowed.</exception>
    public static RunOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new RunOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string? inline = null;
            if (name.StartsWith("--", StringComparison.Ordinal) && name.IndexOf('=') is > 0 and var equals)
            {
                (name, inline) = (name[..equals], name[(equals + 1)..]);
            }

            if (name == "--quiet" && inline is null)
            {
                options = options with { Quiet = true };
                continue;
            }

            string Value() => inline ?? (++i < arguments.Count ? arguments[i] : throw new UsageException($"{name} needs a value"));

            options = name switch
            {
                "--member" => options with { Member = (int)Whole(name, Value(), 0, int.MaxValue) },
                "--seed" => options with { Seed = Whole(name, Value(), long.MinValue, long.MaxValue) },
                "--steps" => options with { Steps = Whole(name, Value(), 1, int.MaxValue) },
                "--forcing" => options with { Forcing = Real(name, Value(), 0.01, 100) },
                "--ramp" => options with { RampYears = Real(name, Value(), 0, 1e6) },
                "--grid" => options with { Grid = Size(Value()) },
                "--history-every" => options with { HistoryEvery = (int)Whole(name, Value(), 1, int.MaxValue) },
                "--initial" => options with { Initial = Value() },
                "--resume" => options with { Resume = Value() },
                "--until-step" => options with { UntilStep = Whole(name, Value(), 0, int.MaxValue) },
                "--checkpoint-every" => options with { CheckpointEvery = Whole(name, Value(), 1, int.MaxValue) },
                "--pace" => options with { Pace = Real(name, Value(), 0, 60_000) },
                "--output" => options with { Output = Value() },
                "--threads" => options with { Threads = (int)Whole(name, Value(), 1, 1024) },
                _ => throw new UsageException($"'{name}' is no option of climate run; climate --help lists them"),
            };
        }

        return options;
    }

    private static long Whole(string name, string text, long min, long max) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new UsageException($"{name} is '{text}'; allowed is a whole number from {min} to {max}");

    private static double Real(string name, string text, double min, double max) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}'; allowed is a number from {min} to {max}"));

    private static (int, int) Size(string text)
    {
        var parts = text.Split('x');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var columns)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var rows)
            && columns is >= Model.Grid.ColumnsMin and <= Model.Grid.ColumnsMax && rows is >= Model.Grid.RowsMin and <= Model.Grid.RowsMax
            ? (columns, rows)
            : throw new UsageException($"--grid is '{text}'; allowed is COLUMNSxROWS from {Model.Grid.ColumnsMin}x{Model.Grid.RowsMin} to {Model.Grid.ColumnsMax}x{Model.Grid.RowsMax}, like 96x48");
    }
}
