using System.Globalization;
using System.Text;
using Climate.Output;

namespace Climate.Protocol;

/// <summary>Reports to the orchestrator as JSON lines, each by one write(). Does nothing where there is no file to report to.</summary>
internal sealed class ProgressFile(string? path)
{
    public void Report(double progress, long step, IReadOnlyList<(string Name, double Value)> metrics)
    {
        var values = string.Join(',', metrics.Select(m => $"\"{m.Name}\":{Number(m.Value)}"));
        Line($"{{\"progress\":{Number(progress)},\"step\":{step},\"metrics\":{{{values}}}}}");
    }

    public void Checkpoint(string name, long step, double progress) =>
        Line($"{{\"checkpoint\":\"{name}\",\"step\":{step},\"progress\":{Number(progress)}}}");

    public void Artifact(string name, double quality) =>
        Line($"{{\"artifact\":\"{name}\",\"quality\":{Number(quality)}}}");

    /// <summary>JSON has no word for what is not finite: such a metric is null.</summary>
    private static string Number(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "null";

    private void Line(string line)
    {
        if (path is not null)
        {
            NativeFile.AppendOnce(path, Encoding.UTF8.GetBytes(line + "\n"));
        }
    }
}
