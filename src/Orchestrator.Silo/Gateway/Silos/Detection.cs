using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Silo.Gateway.Silos;

/// <summary>How fast a lost node is noticed, as the grains have it.</summary>
internal sealed record Detection(TimeSpan HeartbeatInterval, TimeSpan Window)
{
    public static Detection Of(IServiceProvider services)
    {
        var nodes = services.GetRequiredService<IConfiguration>().GetSection("Orchestrator:Nodes");
        return new(nodes.GetValue("HeartbeatInterval", TimeSpan.FromSeconds(5)), nodes.GetValue("DetectionWindow", TimeSpan.FromSeconds(30)));
    }
}
