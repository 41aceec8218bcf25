using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;

namespace LocalEngine.Tests.Engine;

/// <summary>Grains of other forms: with the state of their class, or derived from nothing.</summary>
public sealed class GrainKindTests
{
    [Fact]
    public async Task The_state_of_a_class_is_kept_in_the_default_storage()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IClassicGrain>(Guid.Empty);

        await grain.CountAsync();
        await grain.LeaveAsync();

        (await grain.CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Writes_that_have_not_begun_are_one()
    {
        await using var silo = await Silo.StartAsync();

        (await silo.Grains.GetGrain<IClassicGrain>(Guid.Empty).CountTwiceAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task A_plain_class_is_a_grain_and_its_predicate_lets_calls_in()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IPlainGrain>(42, "north");
        var held = grain.HoldAsync("a");
        (await silo.Probe.NextAsync()).ShouldBe("activated plain");
        (await silo.Probe.NextAsync()).ShouldBe("holds a");

        (await grain.KeyAsync()).ShouldBe("42 north");

        silo.Probe.Open("a");
        await held;
    }

    [Fact]
    public async Task Filters_see_the_ticks_of_timers_as_calls_of_the_grain_by_itself()
    {
        var clock = new ManualClock();
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var silo = await Silo.StartAsync(builder =>
        {
            builder.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, clock);
            builder.AddIncomingGrainCallFilter(context =>
            {
                if (context.InterfaceName == "IGrainTimerInvoker")
                {
                    seen.TrySetResult($"{context.SourceId} {context.TargetId}");
                }

                return context.Invoke();
            });
        });
        await silo.Grains.GetGrain<IProbeGrain>("s-1").StartTimerAsync(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromSeconds(1));

        (await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken)).ShouldBe("probe/s-1 probe/s-1");
        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");
        (await silo.Probe.NextAsync()).ShouldBe("tick");
    }

    [Fact]
    public async Task Errors_of_a_storage_are_wrapped_once_with_their_cause()
    {
        await using var silo = await Silo.StartAsync(builder => builder.Services.AddKeyedSingleton<Orleans.Storage.IGrainStorage, BrokenStorage>("main"));

        var error = await Should.ThrowAsync<OrleansException>(() => silo.Grains.GetGrain<IKeeperGrain>("s-1").ReadAsync());

        error.ToString().ShouldContain("the disk is gone");
    }

    private sealed class BrokenStorage : Orleans.Storage.IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("the disk is gone");

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("the disk is gone");

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("the disk is gone");
    }
}
