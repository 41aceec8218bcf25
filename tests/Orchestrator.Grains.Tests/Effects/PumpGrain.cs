using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Tests.Hosting;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.Effects;

/// <summary>Owes letters, and sends them by the pump.</summary>
[Alias("test.pump")]
public interface IPumpGrain : IGrainWithStringKey
{
    /// <summary>Owes a letter; it goes out later.</summary>
    [Alias("owe")]
    Task OweAsync(string lane, string letter);

    [Alias("sent")]
    Task<string[]> SentAsync();

    [Alias("leave")]
    Task LeaveAsync();
}

[GenerateSerializer, Immutable, Alias("test.pump-state")]
public sealed record PumpState
{
    [Id(0)] public string[] Owed { get; init; } = [];

    [Id(1)] public string[] Sent { get; init; } = [];
}

/// <summary>What becomes of letters, by letter.</summary>
public sealed class PostOffice
{
    private readonly Channel<string> posted = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, Queue<Func<Task>>> behaviours = [];

    /// <summary>The next times this letter is posted it goes so; after that it arrives at once.</summary>
    internal void Plan(string letter, params Func<Task>[] tries) => behaviours[letter] = new(tries);

    internal async Task PostAsync(string letter)
    {
        posted.Writer.TryWrite(letter);
        if (behaviours.TryGetValue(letter, out var tries) && tries.TryDequeue(out var behaviour))
        {
            await behaviour();
        }
    }

    internal async Task<string> NextAsync() =>
        await posted.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(GrainWorld.Patience, TestContext.Current.CancellationToken);
}

[GrainType("test-pump")]
internal sealed class PumpGrain(
    [PersistentState("test-pump", "main")] IPersistentState<PumpState> store,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    GrainWorld world,
    ILogger<PumpGrain> logger) : Grain, IPumpGrain
{
    private EffectPump<string, string> pump = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var office = world.Share<PostOffice>();
        pump = new(
            this,
            new()
            {
                Owner = this.GetPrimaryKeyString(),
                Owed = () => store.State.Owed,
                Lane = static owed => owed.Split(':')[0],
                Perform = async (owed, _) =>
                {
                    await office.PostAsync(owed.Split(':')[1]);
                    return owed;
                },
                Apply = async owed =>
                {
                    var before = store.State;
                    store.State = before with { Owed = [.. before.Owed.Except([owed])], Sent = [.. before.Sent, owed] };
                    try
                    {
                        await store.WriteStateAsync();
                    }
                    catch
                    {
                        store.State = before;
                        throw;
                    }

                    await office.PostAsync($"{owed} done");
                },
                Deadline = TimeSpan.FromSeconds(10),
                BackoffFirst = TimeSpan.FromMilliseconds(100),
                BackoffMax = TimeSpan.FromSeconds(30),
            },
            clock,
            logger);
        pump.Arm();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        pump.Stop();
        return Task.CompletedTask;
    }

    public async Task OweAsync(string lane, string letter)
    {
        store.State = store.State with { Owed = [.. store.State.Owed, $"{lane}:{letter}"] };
        await store.WriteStateAsync();
        pump.Arm();
    }

    public Task<string[]> SentAsync() => Task.FromResult(store.State.Sent);

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
