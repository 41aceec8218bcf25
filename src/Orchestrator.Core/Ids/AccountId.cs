using System.Text.Json.Serialization;

namespace Orchestrator.Core.Ids;

/// <summary>Names one account (a project of an institution): the letter "p", a dash, then 1 to 120 of a-z, A-Z, 0-9, '.', '_' and '-'.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-id")]
[JsonConverter(typeof(IdJsonConverter<AccountId>))]
public readonly record struct AccountId : IId<AccountId>, IComparable<AccountId>
{
    /// <exception cref="InvalidIdException">The value is not of the form above.</exception>
    public AccountId(string value) => Value = IdFormat.Checked(value, Prefix, nameof(AccountId));

    public static char Prefix => 'p';

    /// <summary>The whole key, prefix included; null only in the default instance.</summary>
    [Id(0)] public string Value { get; init; }

    public static AccountId Parse(string value) => new(value);

    public static bool TryParse(string? value, out AccountId id)
    {
        var valid = IdFormat.Explain(value, Prefix) is null;
        id = valid ? new(value!) : default;
        return valid;
    }

    public int CompareTo(AccountId other) => string.CompareOrdinal(Value, other.Value);

    public static bool operator <(AccountId left, AccountId right) => left.CompareTo(right) < 0;

    public static bool operator <=(AccountId left, AccountId right) => left.CompareTo(right) <= 0;

    public static bool operator >(AccountId left, AccountId right) => left.CompareTo(right) > 0;

    public static bool operator >=(AccountId left, AccountId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value;
}
