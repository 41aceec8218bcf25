using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>Says in few words what a test of placement needs.</summary>
internal static class Make
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static SchedulableNode Node(int number, int cores = 4, long memory = 100) =>
        new() { Id = Id(number), Cores = cores, Memory = memory };

    public static SchedulableNode WithGpus(this SchedulableNode node, params (string Model, long Memory)[] gpus) =>
        node with { Gpus = [.. gpus.Select(gpu => new SchedulableGpu { Model = gpu.Model, Memory = gpu.Memory })] };

    public static NodeId Id(int number) => new(string.Create(CultureInfo.InvariantCulture, $"n-{number}"));

    public static AttemptId Attempt(int number) =>
        new(new SimulationId(string.Create(CultureInfo.InvariantCulture, $"s-{number}")), "run", 1);

    /// <summary>The number names the attempt and is its place in the order of submission.</summary>
    public static PendingRequest Request(int number, ResourceRequest resources, PriorityClass priority = PriorityClass.Medium) =>
        new() { Attempt = Attempt(number), Resources = resources, Priority = priority, SubmissionOrder = number };

    public static PendingRequest Cores(int number, int cores, int nodes = 1, PriorityClass priority = PriorityClass.Medium) =>
        Request(number, new() { Nodes = nodes, Threads = cores }, priority);

    public static SchedulingProblem Problem(SchedulableNode[] nodes, PendingRequest[] pending, params NodeShare[] leased) =>
        new() { Nodes = [.. nodes], Pending = [.. pending], Running = leased.Length == 0 ? [] : [new() { Attempt = Attempt(999_999), Shares = [.. leased] }] };

    /// <summary>By class, then submission; equal nodes by id; so many keep a place in time.</summary>
    public static SchedulingSettings Plain { get; } = new() { Order = new() { Policy = QueuePolicy.Priority } };

    public static SchedulerParts PlainParts { get; } = new() { Preference = new PlainPreference() };

    public static SchedulingPlan Plan(this SchedulingProblem problem, SchedulingSettings? settings = null) => new Scheduler(settings ?? Plain, PlainParts).Plan(problem, Now);

    public static ImmutableArray<NodeShare> Shares(this SchedulingPlan plan, int number) =>
        plan.Placements.Single(placement => placement.Attempt == Attempt(number)).Shares;

    public static NodeShare Share(this SchedulingPlan plan, int number) => plan.Shares(number).ShouldHaveSingleItem();

    public static WaitReason Reason(this SchedulingPlan plan, int number) =>
        plan.Waiting.Single(waiting => waiting.Attempt == Attempt(number)).Reason;

    /// <summary>Every decision of a plan, one a line, so that two plans can be compared whole.</summary>
    public static string Text(this SchedulingPlan plan) => string.Join('\n',
        plan.Placements.Select(placement => $"{placement.Attempt}: " + string.Join(' ', placement.Shares.Select(share =>
                $"{share.Node}[{string.Join(',', share.Cores)}|{share.Memory}|{string.Join(',', share.Gpus)}|{share.Exclusive}]")))
            .Concat(plan.Places.Select(place => $"{place.Attempt} at {place.Start:O} until {place.End:O} on {string.Join(' ', place.Nodes)}"))
            .Concat(plan.Waiting.Select(waiting => $"{waiting.Attempt}: {waiting.Reason} for {waiting.Reason.For} planned {waiting.Reason.PlannedStart:O} behind {waiting.Reason.Ahead}")));
}
