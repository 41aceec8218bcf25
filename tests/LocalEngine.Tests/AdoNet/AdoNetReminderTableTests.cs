using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.ReminderService;

namespace LocalEngine.Tests.AdoNet;

/// <summary>Reminders on a real PostgreSQL, with the scripts that the product ships.</summary>
public sealed class AdoNetReminderTableTests
{
    private static readonly GrainId Grain = GrainId.Create("simulation", "s-1");
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public async Task A_reminder_is_kept_replaced_and_removed_by_its_version()
    {
        var table = await OpenAsync();
        var entry = new ReminderEntry { GrainId = Grain, ReminderName = "checkpoint", StartAt = Start, Period = TimeSpan.FromMinutes(5) };

        (await table.ReadRow(Grain, "checkpoint")).ShouldBeNull();
        (await table.UpsertRow(entry)).ShouldBe("0");
        entry.Period = TimeSpan.FromDays(60);
        (await table.UpsertRow(entry)).ShouldBe("1");

        var read = (await table.ReadRow(Grain, "checkpoint")).ShouldNotBeNull();
        read.GrainId.ShouldBe(Grain);
        read.StartAt.ShouldBe(Start);
        read.StartAt.Kind.ShouldBe(DateTimeKind.Utc);
        read.Period.ShouldBe(TimeSpan.FromDays(60));
        read.ETag.ShouldBe("1");
        (await table.RemoveRow(Grain, "checkpoint", "0")).ShouldBeFalse();
        (await table.RemoveRow(Grain, "checkpoint", "1")).ShouldBeTrue();
        (await table.ReadRows(Grain)).Reminders.ShouldBeEmpty();
    }

    [Fact]
    public async Task Ranges_are_open_at_the_beginning_and_may_go_round()
    {
        var table = await OpenAsync();
        var grains = Enumerable.Range(0, 20).Select(number => GrainId.Create("node", $"n-{number}")).OrderBy(static grain => (int)grain.GetUniformHashCode()).ToList();
        foreach (var grain in grains)
        {
            await table.UpsertRow(new() { GrainId = grain, ReminderName = "liveness", StartAt = Start, Period = TimeSpan.FromMinutes(5) });
        }

        var fifth = grains[4].GetUniformHashCode();
        var tenth = grains[9].GetUniformHashCode();
        var within = await table.ReadRows(fifth, tenth);
        var around = await table.ReadRows(tenth, fifth);
        var everything = await table.ReadRows(0, 0);

        within.Reminders.Select(static entry => entry.GrainId).ShouldBe(grains[5..10], ignoreOrder: true);
        around.Reminders.Select(static entry => entry.GrainId).ShouldBe(grains[..5].Concat(grains[10..]), ignoreOrder: true);
        everything.Reminders.Count.ShouldBe(20);
        await table.TestOnlyClearTable();
        (await table.ReadRows(0, 0)).Reminders.ShouldBeEmpty();
    }

    private static async Task<IReminderTable> OpenAsync()
    {
        var connectionString = await OrleansDatabase.CreateAsync(TestContext.Current.CancellationToken);
        IReminderTable table = new AdoNetReminderTable(
            Options.Create(new AdoNetReminderTableOptions { Invariant = "Npgsql", ConnectionString = connectionString }),
            Options.Create(new ClusterOptions { ServiceId = "service" }));
        await table.StartAsync(TestContext.Current.CancellationToken);
        return table;
    }
}
