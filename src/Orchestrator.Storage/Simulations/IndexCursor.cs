using System.Globalization;

namespace Orchestrator.Storage;

/// <summary>Where a page of the index ended: the submission time and the name of its last row. Callers see an opaque text.</summary>
internal readonly record struct IndexCursor(long SubmittedTicks, string Simulation)
{
    public static IndexCursor? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new IndexCursor(ticks, text[(dot + 1)..])
            : throw new ArgumentException($"'{text}' is not a cursor that a page ended with.", nameof(text));
    }

    public static IndexCursor After(SimulationIndexEntry entry) => new(entry.SubmittedAt.UtcTicks, entry.Simulation);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SubmittedTicks}.{Simulation}");
}
