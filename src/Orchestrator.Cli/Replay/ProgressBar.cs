using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Replay.Campaigns;

namespace Orchestrator.Cli.Replay;

/// <summary>A line that grows while a person looks at it; elsewhere nothing.</summary>
internal sealed class ProgressBar(CommandContext context) : IProgress<ReplayProgress>, IProgress<CampaignProgress>, IDisposable
{
    private const int Width = 30;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly long start = context.Clock.GetTimestamp();
    private TimeSpan next = TimeSpan.FromMilliseconds(500);
    private int shown;

    public void Report(ReplayProgress value)
    {
        if (IsTime())
        {
            Show(Text(value));
        }
    }

    public void Report(CampaignProgress value)
    {
        if (IsTime())
        {
            Show(Text(value));
        }
    }

    public void Dispose()
    {
        if (shown > 0)
        {
            Show("");
            context.Output.Write('\r');
        }
    }

    internal static string Text(ReplayProgress value) =>
        Bar(value.Jobs == 0 ? 1 : value.Ended / (double)value.Jobs, $"{value.Ended:N0} of {value.Jobs:N0} jobs, {value.Waiting:N0} wait, day {value.Now.TotalDays:0}");

    internal static string Text(CampaignProgress value) =>
        Bar(value.Now / value.Duration, $"day {value.Now.TotalDays:0} of {value.Duration.TotalDays:0.##}, {value.Running:N0} run, {value.Waiting:N0} wait");

    private static string Bar(double done, FormattableString words)
    {
        var filled = (int)(done * Width);
        return string.Create(CultureInfo.InvariantCulture, $"[{new string('#', filled)}{new string('.', Width - filled)}] {Math.Floor(done * 100):0} %  {words.ToString(CultureInfo.InvariantCulture)}");
    }

    private bool IsTime()
    {
        if (!context.Style.IsTerminal || context.Json || context.Clock.GetElapsedTime(start) is var elapsed && elapsed < next)
        {
            return false;
        }

        next = context.Clock.GetElapsedTime(start) + Pace;
        return true;
    }

    private void Show(string line)
    {
        context.Output.Write($"\r{line.PadRight(shown)}");
        context.Output.Flush();
        shown = Math.Max(shown, line.Length);
    }
}
