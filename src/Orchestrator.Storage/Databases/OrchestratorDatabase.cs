using Microsoft.Extensions.Logging;

namespace Orchestrator.Storage;

/// <summary>
/// The one database of a silo. It opens itself before its first use, brings its schema up to date, and turns the faults of the provider into
/// <see cref="StorageUnavailableException"/> (try again) and <see cref="DatabaseDamagedException"/> (somebody must act).
/// </summary>
public abstract class OrchestratorDatabase : IAsyncDisposable
{
    private readonly SemaphoreSlim opening = new(1, 1);
    private volatile bool isOpen;
    private bool isDisposed;

    private protected OrchestratorDatabase(StorageOptions options, TimeProvider clock, ILogger logger)
    {
        Options = options;
        Clock = clock;
        Logger = logger;
    }

    /// <summary>Where the database is, for people: a file, or host and name; never a password.</summary>
    public abstract string Location { get; }

    /// <summary>The options that it was made from.</summary>
    public StorageOptions Options { get; }

    /// <summary>True when other silos may write to it too.</summary>
    internal abstract bool IsShared { get; }

    private protected TimeProvider Clock { get; }

    private protected ILogger Logger { get; }

    /// <summary>Makes the database that the options name; nothing is opened yet.</summary>
    public static OrchestratorDatabase Create(StorageOptions options, TimeProvider clock, ILogger logger)
    {
        var problems = options.Validate(new(options)).Select(problem => problem.ErrorMessage).ToList();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        return options.Provider == StorageProvider.Sqlite ? new SqliteDatabase(options, clock, logger) : new PostgreSqlDatabase(options, clock, logger);
    }

    /// <summary>
    /// Opens the database and brings its schema up to date. A repeat does nothing. The host calls it before anything starts, so that what is wrong is said in one line.
    /// </summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds the data directory.</exception>
    /// <exception cref="DatabaseDamagedException">The file is not what was written.</exception>
    /// <exception cref="DatabaseVersionException">A newer release wrote it.</exception>
    /// <exception cref="StorageUnavailableException">It cannot be reached or written now.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken = default)
    {
        if (isOpen)
        {
            return;
        }

        await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (!isOpen)
            {
                await OpenCoreAsync(cancellationToken).ConfigureAwait(false);
                isOpen = true;
            }
        }
        finally
        {
            opening.Release();
        }
    }

    /// <summary>
    /// Writes a consistent copy of the whole database to <paramref name="target"/> while it is in use.
    /// </summary>
    /// <exception cref="NotSupportedException">The server has its own tool; the message is the line to use.</exception>
    /// <exception cref="IOException">The target exists, or cannot be written.</exception>
    public abstract Task BackupAsync(string target, CancellationToken cancellationToken = default);

    /// <summary>Finishes what was accepted and closes. What is called afterwards is refused.</summary>
    public async ValueTask DisposeAsync()
    {
        await opening.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!isDisposed)
            {
                isDisposed = true;
                await CloseAsync().ConfigureAwait(false);
                isOpen = false;
            }
        }
        finally
        {
            opening.Release();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns its result once that is committed. The work may run more than once, and touches nothing but its session.
    /// </summary>
    internal async Task<T> WriteAsync<T>(WriteKind kind, Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!isOpen)
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        return await WriteCoreAsync(kind, work).ConfigureAwait(false);
    }

    /// <summary>Runs <paramref name="work"/>, which only reads, over one consistent view of what is committed.</summary>
    internal async Task<T> ReadAsync<T>(ReadKind kind, Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        if (!isOpen)
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        return await ReadCoreAsync(kind, work, cancellationToken).ConfigureAwait(false);
    }

    private protected abstract Task OpenCoreAsync(CancellationToken cancellationToken);

    private protected abstract Task CloseAsync();

    private protected abstract Task<T> WriteCoreAsync<T>(WriteKind kind, Func<ISqlSession, ValueTask<T>> work);

    private protected abstract Task<T> ReadCoreAsync<T>(ReadKind kind, Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellationToken);
}
