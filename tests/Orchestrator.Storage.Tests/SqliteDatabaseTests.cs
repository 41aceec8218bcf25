using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>What can happen to a file: crashes, full disks, damage, and a second process.</summary>
public sealed class SqliteDatabaseTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killing_the_process_in_the_middle_of_group_commits_loses_nothing_acknowledged()
    {
        using var directory = new TemporaryDirectory();
        var acknowledged = new long[Program.ChildWriters];

        using (var child = StartChild(directory.Path))
        {
            for (var lines = 0; await child.StandardOutput.ReadLineAsync(Token) is { } line; lines++)
            {
                var words = line.Split(' ');
                acknowledged[int.Parse(words[0], CultureInfo.InvariantCulture)] = long.Parse(words[1], CultureInfo.InvariantCulture);
                if (lines == 2000)
                {
                    child.Kill();
                }
            }

            await child.WaitForExitAsync(Token);
        }

        await using var database = Open(directory);
        var ledger = new SqlLedger(database);
        for (var writer = 0; writer < acknowledged.Length; writer++)
        {
            var tail = await ledger.LoadAsync($"k-{writer}", Token);
            acknowledged[writer].ShouldBeGreaterThan(0);
            tail.Sequence.ShouldBeGreaterThanOrEqualTo(acknowledged[writer]);
            (await ledger.AppendAsync($"k-{writer}", tail.Sequence, [Entry()], Token)).ShouldBe(tail.Sequence + 1);
        }
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_told_who_holds_it()
    {
        using var directory = new TemporaryDirectory();
        using var child = StartChild(directory.Path);
        await child.StandardOutput.ReadLineAsync(Token);

        await using (var second = Open(directory))
        {
            var refusal = await Should.ThrowAsync<DataDirectoryInUseException>(() => second.OpenAsync(Token));
            refusal.Message.ShouldContain($"process {child.Id} on {Environment.MachineName}");
            refusal.Message.ShouldNotContain('\n');
        }

        child.Kill();
        await child.WaitForExitAsync(Token);
        await using var next = Open(directory);
        await next.OpenAsync(Token);
    }

    [Fact]
    public async Task A_second_database_of_the_same_process_is_refused_too_until_the_first_is_closed()
    {
        using var directory = new TemporaryDirectory();
        await using (var first = Open(directory))
        {
            await first.OpenAsync(Token);
            await using var second = Open(directory);
            await Should.ThrowAsync<DataDirectoryInUseException>(() => second.OpenAsync(Token));
            await first.OpenAsync(Token);
        }

        await using var third = Open(directory);
        await third.OpenAsync(Token);
    }

    [Fact]
    public async Task A_full_disk_fails_writes_until_there_is_room_and_loses_nothing_acknowledged()
    {
        using var directory = new TemporaryDirectory();
        using var disk = await SmallDisk.MountAsync(directory, 6);
        var ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[2 << 20], Token);
        await using var database = OrchestratorDatabase.Create(new StorageOptions { DataDirectory = disk.Path }, TimeProvider.System, NullLogger.Instance);
        var ledger = new SqlLedger(database);
        var stored = 0L;

        var fault = await Should.ThrowAsync<StorageUnavailableException>(async () =>
        {
            while (true)
            {
                stored = await ledger.AppendAsync("k-one", stored, [Entry() with { Payload = new byte[50_000] }], Token);
            }
        });
        await Should.ThrowAsync<StorageUnavailableException>(() => ledger.AppendAsync("k-one", stored, [Entry() with { Payload = new byte[200_000] }], Token));
        File.Delete(ballast);

        fault.IsTransient.ShouldBeTrue();
        fault.Message.ShouldContain(SqliteDatabase.FileName);
        stored.ShouldBeGreaterThan(0);
        (await ledger.LoadAsync("k-one", Token)).Sequence.ShouldBe(stored);
        (await ledger.AppendAsync("k-one", stored, [Entry() with { Payload = new byte[50_000] }], Token)).ShouldBe(stored + 1);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_with_what_to_do()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File(SqliteDatabase.FileName), new string('x', 10_000), Token);

        await RefusesAsDamagedAsync(directory);

        (await File.ReadAllTextAsync(directory.File(SqliteDatabase.FileName), Token)).ShouldBe(new string('x', 10_000));
    }

    [Fact]
    public async Task A_database_that_is_cut_off_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await FillAsync(directory);
        await using (var file = File.OpenWrite(directory.File(SqliteDatabase.FileName)))
        {
            file.SetLength(100);
        }

        await RefusesAsDamagedAsync(directory);
    }

    [Fact]
    public async Task A_damaged_page_is_found_at_the_start_after_a_crash()
    {
        using var directory = new TemporaryDirectory();
        await FillAsync(directory);
        await DamageAsync(directory);
        File.Delete(directory.File(DataDirectoryLock.HolderName));

        await RefusesAsDamagedAsync(directory);
    }

    [Fact]
    public async Task A_damaged_page_is_named_when_it_is_read()
    {
        using var directory = new TemporaryDirectory();
        await FillAsync(directory);
        await DamageAsync(directory);

        await using var database = Open(directory);
        var fault = await Should.ThrowAsync<DatabaseDamagedException>(async () =>
        {
            var ledger = new SqlLedger(database);
            for (var i = 0; i < 200; i++)
            {
                await ledger.LoadAsync($"k-{i}", Token);
            }
        });

        fault.Message.ShouldContain(directory.File(SqliteDatabase.FileName));
    }

    [Fact]
    public async Task A_write_that_throws_does_not_fail_its_neighbours()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        await database.OpenAsync(Token);

        var writes = Enumerable.Range(0, 60).Select(i => database.WriteAsync(
            i % 3 == 1 ? WriteKind.Refusable : WriteKind.Statement,
            async session =>
            {
                var changed = await session.ExecuteAsync("INSERT INTO ledger_head (grain, sequence) VALUES (@grain, @sequence)", ("grain", $"k-{i}"), ("sequence", i));
                return i % 10 == 7 ? throw new InvalidOperationException($"write {i}") : changed;
            },
            Token)).ToList();
        var outcomes = await Task.WhenAll(writes.Select(async write =>
        {
            try
            {
                return await write;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        }));

        var stored = await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync("SELECT sequence FROM ledger_head ORDER BY sequence", row => row.GetInt64(0)), Token);
        outcomes.Count(changed => changed == 0).ShouldBe(6);
        stored.ShouldBe(Enumerable.Range(0, 60).Where(i => i % 10 != 7).Select(i => (long)i));
    }

    [Fact]
    public async Task A_statement_that_breaks_a_rule_fails_alone()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        await database.OpenAsync(Token);

        var writes = Enumerable.Range(0, 20).Select(i => database.WriteAsync(
            WriteKind.Statement,
            session => session.ExecuteAsync("INSERT INTO ledger_head (grain, sequence) VALUES (@grain, @sequence)", ("grain", $"k-{i / 2}"), ("sequence", i)),
            Token)).ToList();
        var faults = 0;
        foreach (var write in writes)
        {
            try
            {
                await write;
            }
            catch (SqliteException)
            {
                faults++;
            }
        }

        faults.ShouldBe(10);
    }

    [Fact]
    public async Task Closing_completes_what_was_accepted_and_refuses_the_rest()
    {
        using var directory = new TemporaryDirectory();
        var database = Open(directory);
        await database.OpenAsync(Token);
        var ledger = new SqlLedger(database);

        var writes = Enumerable.Range(0, 200).Select(i => ledger.AppendAsync($"k-{i}", 0, [Entry()], Token)).ToList();
        await database.DisposeAsync();

        (await Task.WhenAll(writes)).ShouldAllBe(sequence => sequence == 1);
        await Should.ThrowAsync<ObjectDisposedException>(() => ledger.AppendAsync("k-x", 0, [Entry()], Token));
        File.Exists(directory.File(SqliteDatabase.FileName + "-wal")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_backup_is_whole_and_consistent_while_the_database_is_in_use()
    {
        using var directory = new TemporaryDirectory();
        using var copy = new TemporaryDirectory();
        await using var database = Open(directory);
        var ledger = new SqlLedger(database);
        await ledger.AppendAsync("k-one", 0, [Entry(), Entry()], Token);

        var writing = WriteAsync();
        await database.BackupAsync(copy.File(SqliteDatabase.FileName), Token);
        await writing;

        await using var restored = Open(copy);
        (await new SqlLedger(restored).LoadAsync("k-one", Token)).Sequence.ShouldBeInRange(2, 102);
        await Should.ThrowAsync<IOException>(() => database.BackupAsync(copy.File(SqliteDatabase.FileName), Token));

        async Task WriteAsync()
        {
            for (var sequence = 2; sequence < 102; sequence++)
            {
                await ledger.AppendAsync("k-one", sequence, [Entry()], Token);
            }
        }
    }

    [Fact]
    public async Task Durability_is_set_at_each_open()
    {
        using var directory = new TemporaryDirectory();
        await FillAsync(directory);
        await using var database = Open(directory);

        (await PragmaAsync(database, "synchronous")).ShouldBe(2);
        (await PragmaAsync(database, "foreign_keys")).ShouldBe(1);
    }

    [Fact]
    public async Task The_data_directory_is_private()
    {
        using var parent = new TemporaryDirectory();
        await using var database = OrchestratorDatabase.Create(new StorageOptions { DataDirectory = parent.File("data") }, TimeProvider.System, NullLogger.Instance);

        await database.OpenAsync(Token);

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(parent.File("data")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_said_in_one_line()
    {
        using var parent = new TemporaryDirectory();
        await File.WriteAllTextAsync(parent.File("file"), "", Token);
        await using var database = OrchestratorDatabase.Create(
            new StorageOptions { DataDirectory = Path.Combine(parent.File("file"), "data") }, TimeProvider.System, NullLogger.Instance);

        var fault = await Should.ThrowAsync<StorageUnavailableException>(() => database.OpenAsync(Token));

        fault.Message.ShouldContain(parent.File("file"));
        fault.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task On_a_network_file_system_there_is_a_rollback_journal_and_a_lease()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = OpenOnNetwork(directory, new ManualClock()))
        {
            await new SqlLedger(database).AppendAsync("k-one", 0, [Entry()], Token);
            (await new SqlLedger(database).LoadAsync("k-one", Token)).Sequence.ShouldBe(1);
            var journal = await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync("PRAGMA journal_mode", row => row.GetString(0)), Token);
            journal.ShouldBe(["delete"]);
        }

        await using var next = OpenOnNetwork(directory, new ManualClock());
        await next.OpenAsync(Token);
    }

    [Fact]
    public async Task The_lease_of_another_machine_is_waited_out_and_its_writer_is_fenced()
    {
        using var directory = new TemporaryDirectory();
        await using (var first = OpenOnNetwork(directory, new ManualClock()))
        {
            await first.OpenAsync(Token);
        }

        Execute(directory, "UPDATE orchestrator_writer SET host = 'elsewhere', pid = 1, is_released = 0");
        var clock = new ManualClock();
        await using var second = OpenOnNetwork(directory, clock);
        var opening = second.OpenAsync(Token);
        await clock.TimerArmedAsync(Token);
        clock.Advance(SqliteWriterLease.Length);
        await opening;
        await new SqlLedger(second).AppendAsync("k-one", 0, [Entry()], Token);

        Execute(directory, "UPDATE orchestrator_writer SET host = 'elsewhere', pid = 1, beat = beat + 1");
        var fenced = await Should.ThrowAsync<DataDirectoryInUseException>(() => new SqlLedger(second).AppendAsync("k-one", 1, [Entry()], Token));
        fenced.Message.ShouldContain("process 1 on elsewhere");
    }

    [Fact]
    public async Task A_lease_that_beats_is_never_taken()
    {
        using var directory = new TemporaryDirectory();
        await using (var first = OpenOnNetwork(directory, new ManualClock()))
        {
            await first.OpenAsync(Token);
        }

        Execute(directory, "UPDATE orchestrator_writer SET host = 'elsewhere', pid = 1, is_released = 0");
        var clock = new ManualClock();
        await using var second = OpenOnNetwork(directory, clock);
        var opening = second.OpenAsync(Token);
        await clock.TimerArmedAsync(Token);
        Execute(directory, "UPDATE orchestrator_writer SET beat = beat + 1");
        clock.Advance(SqliteWriterLease.Length);

        await Should.ThrowAsync<DataDirectoryInUseException>(() => opening);
    }

    [Theory]
    [InlineData(0x6969u, "NFS")]
    [InlineData(0x0BD00BD0u, "Lustre")]
    [InlineData(0x47504653u, "GPFS")]
    [InlineData(0x19830326u, "BeeGFS")]
    [InlineData(0xFE534D42u, "SMB2")]
    [InlineData(0xEF53u, null)]
    [InlineData(0x01021994u, null)]
    public void File_systems_are_told_apart_by_their_number(uint number, string? name) => FileSystems.NameOf(number).ShouldBe(name);

    private static OrchestratorDatabase Open(TemporaryDirectory directory) =>
        OrchestratorDatabase.Create(new StorageOptions { DataDirectory = directory.Path }, TimeProvider.System, NullLogger.Instance);

    private static SqliteDatabase OpenOnNetwork(TemporaryDirectory directory, TimeProvider clock) =>
        new(new StorageOptions { DataDirectory = directory.Path }, clock, NullLogger.Instance, SchemaScript.For(StorageProvider.Sqlite), _ => "NFS");

    private static Process StartChild(string directory)
    {
        var program = Path.Combine(AppContext.BaseDirectory, Path.GetFileNameWithoutExtension(typeof(Program).Assembly.Location));
        return Process.Start(new ProcessStartInfo(program, [Program.ChildArgument, directory]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    private static async Task FillAsync(TemporaryDirectory directory)
    {
        await using var database = Open(directory);
        var ledger = new SqlLedger(database);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => ledger.AppendAsync($"k-{i}", 0, [Entry() with { Payload = new byte[3000] }], Token)));
    }

    // Leaves the first pages, with the schema, as they are.
    private static async Task DamageAsync(TemporaryDirectory directory)
    {
        await using var file = File.OpenWrite(directory.File(SqliteDatabase.FileName));
        var noise = new byte[file.Length * 3 / 4];
        new Random(7).NextBytes(noise);
        file.Position = file.Length / 4;
        await file.WriteAsync(noise, Token);
    }

    private static async Task RefusesAsDamagedAsync(TemporaryDirectory directory)
    {
        await using var database = Open(directory);
        var fault = await Should.ThrowAsync<DatabaseDamagedException>(() => database.OpenAsync(Token));
        fault.Message.ShouldContain(directory.File(SqliteDatabase.FileName));
        fault.Message.ShouldContain("orchestrator backup");
        fault.Message.ShouldNotContain('\n');
    }

    private static void Execute(TemporaryDirectory directory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={directory.File(SqliteDatabase.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static async Task<long> PragmaAsync(OrchestratorDatabase database, string name) =>
        (await database.WriteAsync(WriteKind.Statement, session => session.QueryAsync($"PRAGMA {name}", row => row.GetInt64(0)), Token))[0];

    private static LedgerEntry Entry() => new() { Kind = "written", Payload = "{}"u8.ToArray(), At = Start };
}
