using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;

namespace LocalEngine.Tests.AdoNet;

/// <summary>Grain states on a real PostgreSQL, with the scripts that the product ships.</summary>
public sealed class AdoNetGrainStorageTests
{
    private static readonly GrainId Grain = GrainId.Create("note", "s-1");

    [Fact]
    public async Task A_state_is_written_read_and_counted()
    {
        var storage = await OpenAsync(await OrleansDatabase.CreateAsync(TestContext.Current.CancellationToken));
        var state = new Stored<Note>();

        await storage.ReadStateAsync("note", Grain, state);
        state.RecordExists.ShouldBeFalse();
        state.ETag.ShouldBeNull();
        state.State.ShouldNotBeNull();

        state.State = new() { Text = "first" };
        await storage.WriteStateAsync("note", Grain, state);
        state.ETag.ShouldBe("1");
        state.State = new() { Text = "second" };
        await storage.WriteStateAsync("note", Grain, state);
        state.ETag.ShouldBe("2");

        var read = new Stored<Note>();
        await storage.ReadStateAsync("note", Grain, read);
        read.State.Text.ShouldBe("second");
        read.ETag.ShouldBe("2");
        read.RecordExists.ShouldBeTrue();
    }

    [Fact]
    public async Task A_write_over_another_version_is_refused_and_changes_nothing()
    {
        var storage = await OpenAsync(await OrleansDatabase.CreateAsync(TestContext.Current.CancellationToken));
        var first = new Stored<Note> { State = new() { Text = "first" } };
        var second = new Stored<Note> { State = new() { Text = "second" } };
        await storage.WriteStateAsync("note", Grain, first);

        (await Should.ThrowAsync<InconsistentStateException>(() => storage.WriteStateAsync("note", Grain, second))).Message.ShouldContain("Version conflict (WriteState)");
        second.ETag = "7";
        await Should.ThrowAsync<InconsistentStateException>(() => storage.WriteStateAsync("note", Grain, second));
        await Should.ThrowAsync<InconsistentStateException>(() => storage.ClearStateAsync("note", Grain, second));

        await storage.ReadStateAsync("note", Grain, second);
        second.State.Text.ShouldBe("first");
        second.ETag.ShouldBe("1");
    }

    [Theory]
    [InlineData(false, "2")]
    [InlineData(true, null)]
    public async Task A_cleared_state_is_gone_and_can_be_written_again(bool deleteStateOnClear, string? etag)
    {
        var storage = await OpenAsync(await OrleansDatabase.CreateAsync(TestContext.Current.CancellationToken), deleteStateOnClear);
        var state = new Stored<Note> { State = new() { Text = "first" } };
        await storage.WriteStateAsync("note", Grain, state);

        await storage.ClearStateAsync("note", Grain, state);

        state.RecordExists.ShouldBeFalse();
        state.ETag.ShouldBe(etag);
        state.State.Text.ShouldBe("");
        await storage.WriteStateAsync("note", Grain, state);
        var read = new Stored<Note>();
        await storage.ReadStateAsync("note", Grain, read);
        read.RecordExists.ShouldBeTrue();
        read.ETag.ShouldBe(state.ETag);
    }

    [Fact]
    public async Task Rows_are_keyed_as_those_of_the_real_engine()
    {
        var token = TestContext.Current.CancellationToken;
        var connectionString = await OrleansDatabase.CreateAsync(token);
        var storage = await OpenAsync(connectionString);
        await storage.WriteStateAsync("note", Grain, new Stored<Note> { State = new() { Text = "first" } });

        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("SELECT GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, Version FROM OrleansStorage");
        await using var row = await command.ExecuteReaderAsync(token);
        (await row.ReadAsync(token)).ShouldBeTrue();

        row.GetInt32(0).ShouldBe((int)StableHash.ComputeHash("1-s"u8));
        row.GetInt64(1).ShouldBe(0);
        row.GetInt64(2).ShouldBe(0);
        row.GetInt32(3).ShouldBe((int)StableHash.ComputeHash("note"u8));
        row.GetString(4).ShouldBe("note");
        row.GetString(5).ShouldBe("s-1");
        row.GetString(6).ShouldBe("service");
        row.GetInt32(7).ShouldBe(1);
    }

    [Fact]
    public async Task Sixty_four_grains_write_at_once()
    {
        var storage = await OpenAsync(await OrleansDatabase.CreateAsync(TestContext.Current.CancellationToken));
        var states = Enumerable.Range(0, 64).Select(number => (Grain: GrainId.Create("note", $"s-{number}"), State: new Stored<Note> { State = new() { Text = $"{number}" } })).ToList();

        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(states.Select(item => storage.WriteStateAsync("note", item.Grain, item.State)));
        }

        states.ShouldAllBe(static item => item.State.ETag == "3");
    }

    [Fact]
    public async Task A_database_without_the_scripts_is_refused_by_name()
    {
        var server = await Orchestrator.Testing.PostgresServer.GetAsync(TestContext.Current.CancellationToken);
        var connectionString = await server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await using (var source = NpgsqlDataSource.Create(connectionString))
        {
            await using var command = source.CreateCommand("CREATE TABLE OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL)");
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await Should.ThrowAsync<ArgumentException>(() => OpenAsync(connectionString))).Message.ShouldContain("WriteToStorageKey");
    }

    [Fact]
    public void Options_need_a_provider_and_one_way_to_the_database()
    {
        var options = new AdoNetGrainStorageOptions { Invariant = "Npgsql", HashPicker = new StorageHasherPicker([]) };
        var validator = new AdoNetGrainStorageOptionsValidator(options, "main");

        Should.Throw<OrleansConfigurationException>(validator.ValidateConfiguration).Message.ShouldContain("ConnectionString");
        options.ConnectionString = "Host=127.0.0.1";
        validator.ValidateConfiguration();
        options.Invariant = "";
        Should.Throw<OrleansConfigurationException>(validator.ValidateConfiguration).Message.ShouldContain("Invariant");
    }

    private static async Task<AdoNetGrainStorage> OpenAsync(string connectionString, bool deleteStateOnClear = false)
    {
        var options = new AdoNetGrainStorageOptions
        {
            Invariant = "Npgsql",
            ConnectionString = connectionString,
            DeleteStateOnClear = deleteStateOnClear,
            GrainStorageSerializer = new JsonSerializer(),
            HashPicker = new StorageHasherPicker([new OrleansDefaultHasher()]),
        };
        var storage = new AdoNetGrainStorage("main", options, new ClusterOptions { ServiceId = "service" }, NullLogger<AdoNetGrainStorage>.Instance);
        await storage.OpenAsync(TestContext.Current.CancellationToken);
        return storage;
    }

    private sealed class Note
    {
        public string Text { get; init; } = "";
    }

    private sealed class Stored<T> : IGrainState<T>
    {
        public T State { get; set; } = default!;

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }

    private sealed class JsonSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) => System.Text.Json.JsonSerializer.Deserialize<T>(input)!;
    }
}
