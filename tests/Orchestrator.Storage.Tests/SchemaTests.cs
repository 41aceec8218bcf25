using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Testing;

namespace Orchestrator.Storage.Tests;

public sealed class SchemaTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Databases), MemberType = typeof(Stores))]
    public async Task An_older_database_is_brought_up_to_date_and_keeps_its_rows(Over over)
    {
        await using var place = await Place.MakeAsync(over);
        var old = place.Scripts.Where(script => script.Number is > 0 and <= 2).ToList();
        await using (var database = place.Open(old))
        {
            await new SqlLedger(database).AppendAsync("k-one", 0, [new LedgerEntry { Kind = "a", Payload = "{}"u8.ToArray(), At = DateTimeOffset.UnixEpoch }], Token);
        }

        await using (var database = place.Open(place.Scripts))
        {
            (await new SqlLedger(database).LoadAsync("k-one", Token)).Sequence.ShouldBe(1);
            await new SqlAuditLog(database).AppendAsync(new AuditRow { At = DateTimeOffset.UnixEpoch, Who = "a", Action = "b", Outcome = "c" }, Token);
        }

        await using var again = place.Open(place.Scripts);
        var applied = await again.ReadAsync(ReadKind.Statement, session => session.QueryAsync("SELECT script FROM orchestrator_schema ORDER BY version", row => row.GetString(0)), Token);
        applied.Order(StringComparer.Ordinal).ShouldBe(place.Scripts.Select(script => script.Name).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Stores.Databases), MemberType = typeof(Stores))]
    public async Task A_newer_database_is_refused_and_left_alone(Over over)
    {
        await using var place = await Place.MakeAsync(over);
        await using (var newer = place.Open([.. place.Scripts, new SchemaScript("9000-later", 9000, "CREATE TABLE later (id INT)")]))
        {
            await newer.OpenAsync(Token);
        }

        await using var database = place.Open(place.Scripts);
        var fault = await Should.ThrowAsync<DatabaseVersionException>(() => database.OpenAsync(Token));

        fault.Message.ShouldContain("9000");
        fault.Message.ShouldNotContain('\n');
    }

    [Theory, MemberData(nameof(Stores.Databases), MemberType = typeof(Stores))]
    public async Task A_script_that_fails_leaves_nothing_of_itself(Over over)
    {
        await using var place = await Place.MakeAsync(over);
        await using (var failing = place.Open([.. place.Scripts, new SchemaScript("9000-half", 9000, "CREATE TABLE half (id INT); CREATE TABLE half (id INT);")]))
        {
            await Should.ThrowAsync<Exception>(() => failing.OpenAsync(Token));
        }

        await using var fixedUp = place.Open([.. place.Scripts, new SchemaScript("9000-half", 9000, "CREATE TABLE half (id INT)")]);
        await fixedUp.OpenAsync(Token);
    }

    [Theory, MemberData(nameof(Stores.Databases), MemberType = typeof(Stores))]
    public async Task Another_text_of_an_applied_script_is_refused_but_its_comments_are_free(Over over)
    {
        await using var place = await Place.MakeAsync(over);
        var first = new SchemaScript("0001-first", 1, "-- one\nCREATE TABLE one (id INT);");
        await using (var database = place.Open([first]))
        {
            await database.OpenAsync(Token);
        }

        await using (var commented = place.Open([first with { Text = "CREATE  TABLE one (id INT); -- the same" }]))
        {
            await commented.OpenAsync(Token);
        }

        await using var changed = place.Open([new SchemaScript("0001-first", 1, "CREATE TABLE one (id INT, name TEXT);")]);
        (await Should.ThrowAsync<DatabaseVersionException>(() => changed.OpenAsync(Token))).Message.ShouldContain("0001-first");
    }

    [Theory, MemberData(nameof(Stores.Databases), MemberType = typeof(Stores))]
    public async Task A_named_script_is_applied_again_when_its_text_changes(Over over)
    {
        await using var place = await Place.MakeAsync(over);
        var first = new SchemaScript("0001-first", 1, "CREATE TABLE one (id INT);");
        await using (var database = place.Open([first, new SchemaScript("named", 0, "INSERT INTO one (id) VALUES (1);")]))
        {
            await database.OpenAsync(Token);
        }

        await using var changed = place.Open([first, new SchemaScript("named", 0, "INSERT INTO one (id) VALUES (2);")]);
        var rows = await changed.ReadAsync(ReadKind.Statement, session => session.QueryAsync("SELECT id FROM one ORDER BY id", row => (int)row.GetInt32(0)), Token);

        rows.ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Two_silos_that_start_at_once_bring_the_server_up_to_date_once()
    {
        await using var place = await Place.MakeAsync(Over.PostgreSql);
        await using var one = place.Open(place.Scripts);
        await using var two = place.Open(place.Scripts);

        await Task.WhenAll(one.OpenAsync(Token), two.OpenAsync(Token));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_in_one_line_without_the_password()
    {
        await using var database = OrchestratorDatabase.Create(
            new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = "Host=127.0.0.1;Port=1;Username=u;Password=secret;Database=d" },
            TimeProvider.System,
            NullLogger.Instance);

        var fault = await Should.ThrowAsync<StorageUnavailableException>(() => database.OpenAsync(Token));

        fault.IsTransient.ShouldBeTrue();
        fault.Message.ShouldContain("127.0.0.1:1/d");
        fault.Message.ShouldNotContain("secret");
        fault.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_server_names_the_tool_that_backs_it_up()
    {
        await using var database = OrchestratorDatabase.Create(
            new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = "Host=db;Username=u;Password=secret;Database=d" }, TimeProvider.System, NullLogger.Instance);

        var refusal = await Should.ThrowAsync<NotSupportedException>(() => database.BackupAsync("there", Token));

        refusal.Message.ShouldContain("pg_dump --format=custom --host=db --port=5432 --username=u --dbname=d --file=there");
    }

    [Fact]
    public void Options_that_do_not_hold_together_are_refused_by_name()
    {
        var options = new StorageOptions { Provider = StorageProvider.PostgreSql, EventRetention = TimeSpan.Zero, WriteBatchMax = 0 };

        var refusal = Should.Throw<ArgumentException>(() => OrchestratorDatabase.Create(options, TimeProvider.System, NullLogger.Instance));

        refusal.Message.ShouldContain("ConnectionString");
        refusal.Message.ShouldContain("EventRetention");
        refusal.Message.ShouldContain("WriteBatchMax");
    }

    private sealed class Place : IAsyncDisposable
    {
        private readonly StorageOptions options;
        private readonly TemporaryDirectory? directory;

        private Place(StorageOptions options, TemporaryDirectory? directory)
        {
            this.options = options;
            this.directory = directory;
        }

        public IReadOnlyList<SchemaScript> Scripts => SchemaScript.For(options.Provider);

        public static async Task<Place> MakeAsync(Over over)
        {
            if (over == Over.PostgreSql)
            {
                var server = await PostgresServer.GetAsync(Token);
                return new(new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = await server.CreateDatabaseAsync(Token) }, null);
            }

            var directory = new TemporaryDirectory();
            return new(new StorageOptions { DataDirectory = directory.Path }, directory);
        }

        public OrchestratorDatabase Open(IReadOnlyList<SchemaScript> scripts) => options.Provider == StorageProvider.PostgreSql
            ? new PostgreSqlDatabase(options, TimeProvider.System, NullLogger.Instance, scripts)
            : new SqliteDatabase(options, TimeProvider.System, NullLogger.Instance, scripts, FileSystems.NetworkNameOf);

        public ValueTask DisposeAsync()
        {
            directory?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
