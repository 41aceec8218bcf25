using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;
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

    /// <summary>Plans follow each other no faster. Default 50 ms; what changes meanwhile is planned together. The first plan after a pause is made at once.</summary>
    public TimeSpan PlanInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>So many nodes and simulations are told something at once at most. Default 256.</summary>
    public int EffectWidth { get; set; } = 256;

    /// <summary>
    /// A question about the queue to come is played forward for so long at most, and answered with what is known by then. Default 4 s; it has to stay well below the time-out of calls, or such questions fail.
    /// </summary>
    public TimeSpan LookAheadTime { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>What is known of the accounts of those that wait or run is asked for so often. Default 30 s.</summary>
    public TimeSpan AccountsEvery { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A policy file, or the name of a preset; a relative path is in the data directory. The host reads it into <see cref="Scheduling"/>. Default: none, the built-in settings.</summary>
    public string? Policy { get; set; }

    /// <summary>By what plans are made, unless a cluster was given a policy of its own. Default: the built-in settings.</summary>
    public SchedulingSettings Scheduling { get; set; } = new();

    /// <summary>The highest priority that those who are no operators may give to own work, 0 to 1. Default 0.5.</summary>
    public double SubmitterPriorityMax { get; set; } = 0.5;

    /// <summary>The highest class that they may give to own work or to a reservation. Default high.</summary>
    public PriorityClass SubmitterClassMax { get; set; } = PriorityClass.High;

    /// <summary>Reservations of theirs last so long at most. Default 7 days.</summary>
    public TimeSpan SubmitterReservationMax { get; set; } = TimeSpan.FromDays(7);

    /// <summary>And begin so far ahead at most. Default 60 days.</summary>
    public TimeSpan SubmitterReservationAhead { get; set; } = TimeSpan.FromDays(60);

    /// <summary>And keep so many nodes at most. Default: any number.</summary>
    public int? SubmitterReservationNodes { get; set; }

    internal ClusterPolicy PolicyOf(NodeOptions nodes) => new()
    {
        HeartbeatInterval = nodes.HeartbeatInterval,
        DetectionWindow = nodes.DetectionWindow,
        ForgetNodesAfter = ForgetNodesAfter,
        Scheduling = Scheduling,
        Submitters = new()
        {
            PriorityMax = SubmitterPriorityMax,
            ClassMax = SubmitterClassMax,
            ReservationMax = SubmitterReservationMax,
            ReservationAhead = SubmitterReservationAhead,
            ReservationNodes = SubmitterReservationNodes,
        },
    };
}
