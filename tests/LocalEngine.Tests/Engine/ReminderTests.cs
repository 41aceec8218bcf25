using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Reminders;

namespace LocalEngine.Tests.Engine;

/// <summary>Reminders wake their grains on time, over restarts, and never for what was missed.</summary>
public sealed class ReminderTests
{
    [Fact]
    public async Task Ticks_come_when_due_and_then_every_period_until_unregistered()
    {
        var clock = new ManualClock();
        await using var silo = await StartAsync(clock);
        var grain = silo.Grains.GetGrain<IRemindedGrain>("s-1");
        await grain.ArmAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));
        (await grain.NamesAsync()).ShouldBe(["wake"]);

        clock.Advance(TimeSpan.FromMinutes(2));
        (await silo.Probe.NextAsync()).ShouldBe("wake 0");
        await clock.ArmedAsync(2);
        clock.Advance(TimeSpan.FromMinutes(5));
        (await silo.Probe.NextAsync()).ShouldBe("wake 5");
        await clock.ArmedAsync(2);

        await grain.DisarmAsync();
        clock.Advance(TimeSpan.FromMinutes(5));
        (await grain.NamesAsync()).ShouldBeEmpty();
        silo.Probe.IsSilent.ShouldBeTrue();
    }

    [Fact]
    public async Task Missed_ticks_do_not_fire_and_the_next_is_the_next_multiple()
    {
        var clock = new ManualClock();
        await using var first = await StartAsync(clock, "reminders-over-restarts");
        await first.Grains.GetGrain<IRemindedGrain>("s-1").ArmAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));
        await using var second = await StartAsync(clock, "reminders-over-restarts");
        await first.StopAsync();
        await second.Grains.GetGrain<IRemindedGrain>("s-1").NamesAsync();
        await second.Grains.GetGrain<IRemindedGrain>("s-1").ArmAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));

        clock.Advance(TimeSpan.FromMinutes(14));
        (await second.Probe.NextAsync()).ShouldBe("wake 12");
        await clock.ArmedAsync(2);
        clock.Advance(TimeSpan.FromMinutes(2));
        silo_is_silent(second);
        clock.Advance(TimeSpan.FromMinutes(1));

        (await second.Probe.NextAsync()).ShouldBe("wake 15");

        static void silo_is_silent(Silo silo) => silo.Probe.IsSilent.ShouldBeTrue();
    }

    [Fact]
    public async Task A_period_below_the_minimum_is_refused()
    {
        await using var silo = await StartAsync(new ManualClock());

        await Should.ThrowAsync<ArgumentException>(() => silo.Grains.GetGrain<IRemindedGrain>("s-1").ArmAsync(TimeSpan.Zero, TimeSpan.FromSeconds(10)));
    }

    private static Task<Silo> StartAsync(ManualClock clock, string? cluster = null) => Silo.StartAsync(
        builder =>
        {
            builder.UseInMemoryReminderService();
            builder.Services.AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, clock);
        },
        cluster);
}
