namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>One world per database for all tests of a collection that neither kill silos nor need settings of their own; each starts at its first use.</summary>
public sealed class WorldsFixture : IAsyncLifetime
{
    private readonly Dictionary<Over, GrainWorld> worlds = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var world in worlds.Values)
        {
            await world.DisposeAsync();
        }
    }

    /// <summary>The settings count at the first use.</summary>
    internal async Task<GrainWorld> OverAsync(Over over, IReadOnlyDictionary<string, string?>? settings = null)
    {
        if (!worlds.TryGetValue(over, out var world))
        {
            worlds.Add(over, world = await GrainWorld.StartAsync(over, settings: settings));
        }

        return world;
    }
}
