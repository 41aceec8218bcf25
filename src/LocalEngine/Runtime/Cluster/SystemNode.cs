using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>A part of a silo that makes calls: reminders, streams. Its calls say that they come from it, as those of Orleans' system targets do.</summary>
internal sealed class SystemNode(LocalSilo silo, string name)
    : CallNode(
        silo.Services,
        silo.Services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value,
        GrainId.Create(GrainTypePrefix.SystemTargetPrefix + name, silo.Address.ToParsableString()))
{
    public override LocalCluster Cluster => silo.Cluster;
}
