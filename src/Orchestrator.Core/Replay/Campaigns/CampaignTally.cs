using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>What is counted while a replay runs. Times are ticks.</summary>
internal sealed class CampaignTally
{
    public int NodeFailures { get; set; }

    public int SentBack { get; set; }

    public int Relocations { get; set; }

    public int PreemptionsOfProtected { get; private set; }

    public int PreemptionsOfOthers { get; private set; }

    public SortedDictionary<PreemptionTrigger, int> Triggers { get; } = [];

    /// <summary>Of attempts that make checkpoints, by whether they are protected.</summary>
    public List<long> LossesOfProtected { get; } = [];

    public List<long> LossesOfOthers { get; } = [];

    /// <summary>Attempts without checkpoints that a node took with it.</summary>
    public int LossesWithoutCheckpoint { get; private set; }

    public List<long> RecoveriesOfProtected { get; } = [];

    /// <summary>The part of <see cref="RecoveriesOfProtected"/> in the queue.</summary>
    public List<long> RecoveryWaitsOfProtected { get; } = [];

    public List<long> RecoveriesOfOthers { get; } = [];

    public List<long> Moves { get; } = [];

    public List<(string Window, long Delay)> WindowsDelayed { get; } = [];

    public SortedDictionary<PriorityClass, List<long>> FirstWaits { get; } = [];

    public SortedDictionary<PriorityClass, long> LongestWaits { get; } = [];

    /// <summary>Core-ticks of work that was lost because its time to leave was up.</summary>
    public double LostLeaving { get; private set; }

    public void Waited(ReplayedWork work, long wait)
    {
        if (work.Epoch == 1)
        {
            if (!FirstWaits.TryGetValue(work.Priority, out var waits))
            {
                FirstWaits.Add(work.Priority, waits = []);
            }

            waits.Add(wait);
        }

        LongestWaits[work.Priority] = Math.Max(LongestWaits.GetValueOrDefault(work.Priority), wait);
    }

    public void Preempted(ReplayedWork work, PreemptionTrigger trigger)
    {
        Triggers[trigger] = Triggers.GetValueOrDefault(trigger) + 1;
        if (work.Protected)
        {
            PreemptionsOfProtected++;
        }
        else
        {
            PreemptionsOfOthers++;
        }
    }

    public void Lost(ReplayedWork work, long loss)
    {
        if (!work.CanCheckpoint)
        {
            LossesWithoutCheckpoint++;
        }
        else
        {
            (work.Protected ? LossesOfProtected : LossesOfOthers).Add(loss);
        }
    }

    public void LostByLeaving(long coreTicks) => LostLeaving += coreTicks;

    public void Recovered(ReplayedWork work, long time, long inQueue)
    {
        (work.Protected ? RecoveriesOfProtected : RecoveriesOfOthers).Add(time);
        if (work.Protected)
        {
            RecoveryWaitsOfProtected.Add(inQueue);
        }
    }

    public void Moved(long time) => Moves.Add(time);
}
