using System.Collections.Immutable;
using System.Net;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Client;

/// <summary>The gateway refused a request, or nothing answered. The message is one line for people.</summary>
public sealed class OrchestratorClientException : Exception
{
    public OrchestratorClientException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    public OrchestratorClientException(string message, HttpStatusCode status, Problem? problem) : base(message)
    {
        Status = status;
        Problem = problem;
    }

    /// <summary>Null: nothing answered.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>What the gateway said; null when it said nothing, or nothing readable.</summary>
    public Problem? Problem { get; }

    /// <summary>Every mistake of the input; empty for other faults.</summary>
    public ImmutableArray<InputProblem> Problems => Problem?.Problems ?? [];

    /// <summary>Nothing answers at the address: no gateway runs there, or it cannot be reached from here.</summary>
    public bool IsUnreachable => Status is null;

    /// <summary>The same request may succeed later without anybody changing it.</summary>
    public bool IsTransient => Status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
