namespace Orchestrator.Silo.Gateway;

/// <summary>The body of an order: why, in the caller's words.</summary>
internal sealed record Reasoned
{
    public string? Reason { get; init; }

    /// <summary>For the drain of a node: let what runs end by itself.</summary>
    public bool WhenIdle { get; init; }

    /// <summary>For a checkpoint: when; null: now.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>At most so many characters of a reason are kept.</summary>
    public const int ReasonLengthMax = 1000;

    /// <exception cref="ProblemException">The reason is too long, or the body no such document.</exception>
    public static Reasoned From(Call call)
    {
        var order = call.TryRead<Reasoned>() ?? new();
        return order.Reason is { Length: > ReasonLengthMax }
            ? throw ProblemException.Invalid(new Abstractions.Gateway.InputProblem { Path = "reason", Message = $"it has {order.Reason.Length} characters", Allowed = $"at most {ReasonLengthMax}" })
            : order;
    }
}
