using Microsoft.Extensions.Logging;

namespace Orchestrator.Agent;

/// <summary>Says once when the gateway stops answering, and once when it is back: it may be away for hours.</summary>
internal sealed class GatewayWatch(ILogger logger)
{
    private int away;

    public void Away(string call, string reason)
    {
        if (Interlocked.Exchange(ref away, 1) == 0)
        {
            logger.GatewayAway(call, reason);
        }
    }

    public void Answered()
    {
        if (Interlocked.Exchange(ref away, 0) == 1)
        {
            logger.GatewayBack();
        }
    }
}
