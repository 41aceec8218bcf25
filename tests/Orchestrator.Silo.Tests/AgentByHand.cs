using System.Net.Http.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Silo.Tests;

/// <summary>Speaks the agents' protocol, and says what the test wants.</summary>
internal sealed class AgentByHand(HttpClient client, string name)
{
    private readonly Dictionary<AttemptId, long> sequences = [];

    public NodeId Node { get; } = new("n-" + name);

    public string Instance { get; } = name + "-1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<RegisterReply> RegisterAsync(int cores = 4) => PostAsync<RegisterReply>($"/v1/nodes/{Node}/register", new NodeRegistration
    {
        Node = Node,
        Cluster = new("k-main"),
        Instance = Instance,
        Capabilities = new() { Cores = cores, Memory = 1L << 33, HostName = name },
        AgentVersion = "test",
    });

    public Task<HeartbeatReply> BeatAsync(long version) => PostAsync<HeartbeatReply>($"/v1/nodes/{Node}/heartbeat", new NodeHeartbeat { Node = Node, Instance = Instance, WantedVersion = version });

    public async Task<WantedLeases> WantedAsync(long after, int wait)
    {
        using var reply = await client.GetAsync($"/v1/nodes/{Node}/wanted?after={after}&wait={wait}", Token);
        return await SiloUnderTest.ReadAsync<WantedLeases>(reply);
    }

    /// <summary>Waits until a lease of this attempt is wanted.</summary>
    public async Task<(WantedLease Lease, long Version)> LeaseAsync(string stage, int epoch = 1, long after = -1)
    {
        while (true)
        {
            var wanted = await WantedAsync(after, 30);
            if (wanted.Leases.FirstOrDefault(lease => lease.Attempt.Stage == stage && lease.Attempt.Epoch == epoch) is { } found)
            {
                return (found, wanted.Version);
            }

            after = wanted.Version;
        }
    }

    public async Task<LaunchReply> LaunchAsync(AttemptId attempt)
    {
        using var reply = await client.GetAsync($"/v1/simulations/{attempt.Simulation}/attempts/{attempt.Stage}/{attempt.Epoch}/launch?node={Node}", Token);
        return await SiloUnderTest.ReadAsync<LaunchReply>(reply);
    }

    public async Task<ReportReply[]> ReportAsync(params AttemptReport[] reports)
    {
        var numbered = reports.Select(report => report with { Node = Node, Sequence = sequences[report.Attempt] = sequences.GetValueOrDefault(report.Attempt) + 1, At = DateTimeOffset.UnixEpoch }).ToArray();
        return await PostAsync<ReportReply[]>($"/v1/nodes/{Node}/reports", numbered);
    }

    /// <summary>Starts and completes an attempt.</summary>
    public async Task RunAsync(AttemptId attempt)
    {
        (await LaunchAsync(attempt)).Launch.ShouldNotBeNull();
        var replies = await ReportAsync(
            new AttemptReport.Started { Attempt = attempt, ProcessId = 1 },
            new AttemptReport.Progressed { Attempt = attempt, Progress = 1, Step = 10 },
            new AttemptReport.Exited { Attempt = attempt, ExitStatus = 0, Progress = 1 });
        replies.ShouldAllBe(static reply => reply.Verdict == ReportVerdict.Accepted);
        replies[^1].Instruction.ShouldBe(ReportInstruction.Publish);
        await ReportAsync(new AttemptReport.Published { Attempt = attempt });
    }

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var content = JsonContent.Create(body, body.GetType(), options: WireJson.Options);
        using var reply = await client.PostAsync(path, content, Token);
        return await SiloUnderTest.ReadAsync<T>(reply);
    }
}
