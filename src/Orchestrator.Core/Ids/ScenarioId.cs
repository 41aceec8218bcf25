using System.Text.Json.Serialization;

namespace Orchestrator.Core.Ids;

/// <summary>Names one scenario set: the letter "o", a dash, then 1 to 120 of a-z, A-Z, 0-9, '.', '_' and '-'.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-id")]
[JsonConverter(typeof(IdJsonConverter<ScenarioId>))]
public readonly record struct ScenarioId : IId<ScenarioId>, IComparable<ScenarioId>
{
    /// <exception cref="InvalidIdException">The value is not of the form above.</exception>
    public ScenarioId(string value) => Value = IdFormat.Checked(value, Prefix, nameof(ScenarioId));

    public static char Prefix => 'o';

    /// <summary>The whole key, prefix included; null only in the default instance.</summary>
    [Id(0)] public string Value { get; init; }

    public static ScenarioId Parse(string value) => new(value);

    public static bool TryParse(string? value, out ScenarioId id)
    {
        var valid = IdFormat.Explain(value, Prefix) is null;
        id = valid ? new(value!) : default;
        return valid;
    }

    public int CompareTo(ScenarioId other) => string.CompareOrdinal(Value, other.Value);

    public static bool operator <(ScenarioId left, ScenarioId right) => left.CompareTo(right) < 0;

    public static bool operator <=(ScenarioId left, ScenarioId right) => left.CompareTo(right) <= 0;

    public static bool operator >(ScenarioId left, ScenarioId right) => left.CompareTo(right) > 0;

    public static bool operator >=(ScenarioId left, ScenarioId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value;
}
