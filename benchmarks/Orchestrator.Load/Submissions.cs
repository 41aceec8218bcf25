using System.Diagnostics;
using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Load;

/// <summary>Users who submit.</summary>
internal sealed class Submissions(ClusterId cluster, LoadOptions options)
{
    private readonly List<SimulationId> accepted = [];
    private int number;
    private int again;

    public IReadOnlyList<SimulationId> Accepted => accepted;

    /// <summary>Submissions that had no answer in time, and were sent again.</summary>
    public int AgainCount => again;

    public Latencies Acknowledged { get; } = new();

    /// <summary>Numbers below are others'.</summary>
    public void StartAt(int first) => number = first;

    /// <summary>Submits so many more, some at once, and returns when all were answered; how many were refused.</summary>
    public async Task<int> SubmitAsync(LoadSilo silo, int count, Func<int, PriorityClass> priorityOf)
    {
        var (first, next, refused) = (number, -1, 0);
        number += count;
        var ids = Enumerable.Range(first, count).Select(static each => new SimulationId(string.Create(CultureInfo.InvariantCulture, $"s-{each:00000}"))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, options.Width).Select(_ => WorkAsync()));
        accepted.AddRange(ids);
        return refused;

        async Task WorkAsync()
        {
            while (Interlocked.Increment(ref next) is var at && at < count)
            {
                var watch = Stopwatch.StartNew();
                var reply = await SubmitOneAsync(silo.Grains.GetGrain<ISimulationGrain>(ids[at].Value), new() { Definition = Definition(ids[at], first + at, priorityOf(at)), Order = first + at });
                Acknowledged.Add(watch.Elapsed);
                if (reply.Outcome is not (SubmitOutcome.Accepted or SubmitOutcome.Repeated))
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }
    }

    /// <summary>Who gets no answer asks again, as clients do.</summary>
    private async Task<SubmitReply> SubmitOneAsync(ISimulationGrain grain, SubmitRequest request)
    {
        while (true)
        {
            try
            {
                return await grain.SubmitAsync(request);
            }
            catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException or OrchestratorException { IsTransient: true })
            {
                Interlocked.Increment(ref again);
            }
        }
    }

    /// <summary>Two cores for months, of one of twenty users.</summary>
    private SimulationDefinition Definition(SimulationId id, int turn, PriorityClass priority) => new()
    {
        Id = id,
        Name = id.Value,
        Campaign = string.Create(CultureInfo.InvariantCulture, $"campaign-{turn / 500}"),
        Owner = new Ownership { Institution = "climate", Project = "attribution", User = string.Create(CultureInfo.InvariantCulture, $"user-{turn % 20}") },
        Cluster = cluster,
        Priority = priority,
        Stages =
        [
            new()
            {
                Name = "run",
                Run = "./model",
                Resources = new ResourceRequest { Threads = 2, MemoryPerNode = 4L << 30 },
                EstimatedDuration = TimeSpan.FromDays(30),
            },
        ],
    };
}
