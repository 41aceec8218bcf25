using System.Collections.Immutable;
using Orchestrator.Abstractions.Access;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Usage;
using Orleans.Concurrency;

namespace Orchestrator.Abstractions.Accounts;

/// <summary>One account, by its id: a project of an institution, what it may use and what it used. Kept in a ledger.</summary>
[Alias("orchestrator.account")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>What was arranged and used so far, with what the events of its simulations say up to now; null when nothing ever was.</summary>
    [Alias("get"), ReadOnly]
    Task<AccountView?> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>What was used over time, with what the events of its simulations say up to now.</summary>
    [Alias("get-usage"), ReadOnly]
    Task<ImmutableArray<UsageRow>> UsageAsync(UsageQuery query, CancellationToken cancellationToken = default);

    /// <summary>Arranges something anew, all of it or nothing. A repeat changes nothing. The answer tells what is wrong, or the account as it is then.</summary>
    [Alias("set"), RequiresRole(Role.Operator)]
    Task<AccountSetReply> SetAsync(AccountChange change, CancellationToken cancellationToken = default);

    /// <summary>The account as plans must know it: what is left of budgets is without what clusters have drawn.</summary>
    [Alias("get-standing"), ReadOnly]
    Task<AccountStanding> StandingAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// A cluster settles what was used, returns what it does not need, and draws what it does, in one step. A repeat under the same number changes nothing and gets the same
    /// answer, though with the standing of the present; one of an earlier number is answered as if nothing were granted, and changes nothing.
    /// </summary>
    [Alias("exchange"), RequiresRole(Role.Administrator)]
    Task<EscrowReply> ExchangeAsync(EscrowOrder order, CancellationToken cancellationToken = default);
}
