using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;

namespace LocalEngine.Tests.Engine;

/// <summary>How grains come and go, and what they keep.</summary>
public sealed class ActivationTests
{
    [Fact]
    public async Task The_first_call_activates_and_leaving_makes_room_for_the_next_activation()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");

        var first = await grain.ActivationAsync();
        (await grain.ActivationAsync()).ShouldBe(first);
        await grain.LeaveAsync();
        var second = await grain.ActivationAsync();

        second.ShouldNotBe(first);
        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");
        (await silo.Probe.NextAsync()).ShouldBe("deactivated s-1 ApplicationRequested");
        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");
    }

    [Fact]
    public async Task An_activation_that_fails_fails_its_callers()
    {
        await using var silo = await Silo.StartAsync();

        var error = await Should.ThrowAsync<Exception>(() => silo.Grains.GetGrain<IProbeGrain>("s-broken").EchoAsync("x"));

        error.ToString().ShouldContain("not today");
    }

    [Fact]
    public async Task Idle_grains_are_deactivated_and_used_ones_stay()
    {
        var clock = new ManualClock();
        await using var silo = await Silo.StartAsync(builder =>
        {
            builder.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.ActivationManagement, clock);
            builder.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromMinutes(3));
        });
        await silo.Grains.GetGrain<IProbeGrain>("s-idle").EchoAsync("x");
        await silo.Grains.GetGrain<IProbeGrain>("s-used").EchoAsync("x");
        (await silo.Probe.NextAsync()).ShouldBe("activated s-idle");
        (await silo.Probe.NextAsync()).ShouldBe("activated s-used");

        for (var minute = 0; minute < 4; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await silo.Grains.GetGrain<IProbeGrain>("s-used").EchoAsync("x");
        }

        (await silo.Probe.NextAsync()).ShouldBe("deactivated s-idle ActivationIdle");
        silo.Probe.IsSilent.ShouldBeTrue();
    }

    [Fact]
    public async Task A_host_that_stops_deactivates_its_grains()
    {
        await using var silo = await Silo.StartAsync();
        await silo.Grains.GetGrain<IProbeGrain>("s-1").EchoAsync("x");

        await silo.StopAsync();

        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");
        (await silo.Probe.NextAsync()).ShouldBe("deactivated s-1 ShuttingDown");
    }

    [Fact]
    public async Task State_is_read_before_activation_and_survives_it()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IKeeperGrain>("s-1");

        await grain.WriteAsync(42);
        await grain.LeaveAsync();
        (await grain.ReadAsync()).ShouldBe(42);

        (await silo.Probe.NextAsync()).ShouldBe("loaded 0 False");
        (await silo.Probe.NextAsync()).ShouldBe("left ApplicationRequested");
        (await silo.Probe.NextAsync()).ShouldBe("loaded 42 True");
        await grain.ClearAsync();
        (await grain.ReadAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_conflict_that_leaves_a_grain_ends_its_activation()
    {
        await using var silo = await Silo.StartAsync();
        var grain = silo.Grains.GetGrain<IKeeperGrain>("s-1");
        await grain.WriteAsync(1);

        var conflict = await Should.ThrowAsync<InconsistentStateException>(() => grain.ConflictAsync());
        (await grain.ReadAsync()).ShouldBe(1);

        conflict.StoredEtag.ShouldBe("2");
        (await silo.Probe.NextAsync()).ShouldBe("loaded 0 False");
        (await silo.Probe.NextAsync()).ShouldBe("left ApplicationError");
        (await silo.Probe.NextAsync()).ShouldBe("loaded 1 True");
    }

    [Fact]
    public async Task Timers_tick_as_turns_and_end_with_their_grain()
    {
        var clock = new ManualClock();
        await using var silo = await Silo.StartAsync(builder => builder.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, clock));
        var grain = silo.Grains.GetGrain<IProbeGrain>("s-1");
        await grain.StartTimerAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        (await silo.Probe.NextAsync()).ShouldBe("activated s-1");

        clock.Advance(TimeSpan.FromSeconds(5));
        (await silo.Probe.NextAsync()).ShouldBe("tick");
        await clock.ArmedAsync();
        var held = grain.HoldAsync("a");
        (await silo.Probe.NextAsync()).ShouldBe("holds a");
        clock.Advance(TimeSpan.FromSeconds(10));

        silo.Probe.IsSilent.ShouldBeTrue();
        silo.Probe.Open("a");
        await held;
        (await silo.Probe.NextAsync()).ShouldBe("tick");
        await grain.LeaveAsync();
        (await silo.Probe.NextAsync()).ShouldBe("deactivated s-1 ApplicationRequested");
        clock.Advance(TimeSpan.FromSeconds(30));
        silo.Probe.IsSilent.ShouldBeTrue();
    }
}
