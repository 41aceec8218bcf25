using System.Collections.Immutable;
using Orchestrator.Agent.Programs;
using Orchestrator.Core.Rendering;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <summary>The newest of what a program said, and whether it was reported.</summary>
internal sealed class ProgressGatherer
{
    private readonly Dictionary<string, Artifact> artifacts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PreviewRecord> previews = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, double> metrics = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>0 to 1; -1: not said.</summary>
    public double Progress { get; private set; } = -1;

    /// <summary>-1: not said.</summary>
    public long Step { get; private set; } = -1;

    /// <summary>Something was said since the last <see cref="Take"/>.</summary>
    public bool HasNews { get; private set; }

    public void Add(ProgressLine line)
    {
        if (line.Checkpoint is not null)
        {
            // What it says of the checkpoint goes with the checkpoint.
            return;
        }

        Progress = line.Progress ?? Progress;
        Step = line.Step ?? Step;
        metrics = metrics.SetItems(line.Metrics);
        if (line.Artifact is { } artifact)
        {
            artifacts[artifact.Path] = artifact;
        }

        HasNews |= line.Progress is not null || line.Step is not null || line.Artifact is not null || !line.Metrics.IsEmpty;
    }

    public void Add(PreviewRecord preview)
    {
        previews[preview.Path] = preview;
        HasNews = true;
    }

    public AttemptReport.Progressed Take()
    {
        var report = new AttemptReport.Progressed
        {
            Progress = Progress < 0 ? null : Progress,
            Step = Step < 0 ? null : Step,
            Metrics = metrics,
            Artifacts = [.. artifacts.Values.OrderBy(artifact => artifact.Path, StringComparer.Ordinal)],
            Previews = [.. previews.Values.OrderBy(preview => preview.Order)],
        };
        artifacts.Clear();
        previews.Clear();
        HasNews = false;
        return report;
    }
}
