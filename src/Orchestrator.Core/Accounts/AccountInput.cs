using System.Collections.Immutable;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Accounts;

/// <summary>What an account may hear.</summary>
public abstract record AccountInput
{
    private AccountInput()
    {
    }

    /// <summary>An event, and where in the log it stands.</summary>
    public sealed record Logged(long Position, OrchestratorEvent Occurrence);

    /// <summary>Uses that the log has of this account, per source in its order and without leaving any out up to the last of that source.</summary>
    public sealed record Used(ImmutableArray<Logged> Events) : AccountInput;

    /// <summary>The log was read up to a position: these are all uses of this account in what was not looked through before.</summary>
    public sealed record RollUp(ImmutableArray<Logged> Events, long Position) : AccountInput;

    /// <summary>A cluster settles and draws.</summary>
    public sealed record Exchange(EscrowOrder Order) : AccountInput;

    /// <summary>An operator arranges something anew.</summary>
    public sealed record Set(AccountChange Change, string By) : AccountInput;

    /// <summary>Events up to this one are in the log.</summary>
    public sealed record Published(long Sequence) : AccountInput;
}
