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

    public override string ToString() => $"{User}@{Institution}";
}
