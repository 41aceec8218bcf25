using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Storage;

/// <summary>One file in the data directory: one writer with group commit, and a few readers beside it (write-ahead log).</summary>
internal sealed class SqliteDatabase : OrchestratorDatabase
{
    public const string FileName = "orchestrator.db";

    private const int ReadersMax = 4;

    private readonly string directory;
    private readonly IReadOnlyList<SchemaScript> scripts;
    private readonly Func<string, string?> networkNameOf;
    private readonly ConcurrentBag<SqliteSession> readers = [];
    private readonly SemaphoreSlim readerSlots = new(ReadersMax, ReadersMax);
    private SqliteSettings settings;
    private DataDirectoryLock? directoryLock;
    private SqliteWriter? writer;
    private ITimer? leaseTimer;

    public SqliteDatabase(StorageOptions options, TimeProvider clock, ILogger logger)
        : this(options, clock, logger, SchemaScript.For(StorageProvider.Sqlite), FileSystems.NetworkNameOf)
    {
    }

    /// <param name="options">Names the data directory.</param>
    /// <param name="clock">Times leases and schema records.</param>
    /// <param name="logger">Hears what was opened.</param>
    /// <param name="scripts">What the schema consists of.</param>
    /// <param name="networkNameOf">The name of the network file system of a folder, or null.</param>
    internal SqliteDatabase(StorageOptions options, TimeProvider clock, ILogger logger, IReadOnlyList<SchemaScript> scripts, Func<string, string?> networkNameOf)
        : base(options, clock, logger)
    {
        directory = Path.GetFullPath(options.DataDirectory);
        this.scripts = scripts;
        this.networkNameOf = networkNameOf;
        settings = new SqliteSettings { Path = Path.Combine(directory, FileName), IsOnNetwork = false, Durability = options.Durability };
    }

    /// <inheritdoc/>
    public override string Location => settings.Path;

    internal override bool IsShared => false;

    /// <inheritdoc/>
    public override async Task BackupAsync(string target, CancellationToken cancellationToken = default)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        target = Path.GetFullPath(target);
        if (File.Exists(target))
        {
            throw new IOException($"{target} exists; a backup never replaces a file.");
        }

