using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Grains.Events;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orchestrator.Grains.Scenarios;

internal sealed partial class ScenarioGrain
{
    private const int PageMax = 1000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly HashSet<SimulationId> nudgedBy = [];
    private IGrainTimer gathering = null!;
    private bool looksAtAll;
    private bool isGatheringArmed;

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<OrchestratorEvent>().ResumeAsync(this);

    public Task OnNextAsync(OrchestratorEvent item, StreamSequenceToken? token = null)
    {
        if (!isLost
            && SimulationId.TryParse(item.Source, out var simulation)
            && store.State.Members.TryGetValue(simulation, out var member)
            && item.Sequence > member.Cursor
            && nudgedBy.Add(simulation))
        {
            ArmGathering(options.Value.Gather);
        }

        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private void ArmGathering(TimeSpan due)
    {
        if (!isGatheringArmed || due == TimeSpan.Zero)
        {
            isGatheringArmed = true;
            gathering.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task GatherAsync(CancellationToken cancellationToken)
    {
        isGatheringArmed = false;
        if (isLost || store.State.Status == ScenarioStatus.Absent)
        {
            nudgedBy.Clear();
            looksAtAll = false;
            return;
        }

        SimulationId[] sources = looksAtAll
            ? [.. store.State.Members.Keys.Union(nudgedBy)]
            : [.. nudgedBy];
        try
        {
            foreach (var source in sources)
            {
                await TakeInAsync(source, cancellationToken);
                nudgedBy.Remove(source);
            }

            nudgedBy.Clear();
            looksAtAll = false;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (!isLost)
            {
                ScenarioGrainLog.GatheringFailed(logger, Key, RetryAfter, error);
                isGatheringArmed = true;
                gathering.Change(RetryAfter, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task TakeInAsync(SimulationId source, CancellationToken cancellationToken)
    {
        while (store.State.Members.TryGetValue(source, out var member))
        {
            var page = await log.EventsAfterAsync(source.Value, member.Cursor, PageMax, cancellationToken);
            if (page.Count > 0)
            {
                await StepAsync(new ScenarioInput.Observed(source, [.. page.Select(EventPublisher.Read)]));
            }

            // What an ended one does not take in, it would read again.
            if (page.Count < PageMax || store.State.Members.GetValueOrDefault(source)?.Cursor == member.Cursor)
            {
                return;
            }
        }
    }
}
