using System.Text;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Silo.Gateway.Metrics;

/// <summary>What the silo measures of itself.</summary>
internal static class MetricsRoutes
{
    private const string Media = "text/plain; version=0.0.4; charset=utf-8";

    public static void Map(Routes routes)
    {
        var collector = routes.Get<MetricsCollector>();
        routes.Map(
            "GET", "/metrics",
            new() { Summary = "What the silo measures of itself, in the text format of Prometheus.", Returns = typeof(string), ReturnsMedia = "text/plain" },
            call =>
            {
                call.Query.Check();
                return Task.FromResult(new Reply { Status = 200, ContentType = Media, Body = Encoding.UTF8.GetBytes(collector.Read(call.Caller.SeesEverything && call.Caller.Principal.Role >= Role.Operator)) });
            });
    }
}
