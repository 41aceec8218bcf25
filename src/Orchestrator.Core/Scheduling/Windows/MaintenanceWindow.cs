using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>A time in which nodes are not to be used. A rolling one is a window for each group of nodes.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.maintenance-window")]
public sealed record MaintenanceWindow
{
    /// <summary>1 to 60 letters, digits, '.', '_' and '-'; unique in the cluster.</summary>
    [Id(0)] public string Id { get; init; } = "";

    [Id(1)] public WindowSeverity Severity { get; init; } = WindowSeverity.Major;

    [Id(2)] public DateTimeOffset Start { get; init; }

    /// <summary>After <see cref="Start"/>; it moves with <see cref="StartedAt"/>.</summary>
    [Id(3)] public DateTimeOffset End { get; init; }

    /// <summary>Its nodes; none: all nodes of the cluster.</summary>
    [Id(4)] public ImmutableArray<NodeId> Nodes { get; init; } = [];

    [Id(5)] public string Description { get; init; } = "";

    /// <summary>A critical reservation, or whoever added it, may cancel it before it starts.</summary>
    [Id(6)] public bool Cancellable { get; init; } = true;

    [Id(7)] public WindowStatus Status { get; init; } = WindowStatus.Pending;

    /// <summary>Who added it.</summary>
    [Id(8)] public string By { get; init; } = "";

    /// <summary>When it really began, once nothing was left on its nodes.</summary>
    [Id(9)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The rolling maintenance of which it is a part; "": none.</summary>
    [Id(10)] public string Rolling { get; init; } = "";

    /// <summary>The window that must be over before this one begins, whose <see cref="Start"/> follows it; "": none.</summary>
    [Id(11)] public string After { get; init; } = "";

    /// <summary>With <see cref="After"/>: pause between both.</summary>
    [Id(12)] public TimeSpan Gap { get; init; }

    /// <summary>When it was completed or cancelled.</summary>
    [Id(13)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it was cancelled.</summary>
    [Id(14)] public string Reason { get; init; } = "";

    /// <summary>How long its nodes are away, whenever it really begins.</summary>
    public TimeSpan Duration => End - (StartedAt ?? Start);

    /// <summary>When it ends if it begins at once, or, once it has begun, when it ends: what delays its start does not shorten it.</summary>
    public DateTimeOffset EndBy(DateTimeOffset now) => Status == WindowStatus.Blocked && now > Start ? now + Duration : End;

    public bool IsOver => Status is WindowStatus.Completed or WindowStatus.Cancelled;

    public bool Covers(NodeId node) => Nodes.IsEmpty || Nodes.Contains(node);
}
