using System.Diagnostics;
using System.Text.Json;
using SQLitePCL;

namespace Orchestrator.Pilot.Tests;

/// <summary>A folder in which the command runs as a user runs it, as a process of its own: a pilot waits for every child of its process.</summary>
internal sealed class Flight : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-pilot-");

    public string Folder => folder.FullName;

    public string Database => Path.Combine(Folder, "state.db");

    public string Workdir => Path.Combine(Folder, "pilot_runs");

    public Dictionary<string, string?> Environment { get; } = [];

    public static bool Has(string program) => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(path => File.Exists(Path.Combine(path, program)));

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes tasks and runs them on so many cores.</summary>
    public Task<(int Status, string Output, string Error)> RunAsync(int cores, object tasks, params string[] arguments)
    {
        Write("tasks.json", tasks as string ?? JsonSerializer.Serialize(tasks));
        return CommandAsync(["pilot", "--cores", $"{cores}", "--tasks", "tasks.json", .. arguments]);
    }

    public Task<(int Status, string Output, string Error)> CommandAsync(params string[] arguments) => EndAsync(Start(arguments), arguments);

    /// <summary>The command by a line of the shell, as its <c>"$@"</c>.</summary>
    public Task<(int Status, string Output, string Error)> ShellAsync(string line, params string[] arguments) => EndAsync(Start(["sh", "-c", line, "sh", .. Command], arguments), arguments);

    private static async Task<(int Status, string Output, string Error)> EndAsync(Process started, string[] arguments)
    {
        using var process = started;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(3), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new InvalidOperationException($"orchestrator {string.Join(' ', arguments)} does not end: {await output}{await error}");
        }

        return (process.ExitCode, await output, await error);
    }

    public Process Start(params string[] arguments) => Start(Command, arguments);

    private static string[] Command => [Dotnet, Path.Combine(AppContext.BaseDirectory, "orchestrator.dll")];

    private Process Start(string[] program, string[] arguments)
    {
        var start = new ProcessStartInfo(program[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Folder };
        foreach (var argument in program.Skip(1).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public static string Dotnet => System.Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";

    public JsonElement Summary() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Workdir, "summary.json"))).RootElement;

    public string OutputOf(string task) => File.ReadAllText(Path.Combine(Workdir, task, "stdout.txt"));

    public string ErrorsOf(string task) => File.ReadAllText(Path.Combine(Workdir, task, "stderr.txt"));

    /// <summary>Ids of tasks by their status, as anybody reads them from the database.</summary>
    public ILookup<string, string> Rows() => Query("SELECT status, id FROM tasks ORDER BY id").ToLookup(static row => row[0], static row => row[1]);

    public List<string[]> Query(string sql)
    {
        Batteries_V2.Init();
        raw.sqlite3_open_v2(Database, out var database, raw.SQLITE_OPEN_READONLY, null).ShouldBe(raw.SQLITE_OK);
        raw.sqlite3_busy_timeout(database, 10_000);
        raw.sqlite3_prepare_v2(database, sql, out var select).ShouldBe(raw.SQLITE_OK, raw.sqlite3_errmsg(database).utf8_to_string());
        var rows = new List<string[]>();
        while (raw.sqlite3_step(select) == raw.SQLITE_ROW)
        {
            rows.Add([.. Enumerable.Range(0, raw.sqlite3_column_count(select)).Select(column => raw.sqlite3_column_text(select, column).utf8_to_string())]);
        }

        select.Dispose();
        raw.sqlite3_close_v2(database);
        return rows;
    }

    public void Dispose()
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A task that was killed with its pilot may still write; the folder is one for temporary files.
        }
    }
}
