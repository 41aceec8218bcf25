using Orchestrator.CheckpointStore.Storing;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Checkpoints;

/// <summary>A line that says how far a long work is, while a person looks at it; elsewhere nothing.</summary>
internal sealed class StoreProgressLine(CommandContext context) : IProgress<StoreProgress>, IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private readonly Lock showing = new();
    private readonly long start = context.Clock.GetTimestamp();
    private TimeSpan next = TimeSpan.FromMilliseconds(500);
    private int shown;

    public void Report(StoreProgress value)
    {
        if (!context.Style.IsTerminal || context.Json)
        {
            return;
        }

        lock (showing)
        {
            if (context.Clock.GetElapsedTime(start) is var elapsed && elapsed >= next)
            {
                next = elapsed + Pace;
                Show($"{Words.Bytes(value.Bytes)}{(value.Total > 0 ? $" of {Words.Bytes(value.Total)}" : "")}, {Words.Bytes((long)(value.Bytes / elapsed.TotalSeconds))}/s");
            }
        }
    }

    public void Dispose()
    {
        if (shown > 0)
        {
            Show("");
            context.Output.Write('\r');
            shown = 0;
        }
    }

    private void Show(string line)
    {
        context.Output.Write($"\r{line.PadRight(shown)}");
        context.Output.Flush();
        shown = Math.Max(shown, line.Length);
    }
}
