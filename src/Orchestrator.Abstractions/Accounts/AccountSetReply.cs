using System.Collections.Immutable;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Abstractions.Accounts;

/// <summary>What became of a change of an account.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-set-reply")]
public sealed record AccountSetReply
{
    /// <summary>All that is wrong with it; where anything is, nothing was changed.</summary>
    [Id(0)] public ImmutableArray<AccountProblem> Problems { get; init; } = [];

    /// <summary>The account after it; null when it was refused.</summary>
    [Id(1)] public AccountView? View { get; init; }
}
