using System.Text.Json.Serialization;

namespace Orchestrator.Core.Ids;

/// <summary>Names one cluster: the letter "k", a dash, then 1 to 120 of a-z, A-Z, 0-9, '.', '_' and '-'.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-id")]
[JsonConverter(typeof(IdJsonConverter<ClusterId>))]
public readonly record struct ClusterId : IId<ClusterId>, IComparable<ClusterId>
{
    /// <exception cref="InvalidIdException">The value is not of the form above.</exception>
    public ClusterId(string value) => Value = IdFormat.Checked(value, Prefix, nameof(ClusterId));

    public static char Prefix => 'k';

    /// <summary>The whole key, prefix included; null only in the default instance.</summary>
    [Id(0)] public string Value { get; init; }

    public static ClusterId Parse(string value) => new(value);

    public static bool TryParse(string? value, out ClusterId id)
    {
        var valid = IdFormat.Explain(value, Prefix) is null;
        id = valid ? new(value!) : default;
        return valid;
    }

    public int CompareTo(ClusterId other) => string.CompareOrdinal(Value, other.Value);

    public static bool operator <(ClusterId left, ClusterId right) => left.CompareTo(right) < 0;

    public static bool operator <=(ClusterId left, ClusterId right) => left.CompareTo(right) <= 0;

    public static bool operator >(ClusterId left, ClusterId right) => left.CompareTo(right) > 0;

    public static bool operator >=(ClusterId left, ClusterId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value;
}