        var partial = target + ".partial";
        File.Delete(partial);
        await OnPoolAsync(
            () =>
            {
                try
                {
                    using var session = SqliteSession.Open(settings, isWriter: false);
                    session.ExecuteAsync("VACUUM INTO @target", ("target", partial)).AsTask().GetAwaiter().GetResult();
                    using (var file = File.OpenHandle(partial, FileMode.Open, FileAccess.ReadWrite))
                    {
                        RandomAccess.FlushToDisk(file);
                    }

                    File.Move(partial, target, overwrite: false);
                    return true;
                }
                catch (SqliteException error)
                {
                    File.Delete(partial);
                    throw error.Translate(settings.Path);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private protected override async Task OpenCoreAsync(CancellationToken cancellationToken)
    {
        CreateDirectory();
        if (networkNameOf(directory) is { } network)
        {
            settings = settings with { IsOnNetwork = true };
            Logger.FoundNetworkFileSystem(directory, network);
        }

        directoryLock = DataDirectoryLock.Take(directory);
        try
        {
            var isNew = !File.Exists(settings.Path);
            CheckHeader();
            using (var session = SqliteSession.Open(settings, isWriter: true))
            {
                if (!isNew && !directoryLock.LastClosed)
                {
                    QuickCheck(session);
                }

                if (settings.IsOnNetwork)
                {
                    await SqliteWriterLease.TakeAsync(session, Clock, Logger, settings.Path, cancellationToken).ConfigureAwait(false);
                }

                await UpgradeAsync(session).ConfigureAwait(false);
            }

            writer = new SqliteWriter(() => SqliteSession.Open(settings, isWriter: true), settings.Path, Options.WriteBatchMax, Logger);
            if (settings.IsOnNetwork)
            {
                writer.Fence = session => SqliteWriterLease.Check(session, settings.Path);
                leaseTimer = Clock.CreateTimer(_ => RenewLease(), null, SqliteWriterLease.Beat, SqliteWriterLease.Beat);
            }

            Logger.OpenedSqlite(settings.Path, SqliteLibrary.Version, settings.JournalMode, settings.IsOnNetwork ? StorageDurability.Full : settings.Durability);
        }
        catch (Exception error)
        {
            directoryLock.Dispose();
            directoryLock = null;
            if (error is SqliteException sqlite)
            {
                throw sqlite.Translate(settings.Path);
            }

            throw;
        }
    }

    private protected override async Task CloseAsync()
    {
        if (writer is null)
        {
            return;
        }

        if (leaseTimer is not null)
        {
            await leaseTimer.DisposeAsync().ConfigureAwait(false);
            try
            {
                await writer.WriteAsync(WriteKind.Statement, SqliteWriterLease.ReleaseAsync).ConfigureAwait(false);
            }
            catch (OrchestratorException error)
            {
                Logger.HousekeepingFailed(error, settings.Path);
            }
        }

        for (var i = 0; i < ReadersMax; i++)
        {
            await readerSlots.WaitAsync().ConfigureAwait(false);
        }

        while (readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        // The last connection to close moves the write-ahead log into the file and removes it.
        writer.Dispose();
        try
        {
            directoryLock!.MarkClosed();
        }
        catch (IOException error)
        {
            // The next start then checks the file, which is all that the mark saves.
            Logger.HousekeepingFailed(error, settings.Path);
        }

        directoryLock!.Dispose();
    }

    private protected override Task<T> WriteCoreAsync<T>(WriteKind kind, Func<ISqlSession, ValueTask<T>> work) => writer!.WriteAsync(kind, work);

    private protected override async Task<T> ReadCoreAsync<T>(ReadKind kind, Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        if (settings.IsOnNetwork)
        {
            // With a rollback journal a reader would hold up the writer: it is a turn of the writer instead.
            return await writer!.WriteAsync(WriteKind.Refusable, work).ConfigureAwait(false);
        }

        await readerSlots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await OnPoolAsync(() => Read(kind, work), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            readerSlots.Release();
        }
    }

    private T Read<T>(ReadKind kind, Func<ISqlSession, ValueTask<T>> work)
    {
        SqliteSession? session = null;
        try
        {
            if (!readers.TryTake(out session))
            {
                session = SqliteSession.Open(settings, isWriter: false);
            }

            if (kind == ReadKind.Consistent)
            {
                session.BeginRead();
            }

            var reading = work(session);
            var result = reading.IsCompleted ? reading.GetAwaiter().GetResult() : throw new UnreachableException("A read waited for something else than its session.");
            session.Rollback();
            readers.Add(session);
            return result;
        }
        catch (Exception error)
        {
            session?.Dispose();
            if (error is SqliteException sqlite)
            {
                throw sqlite.Translate(settings.Path);
            }

            throw;
        }
    }

    private static Task<T> OnPoolAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private void CreateDirectory()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
            }
            else
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException($"The data directory {directory} cannot be made: {error.Message}", error);
        }
    }

    private void CheckHeader()
    {
        try
        {
            if (!File.Exists(settings.Path))
            {
                return;
            }

            var header = new byte[16];
            using var file = File.OpenHandle(settings.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.Read(file, header, 0);
            if (length > 0 && !header.AsSpan().SequenceEqual("SQLite format 3\0"u8))
            {
                throw SqliteErrors.Damaged(settings.Path, "its first bytes are not those of a database");
            }

            // The first 16 bytes may be whole where the rest is cut off.
            if (length > 0 && RandomAccess.GetLength(file) < 512)
            {
                throw SqliteErrors.Damaged(settings.Path, "it is cut off");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException($"The database {settings.Path} cannot be read: {error.Message}", error);
        }
    }

    private void QuickCheck(SqliteSession session)
    {
        Logger.CheckedAfterCrash(settings.Path);
        if (session.Run("PRAGMA quick_check(1)") is { } finding and not "ok")
        {
            throw SqliteErrors.Damaged(settings.Path, finding);
        }
    }

    private async Task UpgradeAsync(SqliteSession session)
    {
        session.Run(SchemaUpgrade.CreateTable);
        foreach (var script in await SchemaUpgrade.PendingAsync(session, scripts, settings.Path).ConfigureAwait(false))
        {
            session.Begin();
            try
            {
                await SchemaUpgrade.ApplyAsync(session, script, Clock.GetUtcNow()).ConfigureAwait(false);
                session.Commit();
            }
            catch
            {
                session.Rollback();
                throw;
            }

            Logger.AppliedScript(script.Name, settings.Path);
        }
    }

    private async void RenewLease()
    {
        try
        {
            await writer!.WriteAsync(WriteKind.Statement, SqliteWriterLease.RenewAsync).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OrchestratorException or SqliteException or ObjectDisposedException)
        {
            // The next beat tries again; a lease that is lost is noticed by every write.
            Logger.HousekeepingFailed(error, settings.Path);
        }
    }
}
