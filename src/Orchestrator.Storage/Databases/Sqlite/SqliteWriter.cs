using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Storage;

/// <summary>
/// The only one that writes to the file. Writes that arrive while a transaction is being synced go into the next one together (group commit); each caller's task
/// completes after the commit of its own batch, never before. One thread, asleep while there is nothing to do.
/// </summary>
/// <remarks>
/// A write that throws does not fail its neighbours: a refusable one is undone to its savepoint; any other makes the batch start over with each write in a
/// transaction of its own. Only what concerns the file itself (disk full, input/output) fails the whole batch, and the next batch opens the file anew.
/// </remarks>
internal sealed class SqliteWriter : IDisposable
{
    private readonly Func<SqliteSession> open;
    private readonly string path;
    private readonly int batchMax;
    private readonly ILogger logger;
    private readonly Thread thread;
    private readonly object gate = new();
    private List<Write> pending = [];
    private bool isStopping;
    private SqliteSession? session;
    private bool hasFailed;

    /// <param name="open">Opens the file; called on the writer's thread, again after each failure.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="batchMax">The most writes in one transaction.</param>
    /// <param name="logger">Hears of failures and recoveries.</param>
    public SqliteWriter(Func<SqliteSession> open, string path, int batchMax, ILogger logger)
    {
        this.open = open;
        this.path = path;
        this.batchMax = batchMax;
        this.logger = logger;
        thread = new Thread(Run) { IsBackground = true, Name = "orchestrator-sqlite-writer" };
        thread.Start();
    }

    /// <summary>Runs at the start of each transaction; throws to refuse all writing (the writer's lease is lost).</summary>
    public Action<SqliteSession>? Fence { get; set; }

    /// <summary>Queues a write; the task completes once it is committed.</summary>
    public Task<T> WriteAsync<T>(WriteKind kind, Func<ISqlSession, ValueTask<T>> work)
    {
        var write = new Write<T>(kind, work);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isStopping, this);
            pending.Add(write);
            if (pending.Count == 1)
            {
                Monitor.Pulse(gate);
            }
        }

        return write.Task;
    }

    /// <summary>Commits what was queued, and closes the file.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isStopping)
            {
                return;
            }

            isStopping = true;
            Monitor.Pulse(gate);
        }

        thread.Join();
    }

    private void Run()
    {
        while (Take() is { } batch)
        {
            for (var from = 0; from < batch.Count; from += batchMax)
            {
                Commit(batch.GetRange(from, Math.Min(batchMax, batch.Count - from)));
            }
        }

        CloseSession();
    }

    private List<Write>? Take()
    {
        lock (gate)
        {
            while (pending.Count == 0)
            {
                if (isStopping)
                {
                    return null;
                }

                Monitor.Wait(gate);
            }

            var batch = pending;
            pending = [];
            return batch;
        }
    }

    private void Commit(List<Write> batch)
    {
        Write? failed = null;
        try
        {
            session ??= open();
            session.Begin();
            Fence?.Invoke(session);
            foreach (var write in batch)
            {
                failed = write;
                if (write.Kind == WriteKind.Refusable)
                {
                    RunRefusable(session, write);
                }
                else
                {
                    write.Run(session);
                }
            }

            failed = null;
            session.Commit();
        }
        catch (Exception error) when (failed is not null && !IsOfTheFile(error))
        {
            if (TryRollback(batch, error))
            {
                Retry(batch, failed, error);
            }

            return;
        }
        catch (Exception error)
        {
            Fail(batch, error);
            return;
        }

        if (hasFailed)
        {
            hasFailed = false;
            logger.Recovered(path);
        }

        foreach (var write in batch)
        {
            write.Complete();
        }
    }

    private static void RunRefusable(SqliteSession session, Write write)
    {
        session.Savepoint();
        try
        {
            write.Run(session);
        }
        catch (Exception refusal) when (!IsOfTheFile(refusal) && session.IsInTransaction)
        {
            session.RollbackSavepoint();
            write.Refuse(refusal);
            return;
        }

        session.ReleaseSavepoint();
    }

    private void Retry(List<Write> batch, Write failed, Exception error)
    {
        if (batch.Count == 1)
        {
            failed.Fail(error);
            return;
        }

        foreach (var write in batch)
        {
            Commit([write]);
        }
    }

    private bool TryRollback(List<Write> batch, Exception error)
    {
        try
        {
            session!.Rollback();
            return true;
        }
        catch (SqliteException)
        {
            Fail(batch, error);
            return false;
        }
    }

    private void Fail(List<Write> batch, Exception error)
    {
        // The outcome of a failed commit is known only to the file: it is opened anew, which rolls back what was not committed.
        CloseSession();
        var fault = error is SqliteException sqlite ? sqlite.Translate(path) : error;
        if (!hasFailed)
        {
            hasFailed = true;
            logger.BatchFailed(fault, batch.Count, path);
        }

        foreach (var write in batch)
        {
            write.Fail(fault);
        }
    }

    private void CloseSession()
    {
        try
        {
            session?.Dispose();
        }
        catch (SqliteException error)
        {
            logger.HousekeepingFailed(error, path);
        }

        session = null;
    }

    private static bool IsOfTheFile(Exception error) => error is SqliteException sqlite && sqlite.IsOfTheFile();

    private abstract class Write(WriteKind kind)
    {
        public WriteKind Kind { get; } = kind;

        public abstract void Run(SqliteSession session);

        /// <summary>Notes that the write was undone by its own exception, which its caller gets once the batch is over.</summary>
        public abstract void Refuse(Exception refusal);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Write<T>(WriteKind kind, Func<ISqlSession, ValueTask<T>> work) : Write(kind)
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;
        private Exception? refusal;

        public Task<T> Task => completion.Task;

        public override void Run(SqliteSession session)
        {
            refusal = null;
            var running = work(session);
            result = running.IsCompleted ? running.GetAwaiter().GetResult() : throw new UnreachableException("A write waited for something else than its session.");
        }

        public override void Refuse(Exception refusal) => this.refusal = refusal;

        public override void Complete()
        {
            if (refusal is null)
            {
                completion.TrySetResult(result);
            }
            else
            {
                completion.TrySetException(refusal);
            }
        }

        public override void Fail(Exception error) => completion.TrySetException(refusal ?? error);
    }
}
