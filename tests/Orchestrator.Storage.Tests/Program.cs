using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Runner.InProc.SystemConsole;

namespace Orchestrator.Storage.Tests;

/// <summary>Runs the tests; or, as the child of a test, appends to ledgers until it is killed, and says what was acknowledged.</summary>
internal static class Program
{
    public const string ChildArgument = "--append-until-killed";
    public const int ChildWriters = 16;

    public static async Task<int> Main(string[] args)
    {
        if (args is [ChildArgument, var directory])
        {
            await AppendUntilKilledAsync(directory);
        }

        return await ConsoleRunner.Run(args);
    }

    private static async Task AppendUntilKilledAsync(string directory)
    {
        await using var database = OrchestratorDatabase.Create(new StorageOptions { DataDirectory = directory }, TimeProvider.System, NullLogger.Instance);
        await database.OpenAsync();
        var ledger = new SqlLedger(database);
        var output = Console.OpenStandardOutput();
        var gate = new Lock();
        using var input = Console.OpenStandardInput();
        var orphaned = input.ReadAsync(new byte[1]).AsTask();
        await Task.WhenAny(orphaned, Task.WhenAll(Enumerable.Range(0, ChildWriters).Select(async writer =>
        {
            for (var sequence = 0; ; sequence++)
            {
                await ledger.AppendAsync(
                    $"k-{writer}", sequence, [new LedgerEntry { Kind = "written", Payload = new byte[200], At = DateTimeOffset.UnixEpoch }]);
                lock (gate)
                {
                    output.Write(System.Text.Encoding.ASCII.GetBytes($"{writer} {sequence + 1}\n"));
                    output.Flush();
                }
            }
        })));
        Environment.Exit(1);
    }
}
