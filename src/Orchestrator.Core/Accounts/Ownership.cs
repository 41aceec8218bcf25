using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Accounts;

/// <summary>Whose a record is: the user who submitted, the project that pays, the institution of both.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.ownership")]
public sealed record Ownership
{
    [Id(0)] public string Institution { get; init; } = "";

    [Id(1)] public string Project { get; init; } = "";

    [Id(2)] public string User { get; init; } = "";

    [Id(3)] public AccountId Account { get; init; }

    /// <summary>Both are of one project: its name alone is another one's in another institution.</summary>
    public bool IsOfProjectOf(Ownership other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Project == other.Project && Institution == other.Institution;
    }
}
