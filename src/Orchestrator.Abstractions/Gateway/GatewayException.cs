namespace Orchestrator.Abstractions.Gateway;

/// <summary>The gateway gave no usable answer. It never crosses a grain boundary: clients of the gateway throw it.</summary>
public sealed class GatewayException : Exception
{
    public GatewayException()
    {
    }

    public GatewayException(string message) : base(message)
    {
    }

    public GatewayException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <param name="message">What was attempted, and what came instead of an answer.</param>
    /// <param name="isTransient">The same call may succeed later without anybody changing it: out of reach, busy, starting.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public GatewayException(string message, bool isTransient, Exception? inner = null) : base(message, inner) => IsTransient = isTransient;

    /// <summary>False: refused for a reason that stays (access, a wrong request).</summary>
    public bool IsTransient { get; } = true;
}
