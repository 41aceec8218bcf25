using System.Text.Json.Serialization;

namespace Orchestrator.Core.Ids;

/// <summary>Names one simulation: the letter "s", a dash, then 1 to 120 of a-z, A-Z, 0-9, '.', '_' and '-'.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.simulation-id")]
[JsonConverter(typeof(IdJsonConverter<SimulationId>))]
public readonly record struct SimulationId : IId<SimulationId>, IComparable<SimulationId>
{
    /// <exception cref="InvalidIdException">The value is not of the form above.</exception>
    public SimulationId(string value) => Value = IdFormat.Checked(value, Prefix, nameof(SimulationId));

    public static char Prefix => 's';

    /// <summary>The whole key, prefix included; null only in the default instance.</summary>
    [Id(0)] public string Value { get; init; }

    public static SimulationId Parse(string value) => new(value);

    public static bool TryParse(string? value, out SimulationId id)
    {
        var valid = IdFormat.Explain(value, Prefix) is null;
        id = valid ? new(value!) : default;
        return valid;
    }

    public int CompareTo(SimulationId other) => string.CompareOrdinal(Value, other.Value);

    public static bool operator <(SimulationId left, SimulationId right) => left.CompareTo(right) < 0;

    public static bool operator <=(SimulationId left, SimulationId right) => left.CompareTo(right) <= 0;

    public static bool operator >(SimulationId left, SimulationId right) => left.CompareTo(right) > 0;

    public static bool operator >=(SimulationId left, SimulationId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value;
}
