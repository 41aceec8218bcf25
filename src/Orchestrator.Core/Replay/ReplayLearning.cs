using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Replay;

/// <summary>The jobs of a replay as requests to the scheduler, with what is learned of their users while it goes on, as the service learns it.</summary>
/// <param name="jobs">By their index.</param>
/// <param name="resources">What a job asks for.</param>
/// <param name="isLearning">False: estimates are taken as they are.</param>
internal sealed class ReplayLearning(ImmutableArray<WorkloadJob> jobs, Func<WorkloadJob, ResourceRequest> resources, bool isLearning)
{
    /// <summary>The zero of a trace's clock.</summary>
    public static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, HashSet<int>> waitingOf = new(StringComparer.Ordinal);

    /// <summary>What is known by now.</summary>
    public LearnedWork Work { get; private set; } = LearnedWork.Empty;

    public static DateTimeOffset At(long ticks) => Epoch.AddTicks(ticks);

    public static AttemptId Attempt(int job) => new(new SimulationId(string.Create(CultureInfo.InvariantCulture, $"s-{job}")), "run", 1);

    /// <summary>Index of the job of a request.</summary>
    public static int JobOf(PendingRequest request) => (int)request.SubmissionOrder;

    /// <summary>A job was submitted.</summary>
    public PendingRequest Submit(int index, long now)
    {
        var job = jobs[index];
        var request = new PendingRequest
        {
            Attempt = Attempt(index),
            Resources = resources(job),
            SubmissionOrder = index,
            QueuedSince = At(now),
            DurationEstimate = job.Limit,
            DurationExpected = Expected(job),
            Owner = new Ownership { User = job.User },
        };
        Work = Work.Submitted(request.DurationExpected ?? job.Limit, job.Processors);
        if (isLearning && job.User.Length > 0)
        {
            if (!waitingOf.TryGetValue(job.User, out var waiting))
            {
                waitingOf[job.User] = waiting = [];
            }

            waiting.Add(index);
        }

        return request;
    }

    public void Start(int index)
    {
        if (waitingOf.TryGetValue(jobs[index].User, out var waiting))
        {
            waiting.Remove(index);
        }
    }

    /// <summary>A job ended; the jobs that wait of its user are judged anew.</summary>
    public IReadOnlyCollection<int> End(int index)
    {
        var job = jobs[index];
        if (!isLearning || job.User.Length == 0)
        {
            return [];
        }

        Work = Work.Ended(job.User, job.Limit, job.Processors, job.Run);
        return waitingOf[job.User];
    }

    /// <summary>What is now expected of a job that waits.</summary>
    public PendingRequest Again(PendingRequest request) => request with { DurationExpected = Expected(jobs[JobOf(request)]) };

    private TimeSpan? Expected(WorkloadJob job) => isLearning ? Work.Expected(job.User, job.Limit, job.Processors) : null;
}
