using System.Diagnostics;
using System.Globalization;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Tests.Simulated;
using Xunit.Runner.InProc.SystemConsole;

namespace Orchestrator.CheckpointStore.Tests;

/// <summary>Runs the tests; or, as the child of a test, stores a checkpoint and kills itself in the middle of one operation.</summary>
internal static class Program
{
    public const string ChildArgument = "--put-and-die";

    public static async Task<int> Main(string[] args)
    {
        if (args is [ChildArgument, var store, var source, var operation])
        {
            using var self = Process.GetCurrentProcess();
            var files = new InterruptedFiles(new DirectoryFiles(store), long.Parse(operation, CultureInfo.InvariantCulture), self.Kill);
            var opened = ChunkStore.Open(files, new() { Workers = 0 }, create: true);
            opened.Put(new() { Name = "c", Path = source });
            Console.WriteLine(files.Operations.ToString(CultureInfo.InvariantCulture));
            return 0;
        }

        return await ConsoleRunner.Run(args);
    }
}
