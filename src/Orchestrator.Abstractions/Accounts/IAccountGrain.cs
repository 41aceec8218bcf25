using Orleans.Concurrency;

namespace Orchestrator.Abstractions.Accounts;

/// <summary>One account, by its id: a project of an institution, and what it used. Kept in a ledger.</summary>
[Alias("orchestrator.account")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>What was used so far, with what the events of its simulations say up to now; null when it never used anything.</summary>
    [Alias("get"), ReadOnly]
    Task<AccountView?> GetAsync(CancellationToken cancellationToken = default);
}
