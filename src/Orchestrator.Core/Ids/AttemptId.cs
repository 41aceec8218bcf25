using System.Globalization;

namespace Orchestrator.Core.Ids;

/// <summary>
/// One try of one stage. The epoch grows by one with every try of the stage and is the fencing token:
/// agents refuse an older one, and reports of an older one change nothing.
/// Text form: <c>s-key/stage@epoch</c>.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.attempt-id")]
public readonly record struct AttemptId
{
    public AttemptId(SimulationId simulation, string stage, int epoch)
    {
        Simulation = simulation;
        Stage = stage;
        Epoch = epoch;
    }

    [Id(0)] public SimulationId Simulation { get; init; }

    [Id(1)] public string Stage { get; init; }

    /// <summary>1 for the first try.</summary>
    [Id(2)] public int Epoch { get; init; }

    public static bool TryParse(string? text, out AttemptId id)
    {
        id = default;
        var slash = text?.IndexOf('/') ?? -1;
        var at = text?.LastIndexOf('@') ?? -1;
        if (text is null || slash < 0 || at <= slash + 1
            || !SimulationId.TryParse(text[..slash], out var simulation)
            || !int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || epoch < 1)
        {
            return false;
        }

        id = new(simulation, text[(slash + 1)..at], epoch);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Simulation}/{Stage}@{Epoch}");
}
