using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Scheduling;
using Orchestrator.Grains.Nodes;
using Orchestrator.Silo;

namespace Orchestrator.Load;

/// <summary>The silo that <c>orchestrator up</c> runs, in this process, over SQLite in a directory.</summary>
internal sealed class LoadSilo : IAsyncDisposable
{
    private readonly SiloHost host;

    private LoadSilo(SiloHost host, Latencies plans)
    {
        this.host = host;
        Plans = plans;
    }

    /// <summary>How long plans took, without what the cluster does around them.</summary>
    public Latencies Plans { get; }

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();

    public NodeWantedSignal Signal => host.Services.GetRequiredService<NodeWantedSignal>();

    /// <summary>Returns once the gateway answers.</summary>
    public static async Task<LoadSilo> StartAsync(string directory, LoadOptions options)
    {
        var plans = new Latencies();
        var settings = new SiloSettings
        {
            DataDirectory = directory,
            Values =
            [
                new("Nodes:HeartbeatInterval", options.Heartbeat.ToString("c", CultureInfo.InvariantCulture)),
                new("Nodes:DetectionWindow", (options.Heartbeat * 6).ToString("c", CultureInfo.InvariantCulture)),
            ],
        };
        var host = SiloHost.Build(settings, services => services.AddSingleton<Func<SchedulingSettings, ISchedulingWorkspace>>(provider =>
            scheduling => new TimedWorkspace(new SchedulingWorkspace(scheduling, provider.GetRequiredService<SchedulerParts>()), plans)));
        await host.StartAsync();
        return new(host, plans);
    }

    public Task StopAsync() => host.StopAsync();

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
