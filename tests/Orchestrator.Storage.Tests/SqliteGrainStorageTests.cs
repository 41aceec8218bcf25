using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orchestrator.Storage.Tests;

/// <summary>Grain state and reminders over SQLite behave as AdoNet's do.</summary>
public sealed class SqliteGrainStorageTests
{
    private static readonly GrainId One = GrainId.Create("simulation", "s-1");

    [Fact]
    public async Task A_state_that_was_never_written_is_new_and_does_not_exist()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var state = new Slot { State = new GoldenState { Note = "before" }, ETag = "7", RecordExists = true };

        await Storage(stores).ReadStateAsync("simulation", One, state);

        state.State.Note.ShouldBeNull();
        state.ETag.ShouldBeNull();
        state.RecordExists.ShouldBeFalse();
    }

    [Fact]
    public async Task A_written_state_is_read_by_the_next_activation()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var storage = Storage(stores);
        var writer = new Slot { State = new GoldenState { Note = "one" } };

        await storage.WriteStateAsync("simulation", One, writer);
        (writer.ETag, writer.RecordExists).ShouldBe(("1", true));
        writer.State = new GoldenState { Note = "two" };
        await storage.WriteStateAsync("simulation", One, writer);
        writer.ETag.ShouldBe("2");

        var reader = new Slot();
        await storage.ReadStateAsync("simulation", One, reader);
        (reader.State.Note, reader.ETag, reader.RecordExists).ShouldBe(("two", "2", true));
    }

    [Fact]
    public async Task States_are_told_apart_by_service_type_key_and_name()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var storage = Storage(stores);
        await storage.WriteStateAsync("simulation", One, new Slot { State = new GoldenState { Note = "one" } });

        foreach (var (other, id, name) in new[]
        {
            (storage, GrainId.Create("simulation", "s-2"), "simulation"), (storage, GrainId.Create("node", "s-1"), "simulation"),
            (storage, One, "other"), (Storage(stores, service: "other"), One, "simulation"),
        })
        {
            var slot = new Slot();
            await other.ReadStateAsync(name, id, slot);
            slot.RecordExists.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task An_activation_that_knows_an_older_state_is_refused_and_changes_nothing()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var storage = Storage(stores);
        var first = new Slot { State = new GoldenState { Note = "first" } };
        await storage.WriteStateAsync("simulation", One, first);
        var second = new Slot();
        await storage.ReadStateAsync("simulation", One, second);
        await storage.WriteStateAsync("simulation", One, first);

        var conflict = await Should.ThrowAsync<InconsistentStateException>(() => storage.WriteStateAsync("simulation", One, second));
        await Should.ThrowAsync<InconsistentStateException>(() => storage.ClearStateAsync("simulation", One, second));
        await Should.ThrowAsync<InconsistentStateException>(() => storage.WriteStateAsync("simulation", One, new Slot { ETag = "9" }));
        await Should.ThrowAsync<InconsistentStateException>(() => storage.WriteStateAsync("simulation", GrainId.Create("simulation", "s-9"), new Slot { ETag = "1" }));

        (conflict.StoredEtag, conflict.CurrentEtag).ShouldBe(("2", "1"));
        second.ETag.ShouldBe("1");
        await storage.ReadStateAsync("simulation", One, second);
        (second.State.Note, second.ETag).ShouldBe(("first", "2"));
    }

    [Fact]
    public async Task Of_many_first_writes_one_wins()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var storage = Storage(stores);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await storage.WriteStateAsync("simulation", One, new Slot { State = new GoldenState { Note = $"{i}" } });
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        outcomes.Count(won => won).ShouldBe(1);
    }

    [Fact]
    public async Task A_cleared_state_is_gone_but_still_fences()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var storage = Storage(stores);
        var slot = new Slot { State = new GoldenState { Note = "one" } };
        await storage.WriteStateAsync("simulation", One, slot);

        await storage.ClearStateAsync("simulation", One, slot);

        (slot.ETag, slot.RecordExists, slot.State.Note).ShouldBe(("2", false, null));
        var reader = new Slot();
        await storage.ReadStateAsync("simulation", One, reader);
        (reader.ETag, reader.RecordExists, reader.State.Note).ShouldBe(("2", false, null));
        await Should.ThrowAsync<InconsistentStateException>(() => storage.WriteStateAsync("simulation", One, new Slot()));
        await storage.WriteStateAsync("simulation", One, reader);
        (reader.ETag, reader.RecordExists).ShouldBe(("3", true));
    }

    [Fact]
    public async Task A_state_can_be_deleted_when_it_is_cleared()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var storage = Storage(stores, deletes: true);
        var slot = new Slot { State = new GoldenState { Note = "one" } };
        await storage.WriteStateAsync("simulation", One, slot);

        await storage.ClearStateAsync("simulation", One, slot);

        (slot.ETag, slot.RecordExists, slot.State.Note).ShouldBe((null, false, null));
        await storage.WriteStateAsync("simulation", One, new Slot());
    }

    [Fact]
    public async Task Clearing_what_was_not_read_reads_it_first()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var storage = Storage(stores);
        await storage.ClearStateAsync("simulation", One, new Slot());
        await storage.WriteStateAsync("simulation", One, new Slot());

        await storage.ClearStateAsync("simulation", One, new Slot());

        var reader = new Slot();
        await storage.ReadStateAsync("simulation", One, reader);
        reader.RecordExists.ShouldBeFalse();
    }

    [Fact]
    public async Task A_reminder_is_kept_replaced_and_removed()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var table = Reminders(stores);
        var start = new DateTime(2026, 3, 1, 12, 0, 0, 123, DateTimeKind.Utc);
        var entry = new ReminderEntry { GrainId = One, ReminderName = "checkpoint", StartAt = start, Period = TimeSpan.FromMinutes(5) };

        (await table.UpsertRow(entry)).ShouldBe("0");
        entry.Period = TimeSpan.FromMinutes(6);
        (await table.UpsertRow(entry)).ShouldBe("1");
        await table.UpsertRow(new ReminderEntry { GrainId = One, ReminderName = "another", StartAt = start, Period = TimeSpan.FromMinutes(5) });

        var found = (await table.ReadRow(One, "checkpoint"))!;
        (found.GrainId, found.ReminderName, found.StartAt, found.Period, found.ETag).ShouldBe((One, "checkpoint", start, TimeSpan.FromMinutes(6), "1"));
        found.StartAt.Kind.ShouldBe(DateTimeKind.Utc);
        (await table.ReadRows(One)).Reminders.Select(reminder => reminder.ReminderName).ShouldBe(["another", "checkpoint"]);
        (await table.RemoveRow(One, "checkpoint", "0")).ShouldBeFalse();
        (await table.RemoveRow(One, "checkpoint", "1")).ShouldBeTrue();
        (await table.RemoveRow(One, "checkpoint", "1")).ShouldBeFalse();
        (await table.ReadRow(One, "checkpoint")).ShouldBeNull();
        await table.TestOnlyClearTable();
        (await table.ReadRows(One)).Reminders.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reminders_are_found_by_the_range_of_their_hash()
    {
        await using var stores = await Stores.OpenAsync(Over.Sqlite);
        var table = Reminders(stores);
        var grains = Enumerable.Range(0, 40).Select(i => GrainId.Create("simulation", $"s-{i}")).OrderBy(grain => grain.GetUniformHashCode()).ToList();
        foreach (var grain in grains)
        {
            await table.UpsertRow(new ReminderEntry { GrainId = grain, ReminderName = "r", StartAt = DateTime.UnixEpoch, Period = TimeSpan.FromMinutes(5) });
        }

        var from = grains[9].GetUniformHashCode();
        var to = grains[29].GetUniformHashCode();

        Found(await table.ReadRows(from, to)).ShouldBe(grains[10..30]);
        Found(await table.ReadRows(to, from)).ShouldBe([.. grains[..10], .. grains[30..]]);
        Found(await table.ReadRows(from, from)).ShouldBe(grains);
        Found(await table.ReadRows(0, 0)).ShouldBe(grains);

        static List<GrainId> Found(ReminderTableData data) => [.. data.Reminders.Select(reminder => reminder.GrainId).OrderBy(grain => grain.GetUniformHashCode())];
    }

    private static SqliteGrainStorage Storage(Stores stores, bool deletes = false, string service = "service") => new(
        "main", service, stores.Database, new GrainStateSerializer(new()), new SqliteGrainStorageOptions { DeleteStateOnClear = deletes }, stores.Clock);

    private static SqliteReminderTable Reminders(Stores stores) => new(stores.Database, Options.Create(new ClusterOptions { ServiceId = "service" }));

    private sealed class Slot : IGrainState<GoldenState>
    {
        [AllowNull]
        public GoldenState State { get; set; } = new();

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }
}
