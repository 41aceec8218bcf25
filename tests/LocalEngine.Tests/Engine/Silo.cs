using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace LocalEngine.Tests.Engine;

/// <summary>A silo in a host of its own, and what its grains tell the test.</summary>
internal sealed class Silo : IAsyncDisposable
{
    private static int count;

    private readonly IHost host;

    private Silo(IHost host) => this.host = host;

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();

    public Probe Probe => host.Services.GetRequiredService<Probe>();

    public static async Task<Silo> StartAsync(Action<ISiloBuilder>? configure = null, string? cluster = null)
    {
        var number = Interlocked.Increment(ref count);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(21000 + number, 31000 + number, serviceId: "engine-tests", clusterId: cluster ?? $"engine-{number}");
            silo.Services.AddSingleton<Probe>();
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage("main");
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new Silo(host);
    }

    public Task StopAsync() => host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}

/// <summary>Where grains leave word, and where tests hold them up.</summary>
public sealed class Probe
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource> gates = new();
    private readonly System.Threading.Channels.Channel<string> words = System.Threading.Channels.Channel.CreateUnbounded<string>();

    public void Say(string word) => words.Writer.TryWrite(word);

    public async Task<string> NextAsync() => await words.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);

    public bool IsSilent => words.Reader.Count == 0;

    public Task PassAsync(string gate) => gates.GetOrAdd(gate, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Open(string gate) => gates.GetOrAdd(gate, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
