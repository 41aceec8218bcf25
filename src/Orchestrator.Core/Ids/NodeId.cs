using System.Text.Json.Serialization;

namespace Orchestrator.Core.Ids;

/// <summary>Names one node: the letter "n", a dash, then 1 to 120 of a-z, A-Z, 0-9, '.', '_' and '-'.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-id")]
[JsonConverter(typeof(IdJsonConverter<NodeId>))]
public readonly record struct NodeId : IId<NodeId>, IComparable<NodeId>
{
    /// <exception cref="InvalidIdException">The value is not of the form above.</exception>
    public NodeId(string value) => Value = IdFormat.Checked(value, Prefix, nameof(NodeId));

    public static char Prefix => 'n';

    /// <summary>The whole key, prefix included; null only in the default instance.</summary>
    [Id(0)] public string Value { get; init; }

    public static NodeId Parse(string value) => new(value);

    public static bool TryParse(string? value, out NodeId id)
    {
        var valid = IdFormat.Explain(value, Prefix) is null;
        id = valid ? new(value!) : default;
        return valid;
    }

    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value;
}
