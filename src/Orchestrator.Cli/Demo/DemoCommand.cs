using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Client;

namespace Orchestrator.Cli.Demo;

/// <summary><c>orchestrator demo</c>: a real campaign on four nodes, one of which is killed in the middle.</summary>
internal static class DemoCommand
{
    private const int Interrupted = 130;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var folder = new Option<string?>("--out") { Description = "The folder for report, timeline, graph, usage and NetCDF (default: demo-output-TIME)." };
        var keep = new Option<bool>("--keep") { Description = "Keep the data directory of the demo in the folder, too." };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON; the story goes to standard error." };
        var command = new Command(
            "demo",
            "Run the climate campaign on a silo and four agents on this machine, kill one agent with its processes, and report. Exit status: 0 all as it should be, 1 not, 2 it could not run.")
        {
            folder, keep, json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(folder), parsed.GetValue(keep), parsed.GetValue(json), TimeProvider.System, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? path, bool keep, bool json, TimeProvider clock, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        var story = json ? error : output;
        try
        {
            var folder = DemoFolder.Open(path ?? $"demo-output-{clock.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}");
            story.WriteLine("A campaign of 12 climate simulations (3 CO2 scenarios, 4 members) on four nodes of one core each. One node will be killed.");
            story.WriteLine(DemoSettings.Tell);
            DemoResult result;
            using (var run = new DemoRun(ReadCampaign(), folder, clock, story))
            {
                result = await run.RunAsync(stop.Token);
            }

            if (!keep)
            {
                folder.DeleteData();
            }

            story.WriteLine($"report, timeline, graph, usage and NetCDF: {folder.Path}");
            if (json)
            {
                output.WriteLine(JsonSerializer.Serialize(result, Json));
            }

            return result.Succeeded ? ExitCodes.Success : ExitCodes.Invalid;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            error.WriteLine("The demo was interrupted; all of its processes are stopped.");
            return Interrupted;
        }
        catch (Exception fault) when (fault is DemoException or OrchestratorClientException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine(fault.Message);
            return ExitCodes.Unreadable;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static string ReadCampaign()
    {
        using var stream = typeof(DemoCommand).Assembly.GetManifestResourceStream("climate.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
