using System.Globalization;

namespace Orchestrator.Overhead;

/// <summary>What is measured, from the command line.</summary>
internal sealed record OverheadOptions
{
    public const string Usage =
        """
        What checkpoints cost a program, measured on the climate example.

          dotnet run -c Release --project benchmarks/Orchestrator.Overhead                    the cost c of a checkpoint of 200 MB, the median of 20, and c at the adaptive interval
          dotnet run -c Release --project benchmarks/Orchestrator.Overhead -- --interleaved   ten runs with and ten without checkpoints, in turn, of about two minutes each

          --megabytes N   the size of a checkpoint (200)
          --count N       checkpoints that are measured (20), or pairs of runs (10)
          --seconds N     with --interleaved: how long a run takes about (120)
          --every N       with --interleaved: seconds between two checkpoints (the shortest interval that the default limit of 2 % leaves)
          --nodes N       nodes of the gang whose failures are believed (64)

        Exit status: 0 within the limits (0.5 % at the adaptive interval; measured 2 % and within 25 % of what c predicts), 1 not, 2 wrong usage.
        """;

    public bool Interleaved { get; init; }

    public int Megabytes { get; init; } = 200;

    public int? Count { get; init; }

    public int Seconds { get; init; } = 120;

    /// <summary>Seconds; null: the shortest interval that the default policy would choose for what a checkpoint costs.</summary>
    public int? Every { get; init; }

    public int Nodes { get; init; } = 64;

    /// <summary>Null: the words are no usage of the command.</summary>
    public static OverheadOptions? Parse(string[] words)
    {
        var options = new OverheadOptions();
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == "--interleaved")
            {
                options = options with { Interleaved = true };
                continue;
            }

            if (i + 1 == words.Length || !int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            {
                return null;
            }

            var named = words[i++] switch
            {
                "--megabytes" => options with { Megabytes = number },
                "--count" => options with { Count = number },
                "--seconds" => options with { Seconds = number },
                "--every" => options with { Every = number },
                "--nodes" => options with { Nodes = number },
                _ => null,
            };
            if (named is null)
            {
                return null;
            }

            options = named;
        }

        return options;
    }
}
