using System.Collections.Immutable;
using Orchestrator.Abstractions.Simulations;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>What came of an order to all simulations of a campaign. The counts add up to its simulations.</summary>
public sealed record CampaignOutcome
{
    private const int RefusalsMax = 5;

    /// <summary>Simulations that the order changed.</summary>
    public int Changed { get; init; }

    /// <summary>Those that were so already.</summary>
    public int Unchanged { get; init; }

    /// <summary>Those whose status does not allow it.</summary>
    public int Refused { get; init; }

    /// <summary>Those that had ended, and were not asked.</summary>
    public int Ended { get; init; }

    /// <summary>Why some were refused: each reason once, five at most.</summary>
    public ImmutableArray<string> Refusals { get; init; } = [];

    /// <summary>Some were asked, and none of them took it.</summary>
    public bool IsRefused() => Refused > 0 && Changed + Unchanged == 0;

    /// <param name="replies">Of those that were asked.</param>
    /// <param name="ended">How many were not asked, because they had ended.</param>
    public static CampaignOutcome Of(IReadOnlyCollection<ControlReply> replies, int ended)
    {
        ArgumentNullException.ThrowIfNull(replies);
        var refused = replies.Where(static reply => reply.Outcome is not (ControlOutcome.Accepted or ControlOutcome.Unchanged)).ToArray();
        return new()
        {
            Changed = replies.Count(static reply => reply.Outcome == ControlOutcome.Accepted),
            Unchanged = replies.Count(static reply => reply.Outcome == ControlOutcome.Unchanged),
            Refused = refused.Length,
            Ended = ended,
            Refusals = [.. refused.Select(static reply => reply.Reason ?? $"it is {reply.Status.ToString().ToLowerInvariant()}").Distinct(StringComparer.Ordinal).Take(RefusalsMax)],
        };
    }
}
