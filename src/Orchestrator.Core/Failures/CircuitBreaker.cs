namespace Orchestrator.Core.Failures;

/// <summary>Whether something that many depend on is asked at all.</summary>
public enum CircuitState
{
    Closed = 0,

    /// <summary>It failed so often in a row that it is left alone for a while. Nothing is judged by it.</summary>
    Open = 1,

    /// <summary>A few may try whether it is back.</summary>
    HalfOpen = 2,
}

/// <summary>
/// Leaves alone what failed several times in a row: a node, a file system, a gateway. While it is open nobody is charged with its failures. The first success closes it; a failure
/// of a trial opens it anew.
/// <code>
///            success   failure                  time                      trial asked for
/// Closed     Closed    Open after FailuresMax   Closed                    granted
/// Open       Closed    Open (from now on)       HalfOpen after OpenFor    refused
/// HalfOpen   Closed    Open (from now on)       HalfOpen                  granted TrialsMax times
/// </code>
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.circuit-breaker")]
public sealed record CircuitBreaker
{
    public const int FailuresMax = 5;
    public const int TrialsMax = 3;
    public static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(60);

    public static CircuitBreaker Closed { get; } = new();

    /// <summary>In a row.</summary>
    [Id(0)] public int Failures { get; init; }

    /// <summary>Null: it is closed.</summary>
    [Id(1)] public DateTimeOffset? OpenSince { get; init; }

    /// <summary>Granted since it is half open.</summary>
    [Id(2)] public int Trials { get; init; }

    public CircuitState StateAt(DateTimeOffset now) => OpenSince is not { } since ? CircuitState.Closed : now - since >= OpenFor ? CircuitState.HalfOpen : CircuitState.Open;

    /// <summary>Whether one more may ask, and the breaker after that.</summary>
    public (bool IsGranted, CircuitBreaker After) Ask(DateTimeOffset now) => StateAt(now) switch
    {
        CircuitState.Closed => (true, this),
        CircuitState.HalfOpen when Trials < TrialsMax => (true, this with { Trials = Trials + 1 }),
        _ => (false, this),
    };

    public CircuitBreaker Succeeded() => this == Closed ? this : Closed;

    public CircuitBreaker Failed(DateTimeOffset now)
    {
        var failures = Failures + 1;
        return failures >= FailuresMax || OpenSince is not null ? new() { Failures = failures, OpenSince = now } : this with { Failures = failures };
    }
}
