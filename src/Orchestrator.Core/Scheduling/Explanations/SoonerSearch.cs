using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>Looks for single changes that start an attempt sooner than as it is. Amounts are made smaller by halves, then as large as still helps.</summary>
internal sealed class SoonerSearch(Replan replan, ISchedulingView view, PendingRequest request, WaitReason reason, DateTimeOffset? baseline, DateTimeOffset now)
{
    private static readonly TimeSpan Worth = TimeSpan.FromMinutes(1);

    private readonly List<SoonerChange> found = [];

    public ImmutableArray<SoonerChange> Find()
    {
        var wanted = request.Resources;
        if (reason.Constraint is PlacementConstraint.ValidRequest)
        {
            return [];
        }

        Amount(SoonerKind.FewerNodes, wanted.Nodes, nodes => request with { Resources = wanted with { Nodes = (int)nodes } }, nodes => Text($"ask for at most {nodes} nodes"));
        Amount(SoonerKind.FewerRanks, wanted.RanksPerNode, ranks => request with { Resources = wanted with { RanksPerNode = (int)ranks } }, ranks => Text($"ask for at most {ranks} ranks on each node"));
        Amount(SoonerKind.FewerGpus, wanted.GpusPerNode, gpus => request with { Resources = wanted with { GpusPerNode = (int)gpus } }, gpus => Text($"ask for at most {gpus} GPUs on each node"));
        Amount(SoonerKind.LessMemory, wanted.MemoryPerNode >> 20, memory => request with { Resources = wanted with { MemoryPerNode = memory << 20 } }, memory => Text($"ask for at most {memory} MiB on each node"), value => value << 20);
        Walltime();
        if (wanted.Exclusive)
        {
            Try(SoonerKind.SharedNodes, request with { Resources = wanted with { Exclusive = false } }, "share nodes with others");
        }

        if (wanted.Within is { } level)
        {
            Try(SoonerKind.AnyTopology, request with { Resources = wanted with { Within = null } }, $"do not ask for one {level}");
        }

        if (!request.Avoid.IsEmpty)
        {
            Try(SoonerKind.AvoidNothing, request with { Avoid = [] }, "avoid no nodes");
        }

        if (!request.CanCheckpoint && reason.Constraint is PlacementConstraint.Maintenance or PlacementConstraint.AllocationEnd or PlacementConstraint.Reserved)
        {
            Try(SoonerKind.Checkpoints, request with { CanCheckpoint = true }, "let it be stopped at a checkpoint");
        }

        OtherGpus();
        Windows();
        if (reason.Ahead > 0)
        {
            Try(SoonerKind.HigherPriority, request with { PriorityOverride = 1 }, "put it at the head of the queue");
        }

        return [.. found.OrderBy(static change => change.Start).ThenBy(static change => change.Kind).ThenBy(static change => change.Name, StringComparer.Ordinal)];
    }

    /// <summary>The largest smaller amount that starts now; failing that, the largest half, quarter and so on that starts sooner at all.</summary>
    private void Amount(SoonerKind kind, long amount, Func<long, PendingRequest> with, Func<long, string> words, Func<long, long>? unit = null)
    {
        if (amount <= 1)
        {
            return;
        }

        var helps = 0L;
        for (var part = amount / 2; part >= 1; part /= 2)
        {
            if (replan.StartsNow(with(part)))
            {
                helps = part;
                break;
            }
        }

        if (helps == 0)
        {
            var half = amount / 2;
            if (Sooner(replan.InTurn(with(half))) is { } start)
            {
                found.Add(new() { Kind = kind, Words = words(half), Start = start, Value = unit?.Invoke(half) ?? half });
            }

            return;
        }

        for (var (low, high) = (helps, helps * 2 > amount - 1 ? amount - 1 : helps * 2); low < high;)
        {
            var middle = low + (high - low + 1) / 2;
            (low, high) = replan.StartsNow(with(middle)) ? (middle, high) : (low, middle - 1);
            helps = low;
        }

        found.Add(new() { Kind = kind, Words = words(helps), Start = now, Value = unit?.Invoke(helps) ?? helps });
    }

    /// <summary>The longest walltime, to the minute, with which it starts now: before a place or a window of others.</summary>
    private void Walltime()
    {
        if (!HangsOnLength())
        {
            return;
        }

        var longest = request.DurationEstimate is { } estimate ? (long)estimate.TotalMinutes - 1 : 60 * 24 * 365;
        if (longest < 1 || !replan.StartsNow(Lasting(1)))
        {
            return;
        }

        var (low, high) = (1L, longest);
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            (low, high) = replan.StartsNow(Lasting(middle)) ? (middle, high) : (low, middle - 1);
        }

        var before = reason.For is { } name ? $" before {name}" : "";
        found.Add(new() { Kind = SoonerKind.ShorterWalltime, Words = Text($"ask for a walltime of at most {TimeSpan.FromMinutes(low)}: it then ends{before} in time"), Start = now, Value = low * 60 });
    }

    private bool HangsOnLength() => reason.Constraint is
        PlacementConstraint.AllocationEnd or PlacementConstraint.Maintenance or PlacementConstraint.Reserved or PlacementConstraint.NotAhead or PlacementConstraint.Budget or PlacementConstraint.FreeLicences;

    private PendingRequest Lasting(long minutes) => request with { DurationEstimate = TimeSpan.FromMinutes(minutes), DurationExpected = null, DurationHigh = null };

    private void OtherGpus()
    {
        var wanted = request.Resources;
        if (wanted.GpusPerNode == 0 || wanted.GpuModel is not { } named)
        {
            return;
        }

        foreach (var model in view.Nodes.SelectMany(static node => node.Gpus).Select(static gpu => gpu.Model).Where(model => !GpuSuits.IsModel(model, named)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            Try(SoonerKind.OtherGpu, request with { Resources = wanted with { GpuModel = model } }, $"use GPUs of model {model}", model);
        }
    }

    private void Windows()
    {
        foreach (var window in view.Context.Windows.Where(static window => window is { Cancellable: true, Status: WindowStatus.Pending }))
        {
            Try(SoonerKind.CancelWindow, request, $"cancel the window {window.Id}", window.Id, view.Context with { Windows = [.. view.Context.Windows.Where(other => other.Id != window.Id)] });
        }
    }

    private void Try(SoonerKind kind, PendingRequest changed, string words, string name = "", SchedulingContext? context = null)
    {
        var start = replan.StartsNow(changed, context) ? now : Sooner(replan.InTurn(changed, context));
        if (start is { } sooner)
        {
            found.Add(new() { Kind = kind, Words = words, Start = sooner, Name = name });
        }
    }

    private DateTimeOffset? Sooner(DateTimeOffset? start) => start is not null && (baseline is null || baseline - start >= Worth) ? start : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
