using Orchestrator.Core.Clusters;
using Orchestrator.Grains.Nodes;

namespace Orchestrator.Grains.Clusters;

/// <summary>How clusters keep their books.</summary>
public sealed class ClusterOptions
{
    /// <summary>The configuration section: <c>Orchestrator:Clusters</c>.</summary>
    public const string Section = "Orchestrator:Clusters";

    /// <summary>A snapshot of the ledger is taken after at least so many entries. Default 500; fewer make a start shorter and writing dearer.</summary>
    public int SnapshotAfter { get; set; } = 500;

    /// <summary>Nodes that hold nothing and were gone for so long leave the lists. Default 7 days.</summary>
    public TimeSpan ForgetNodesAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many nodes are asked at once when all are looked at. Default 32.</summary>
    public int SurveyWidth { get; set; } = 32;

    internal ClusterPolicy Policy(NodeOptions nodes) => new()
    {
        HeartbeatInterval = nodes.HeartbeatInterval,
        DetectionWindow = nodes.DetectionWindow,
        ForgetNodesAfter = ForgetNodesAfter,
    };
}
