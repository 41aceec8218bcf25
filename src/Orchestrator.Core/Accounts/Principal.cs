using System.Collections.Immutable;

namespace Orchestrator.Core.Accounts;

/// <summary>Who makes a call. The gateway sets it; nothing that a caller sends is believed.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.principal")]
public sealed record Principal
{
    [Id(0)] public string Institution { get; init; } = "";

    [Id(1)] public string User { get; init; } = "";

    /// <summary>Projects the principal works for; empty for an operator who may see all of the institution.</summary>
    [Id(2)] public ImmutableArray<string> Projects { get; init; } = [];

    [Id(3)] public Role Role { get; init; }

    /// <summary>It may know of what has this owner: without an institution of everything, without projects of all of its institution.</summary>
    public bool Sees(Ownership owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return Institution.Length == 0 || (owner.Institution == Institution && (Projects.IsDefaultOrEmpty || Projects.Contains(owner.Project)));
    }

    public override string ToString() => $"{User}@{Institution}";
}
