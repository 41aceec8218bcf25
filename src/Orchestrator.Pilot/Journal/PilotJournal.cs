using Orchestrator.Pilot.Nodes;
using Orchestrator.Storage;
using SQLitePCL;

namespace Orchestrator.Pilot.Journal;

/// <summary>
/// What a campaign is made anew from: tasks as they were submitted, and how attempts ended, in SQLite. Rows are appended, many in one transaction, and none is changed;
/// only answers to attempts of a task that begins anew are taken away. A transaction that has returned is on the disk. The view <c>tasks</c> shows it as one row a task.
/// </summary>
/// <remarks>One process at a time: a lock beside the file, which goes with its holder, keeps others away.</remarks>
internal sealed class PilotJournal : IDisposable
{
    private const string Version = "1";

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS pilot (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS submission (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, created INTEGER NOT NULL, tasks TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS ended (
            seq INTEGER PRIMARY KEY, task INTEGER NOT NULL, attempt INTEGER NOT NULL, outcome INTEGER NOT NULL, final INTEGER NOT NULL, code INTEGER NOT NULL,
            finished INTEGER NOT NULL, duration INTEGER NOT NULL, slot INTEGER, out_from INTEGER, out_length INTEGER, err_from INTEGER, err_length INTEGER);
        CREATE TABLE IF NOT EXISTS answered (seq INTEGER PRIMARY KEY, task INTEGER NOT NULL, attempt INTEGER NOT NULL);
        DROP VIEW IF EXISTS tasks;
        CREATE VIEW tasks AS
            SELECT json_extract(each.value, '$.id') AS id, each.value AS task,
                CASE WHEN coalesce(last.outcome, 7) = 7 THEN 'pending' WHEN last.outcome = 1 THEN 'completed' WHEN last.outcome = 5 THEN 'skipped' ELSE 'failed' END AS status,
                iif(coalesce(last.outcome, 7) = 7, NULL, json_object('returncode', last.code, 'duration', last.duration / 1e6, 'attempts', last.attempt)) AS result,
                strftime('%Y-%m-%dT%H:%M:%fZ', submission.created / 1e3, 'unixepoch') AS created, iif(last.outcome = 7, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', last.finished / 1e3, 'unixepoch')) AS finished
            FROM submission, json_each(submission.tasks) AS each
                LEFT JOIN (SELECT task AS number, outcome, code, duration, attempt, finished, max(seq) FROM ended WHERE final = 1 OR outcome = 7 GROUP BY task) AS last
                    ON last.number = submission.first + each.key;
        """;

    private readonly sqlite3 database;
    private readonly FileStream lockFile;
    private readonly TimeProvider clock;
    private readonly string path;
    private readonly sqlite3_stmt begin, commit, rollback, addSubmission, addEnd, addAnswer, dropAnswers;

    private PilotJournal(string path, FileStream lockFile, sqlite3 database, TimeProvider clock)
    {
        this.path = path;
        this.lockFile = lockFile;
        this.database = database;
        this.clock = clock;
        Execute("PRAGMA busy_timeout = 10000");
        var network = FileSystems.NetworkNameOf(System.IO.Path.GetDirectoryName(path)!);
        if (network is null)
        {
            Execute("PRAGMA journal_mode = WAL");
        }
        else
        {
            // Its shared memory file does not work over a network.
            Execute("PRAGMA journal_mode = DELETE");
            NetworkFileSystem = network;
        }

        Execute("PRAGMA synchronous = FULL");
        if (Text("SELECT group_concat(name) FROM sqlite_master WHERE type = 'table' AND name IN ('tasks', 'simulation')") is not null)
        {
            throw new JournalException($"{path} is a database of another program.");
        }

        // In one transaction: others that read meanwhile see the view as it was, or as it is.
        Execute($"BEGIN IMMEDIATE;\n{Schema}\nCOMMIT");
        Execute($"INSERT INTO pilot VALUES ('version', '{Version}') ON CONFLICT DO NOTHING");
        if (Get("version") is var version && version != Version)
        {
            throw new JournalException($"{path} is of version {version} of this format; this program knows {Version}.");
        }

        begin = Prepare("BEGIN IMMEDIATE");
        commit = Prepare("COMMIT");
        rollback = Prepare("ROLLBACK");
        addSubmission = Prepare("INSERT INTO submission (first, count, created, tasks) VALUES (?, ?, ?, ?)");
        addEnd = Prepare("INSERT INTO ended (task, attempt, outcome, final, code, finished, duration, slot, out_from, out_length, err_from, err_length) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        addAnswer = Prepare("INSERT INTO answered (task, attempt) VALUES (?, ?)");
        dropAnswers = Prepare("DELETE FROM answered WHERE task = ?");
    }

    /// <summary>The network file system that holds it, where fewer transactions a second are possible; null: none.</summary>
    public string? NetworkFileSystem { get; }

    /// <summary>Opens a database, or makes it.</summary>
    /// <exception cref="JournalException">Another pilot has it, or it cannot be used.</exception>
    public static PilotJournal Open(string path, TimeProvider clock)
    {
        _ = SqliteLibrary.Version;
        FileStream held;
        try
        {
            held = new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault)
        {
            throw new JournalException(File.Exists(path) ? $"{path} is in use by another pilot: {fault.Message}" : $"{path} cannot be made: {fault.Message}");
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new JournalException($"{path} cannot be written: {fault.Message}");
        }

        var status = raw.sqlite3_open_v2(path, out var database, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        if (status != raw.SQLITE_OK)
        {
            held.Dispose();
            throw new JournalException($"{path} cannot be opened: {raw.sqlite3_errstr(status).utf8_to_string()}");
        }

        try
        {
            return new(path, held, database, clock);
        }
        catch
        {
            raw.sqlite3_close_v2(database);
            held.Dispose();
            throw;
        }
    }

    /// <summary>A setting of the campaign; null: not there.</summary>
    public string? Get(string name) => Text($"SELECT value FROM pilot WHERE name = '{name.Replace("'", "''", StringComparison.Ordinal)}'");

    public void Set(string name, string value) =>
        Execute($"INSERT INTO pilot VALUES ('{name.Replace("'", "''", StringComparison.Ordinal)}', '{value.Replace("'", "''", StringComparison.Ordinal)}') ON CONFLICT (name) DO UPDATE SET value = excluded.value");

    /// <summary>Everything that was submitted, in its order.</summary>
    public IEnumerable<Submission> Submissions()
    {
        using var select = Prepare("SELECT first, count, tasks FROM submission ORDER BY first");
        while (Step(select))
        {
            yield return new(raw.sqlite3_column_int(select, 0), raw.sqlite3_column_int(select, 1), raw.sqlite3_column_blob(select, 2).ToArray());
        }
    }

    /// <summary>How attempts ended, in their order: one pass.</summary>
    public IEnumerable<TaskEnd> Ends()
    {
        using var select = Prepare("SELECT task, attempt, outcome, final, code, duration, slot, out_from, out_length, err_from, err_length FROM ended ORDER BY seq");
        while (Step(select))
        {
            yield return new()
            {
                Lease = new() { Task = raw.sqlite3_column_int(select, 0), Attempt = raw.sqlite3_column_int(select, 1) },
                Outcome = (TaskOutcome)raw.sqlite3_column_int(select, 2),
                IsFinal = raw.sqlite3_column_int(select, 3) != 0,
                Code = raw.sqlite3_column_int(select, 4),
                Duration = TimeSpan.FromMicroseconds(raw.sqlite3_column_int64(select, 5)),
                Packed = raw.sqlite3_column_type(select, 6) == raw.SQLITE_NULL ? null : new()
                {
                    Slot = raw.sqlite3_column_int(select, 6), OutputFrom = raw.sqlite3_column_int64(select, 7), OutputLength = raw.sqlite3_column_int64(select, 8),
                    ErrorFrom = raw.sqlite3_column_int64(select, 9), ErrorLength = raw.sqlite3_column_int64(select, 10),
                },
            };
        }
    }

    public IEnumerable<(int Task, int Attempt)> Answers()
    {
        using var select = Prepare("SELECT task, attempt FROM answered");
        while (Step(select))
        {
            yield return (raw.sqlite3_column_int(select, 0), raw.sqlite3_column_int(select, 1));
        }
    }

    /// <summary>Writes a batch in one transaction. When it returns, the batch is on the disk, whole.</summary>
    /// <exception cref="JournalException">It is not, and nothing of it is.</exception>
    public void Write(JournalBatch batch)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Run(begin);
        try
        {
            foreach (var submission in batch.Submissions)
            {
                raw.sqlite3_bind_int(addSubmission, 1, submission.First);
                raw.sqlite3_bind_int(addSubmission, 2, submission.Count);
                raw.sqlite3_bind_int64(addSubmission, 3, now);
                raw.sqlite3_bind_text(addSubmission, 4, submission.Tasks);
                Run(addSubmission);
            }

            foreach (var end in batch.Ends)
            {
                raw.sqlite3_bind_int(addEnd, 1, end.Lease.Task);
                raw.sqlite3_bind_int(addEnd, 2, end.Lease.Attempt);
                raw.sqlite3_bind_int(addEnd, 3, (int)end.Outcome);
                raw.sqlite3_bind_int(addEnd, 4, end.IsFinal ? 1 : 0);
                raw.sqlite3_bind_int(addEnd, 5, end.Code);
                raw.sqlite3_bind_int64(addEnd, 6, now);
                raw.sqlite3_bind_int64(addEnd, 7, (long)end.Duration.TotalMicroseconds);
                Bind(end.Packed);
                Run(addEnd);
                if (end.Outcome == TaskOutcome.Anew)
                {
                    // Its attempts count from one again.
                    raw.sqlite3_bind_int(dropAnswers, 1, end.Lease.Task);
                    Run(dropAnswers);
                }
            }

            foreach (var (task, attempt) in batch.Answers)
            {
                raw.sqlite3_bind_int(addAnswer, 1, task);
                raw.sqlite3_bind_int(addAnswer, 2, attempt);
                Run(addAnswer);
            }

            Run(commit);
        }
        catch (JournalException)
        {
            raw.sqlite3_step(rollback);
            raw.sqlite3_reset(rollback);
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var statement in (sqlite3_stmt[])[begin, commit, rollback, addSubmission, addEnd, addAnswer, dropAnswers])
        {
            statement.Dispose();
        }

        raw.sqlite3_close_v2(database);
        lockFile.Dispose();
    }

    private void Bind(PackedOutput? packed)
    {
        const int first = 8;
        if (packed is null)
        {
            for (var column = first; column < first + 5; column++)
            {
                raw.sqlite3_bind_null(addEnd, column);
            }

            return;
        }

        raw.sqlite3_bind_int(addEnd, first, packed.Slot);
        raw.sqlite3_bind_int64(addEnd, first + 1, packed.OutputFrom);
        raw.sqlite3_bind_int64(addEnd, first + 2, packed.OutputLength);
        raw.sqlite3_bind_int64(addEnd, first + 3, packed.ErrorFrom);
        raw.sqlite3_bind_int64(addEnd, first + 4, packed.ErrorLength);
    }

    private string? Text(string sql)
    {
        using var select = Prepare(sql);
        return Step(select) && raw.sqlite3_column_type(select, 0) != raw.SQLITE_NULL ? raw.sqlite3_column_text(select, 0).utf8_to_string() : null;
    }

    private sqlite3_stmt Prepare(string sql) => raw.sqlite3_prepare_v2(database, sql, out var statement) == raw.SQLITE_OK ? statement : throw Fault("cannot be read");

    private bool Step(sqlite3_stmt statement) => raw.sqlite3_step(statement) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        _ => throw Fault("cannot be read"),
    };

    private void Run(sqlite3_stmt statement)
    {
        var status = raw.sqlite3_step(statement);
        if (status is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
        {
            var fault = Fault("cannot be written");
            raw.sqlite3_reset(statement);
            throw fault;
        }

        raw.sqlite3_reset(statement);
    }

    private void Execute(string sql)
    {
        if (raw.sqlite3_exec(database, sql) != raw.SQLITE_OK)
        {
            throw Fault("cannot be written");
        }
    }

    private JournalException Fault(string what) => new($"{path} {what}: {raw.sqlite3_errmsg(database).utf8_to_string()}");
}
