using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

/// <summary>
/// A gateway in memory that answers as a node, a cluster and simulations would. Everything that passes takes the way of the wire. Its state changes wake whoever waits.
/// </summary>
internal sealed class ScriptedGateway : IAgentGateway
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private readonly List<AttemptReport> reports = [];
    private readonly List<NodeHeartbeat> heartbeats = [];
    private readonly List<NodeRegistration> registrations = [];
    private readonly Dictionary<AttemptId, LaunchSpecification> launches = [];
    private readonly Dictionary<AttemptId, List<AttemptReport>> deliveries = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WantedLeases wanted = new();
    private bool away;

    /// <summary>What a simulation answers to a report that it sees for the first time or again; null: as a healthy one would.</summary>
    public Func<AttemptReport, ReportReply?> Reply { get; set; } = _ => null;

    public RegisterReply Registration { get; set; } = new() { Accepted = true, HeartbeatInterval = TimeSpan.FromMilliseconds(50), DetectionWindow = TimeSpan.FromSeconds(1) };

    public HeartbeatVerdict Heartbeats { get; set; } = HeartbeatVerdict.Known;

    /// <summary>Reports in the order in which they counted, each once.</summary>
    public ImmutableArray<AttemptReport> Reports
    {
        get
        {
            lock (gate)
            {
                return [.. reports];
            }
        }
    }

    public ImmutableArray<NodeRegistration> Registrations
    {
        get
        {
            lock (gate)
            {
                return [.. registrations];
            }
        }
    }

    /// <summary>What a call that fails throws; null: what a client of the gateway throws.</summary>
    public Func<Exception>? Fault { get; set; }

    /// <summary>Every call fails while it is so.</summary>
    public bool Away
    {
        get
        {
            lock (gate)
            {
                return away;
            }
        }

        set => Change(() => away = value);
    }

    public void Want(WantedLease lease, LaunchSpecification? launch = null) => Change(() =>
    {
        if (launch is not null)
        {
            launches[lease.Attempt] = launch;
        }

        wanted = new() { Version = wanted.Version + 1, Leases = [.. wanted.Leases.Where(known => known.Attempt != lease.Attempt), lease] };
    });

    public long Unwant(AttemptId attempt)
    {
        Change(() => wanted = new() { Version = wanted.Version + 1, Leases = [.. wanted.Leases.Where(known => known.Attempt != attempt)] });
        return wanted.Version;
    }

    public long UnwantAll()
    {
        Change(() => wanted = new() { Version = wanted.Version + 1 });
        return wanted.Version;
    }

    public async Task<T> ReportAsync<T>(Func<T, bool>? condition = null) where T : AttemptReport =>
        await WhenAsync(() => reports.OfType<T>().FirstOrDefault(report => condition?.Invoke(report) ?? true), typeof(T).Name);

    public async Task<NodeHeartbeat> HeartbeatAsync(Func<NodeHeartbeat, bool> condition) =>
        await WhenAsync(() => heartbeats.LastOrDefault() is { } last && condition(last) ? last : null, "heartbeat");

    public async Task RegistrationAsync(int count) => await WhenAsync(() => registrations.Count >= count ? registrations : null, "registration");

    public Task<RegisterReply> RegisterAsync(NodeRegistration registration, CancellationToken cancellationToken = default)
    {
        Fail(cancellationToken);
        Change(() => registrations.Add(Wire(registration)));
        return Task.FromResult(Wire(Registration));
    }

    public Task<HeartbeatReply> HeartbeatAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default)
    {
        Fail(cancellationToken);
        Change(() => heartbeats.Add(Wire(heartbeat)));
        return Task.FromResult(new HeartbeatReply { Verdict = Heartbeats });
    }

    public async Task<WantedLeases> WaitForWantedAsync(NodeId node, long after, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                Fail(cancellationToken);
                if (wanted.Version > after)
                {
                    return Wire(wanted);
                }

                next = changed.Task;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    public Task<ImmutableArray<ReportReply>> ReportAsync(NodeId node, ImmutableArray<AttemptReport> delivered, CancellationToken cancellationToken = default)
    {
        Fail(cancellationToken);
        var replies = new List<ReportReply>();
        Change(() =>
        {
            foreach (var report in delivered)
            {
                replies.Add(Wire(Take(Wire(report))));
            }
        });
        return Task.FromResult(replies.ToImmutableArray());
    }

    public Task<LaunchReply> GetLaunchAsync(AttemptId attempt, NodeId node, CancellationToken cancellationToken = default)
    {
        Fail(cancellationToken);
        lock (gate)
        {
            return Task.FromResult(Wire(launches.TryGetValue(attempt, out var launch) ? new LaunchReply { Launch = launch } : new() { Reason = "The attempt does not hold its lease." }));
        }
    }

    private static T Wire<T>(T message) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(message, WireJson.Options), WireJson.Options)!;

    private ReportReply Take(AttemptReport report)
    {
        var known = deliveries.TryGetValue(report.Attempt, out var list) ? list : deliveries[report.Attempt] = [];
        if (report.Sequence > known.Count + 1)
        {
            return new() { Verdict = ReportVerdict.OutOfOrder, Instruction = ReportInstruction.None };
        }

        var reply = Reply(report) ?? new() { Verdict = ReportVerdict.Accepted, Instruction = Next(report) };
        if (report.Sequence <= known.Count)
        {
            report.Sequence.ShouldBe(known[(int)report.Sequence - 1].Sequence);
            report.GetType().ShouldBe(known[(int)report.Sequence - 1].GetType(), "a number was given twice");
            return reply.Verdict == ReportVerdict.Accepted ? reply with { Verdict = ReportVerdict.Repeated } : reply;
        }

        known.Add(report);
        reports.Add(report);
        return reply;
    }

    private static ReportInstruction Next(AttemptReport report) => report switch
    {
        AttemptReport.Exited { ExitStatus: 0, MissingOutputs.IsEmpty: true } exited when !exited.AskedToLeave || exited.Progress >= 1 => ReportInstruction.Publish,
        _ => ReportInstruction.None,
    };

    private void Fail(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Away)
        {
            throw Fault?.Invoke() ?? new GatewayException("The gateway is away.", isTransient: true);
        }
    }

    private void Change(Action change)
    {
        lock (gate)
        {
            change();
            var before = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            before.TrySetResult();
        }
    }

    private async Task<T> WhenAsync<T>(Func<T?> look, string what) where T : class
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, TestContext.Current.CancellationToken);
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (look() is { } found)
                {
                    return found;
                }

                next = changed.Task;
            }

            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"No {what} came that was expected; there were: {string.Join(Environment.NewLine, Reports.Select(report => report.ToString()))}");
            }
        }
    }
}
