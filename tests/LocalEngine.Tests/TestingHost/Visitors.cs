using Orleans.Runtime;

namespace LocalEngine.Tests.TestingHost;

/// <summary>Counts visits and says where it lives.</summary>
[Alias("test.visitors")]
public interface IVisitorsGrain : IGrainWithStringKey
{
    [Alias("visit")]
    Task<VisitReply> VisitAsync();
}

[GenerateSerializer, Immutable, Alias("test.visit-reply")]
public sealed record VisitReply
{
    /// <summary>How often the grain was visited, over all its activations.</summary>
    [Id(0)] public int Stored { get; init; }

    /// <summary>How often this activation was visited.</summary>
    [Id(1)] public int InMemory { get; init; }

    [Id(2)] public string Silo { get; init; } = "";

    [Id(3)] public string Greeting { get; init; } = "";
}

[GenerateSerializer, Immutable, Alias("test.visitors-state")]
public sealed record VisitorsState
{
    [Id(0)] public int Visits { get; init; }
}

[GrainType("visitors")]
public sealed class VisitorsGrain(
    [PersistentState("visitors", "main")] IPersistentState<VisitorsState> store,
    ILocalSiloDetails silo,
    Microsoft.Extensions.Configuration.IConfiguration configuration,
    Departures departures) : Grain, IVisitorsGrain
{
    private int visits;

    public async Task<VisitReply> VisitAsync()
    {
        visits++;
        store.State = new() { Visits = store.State.Visits + 1 };
        await store.WriteStateAsync();
        return new() { Stored = store.State.Visits, InMemory = visits, Silo = silo.SiloAddress.ToString(), Greeting = configuration["greeting"] ?? "" };
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        departures.Add(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }
}

/// <summary>The grains that were deactivated on one silo.</summary>
public sealed class Departures
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> keys = new();

    public IReadOnlyCollection<string> Keys => keys;

    public void Add(string key) => keys.Enqueue(key);
}
