using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>The factors of all that wait, as they are at one moment, and the priorities that they make.</summary>
internal sealed class FactorSheet
{
    /// <summary>So many turns later a request has half of what the turn is worth.</summary>
    private const double TurnsToHalf = 100;

    /// <summary>So much of all weights keeps one behind another for certain.</summary>
    private const double Behind = 1e-9;

    private static readonly long UrgencyTicks = TimeSpan.FromDays(2).Ticks;

    /// <summary>Those that have waited as long as anybody should.</summary>
    private bool[] starved = [];

    public PriorityFactors[] Factors { get; private set; } = [];

    /// <summary>The class in which each counts.</summary>
    public PriorityClass[] Classes { get; private set; } = [];

    /// <summary>The class in which each would count without its wait.</summary>
    public PriorityClass[] Unaged { get; private set; } = [];

    /// <summary>For how long each counts as having waited among those that may only slip in, in ticks.</summary>
    public double[] Slips { get; private set; } = [];

    /// <summary>All but fair share.</summary>
    /// <param name="waiting">All that wait.</param>
    /// <param name="settings">That are sound.</param>
    /// <param name="scale">Sizes of work.</param>
    /// <param name="drain">Seconds for which what waits would fill the whole cluster.</param>
    /// <param name="now">UTC ticks.</param>
    public void Fill(ReadOnlySpan<WaitingFacts> waiting, OrderSettings settings, WorkScale scale, double drain, long now)
    {
        if (starved.Length < waiting.Length)
        {
            var size = Spare.Length(starved.Length, waiting.Length);
            (starved, Factors, Classes, Unaged, Slips) = (new bool[size], new PriorityFactors[size], new PriorityClass[size], new PriorityClass[size], new double[size]);
        }

        var classOf = new EffectiveClass(settings);
        var ageHalf = (double)settings.AgeHalf.Ticks;
        var margin = settings.DeadlineMargin.Ticks;
        var longest = settings.LongestWait?.Ticks ?? long.MaxValue;
        var head = settings.HeadStart;
        var length = scale.Length * TimeSpan.TicksPerSecond;
        var deep = drain > 0 ? drain / (drain + scale.Length) : 0;
        var veryDeep = drain > 0 ? drain / (drain + (2 * scale.Length)) : 0;
        for (var index = 0; index < waiting.Length; index++)
        {
            ref readonly var facts = ref waiting[index];
            var hasDeadline = facts.Deadline != long.MaxValue;
            // Without a moment nothing is known of its wait.
            var waited = facts.Since < 0 ? 0 : Math.Max(0, now - facts.Since);
            var left = hasDeadline ? facts.Deadline - now : long.MaxValue;
            var atRisk = hasDeadline && facts.Work >= left - margin;
            starved[index] = waited >= longest;
            Unaged[index] = classOf.WithoutAge(facts, left, atRisk);
            Classes[index] = classOf.Aged(Unaged[index], waited);
            var smaller = scale.OfStep(facts.Step);
            var small = 1 / (1 + (smaller / head.SmallPart));
            var counted = waited + (length * deep * head.Small * small);
            Slips[index] = waited + (length * veryDeep * ((head.SmallInBackfill * small) + (head.LargeInBackfill * veryDeep * smaller)));
            Factors[index] = new()
            {
                Class = EffectiveClass.Factor(classOf.Aged(Unaged[index], (long)counted)),
                Age = counted / (counted + ageHalf),
                Deadline = hasDeadline ? Urgency(left, atRisk) : 0,
                Size = small,
                Promise = double.IsNaN(facts.Promise) ? 0.5 : Math.Clamp(facts.Promise, 0, 1),
            };
        }
    }

    /// <summary>Those whom <see cref="OverloadRule"/> lowers count one class less; to be called after <see cref="Fill"/>, where the rule is on.</summary>
    public void Lower(ReadOnlySpan<WaitingFacts> waiting, double load)
    {
        if (load <= OverloadRule.Threshold)
        {
            return;
        }

        var work = new LoweredClass[waiting.Length];
        for (var index = 0; index < work.Length; index++)
        {
            work[index] = new(waiting[index].Request.Attempt, Classes[index], waiting[index].Request.SubmissionOrder) { Place = index };
        }

        foreach (var lowered in OverloadRule.Lower(load, work))
        {
            var index = lowered.Place;
            Classes[index] = lowered.Priority;
            Unaged[index] = (PriorityClass)Math.Max((int)PriorityClass.Background, (int)Unaged[index] - 1);
            Factors[index] = Factors[index] with { Class = EffectiveClass.Below(Factors[index].Class) };
        }
    }

    /// <summary>
    /// Fair share, and what age has to do with it: a wait carries nobody past those whose turn is due before his and who were not of a lower class without it; they count as having waited as long.
    /// Otherwise, on a full machine, those who may use little of it would wait longest, and by that get more than their share.
    /// </summary>
    /// <param name="byTurn">The indexes of all that wait, in the turns that were dealt.</param>
    /// <param name="waiting">All that wait; their users are known, and how well they were served.</param>
    /// <param name="settings">That are sound.</param>
    public void Share(ReadOnlySpan<int> byTurn, ReadOnlySpan<WaitingFacts> waiting, OrderSettings settings)
    {
        var anyStarved = false;
        Span<double> oldest = stackalloc double[(int)PriorityClass.Critical + 1];
        Span<double> highest = stackalloc double[(int)PriorityClass.Critical + 1];
        for (var turn = byTurn.Length - 1; turn >= 0; turn--)
        {
            var index = byTurn[turn];
            ref var of = ref Factors[index];
            var (age, level) = (of.Age, of.Class);
            for (var lower = (int)PriorityClass.Background; lower <= (int)Unaged[index]; lower++)
            {
                age = Math.Max(age, oldest[lower]);
                level = Math.Max(level, highest[lower]);
            }

            (oldest[(int)Unaged[index]], highest[(int)Unaged[index]]) = (age, level);
            of = of with { Age = age, Class = level, FairShare = 0.5 * ((TurnsToHalf / (TurnsToHalf + turn)) + waiting[index].User!.Want) };
            if (starved[index])
            {
                anyStarved = true;
                of = of with { Class = Math.Max(of.Class, EffectiveClass.Factor(PriorityClass.High)), Age = 1, FairShare = 1 };
            }
        }

        if (anyStarved && settings.Policy == QueuePolicy.Weighted)
        {
            KeepBehindCritical(byTurn.Length, settings.Weights);
        }
    }

    /// <summary>Those who waited too long go before all that is not critical, and behind all that is, whatever that used of its shares: of their fair share, then of their age, so much counts as keeps them there.</summary>
    private void KeepBehindCritical(int count, PriorityWeights weights)
    {
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var index = 0; index < count; index++)
        {
            if (Classes[index] == PriorityClass.Critical)
            {
                least = Math.Min(least, Sum(Factors[index], weights));
            }
            else if (starved[index])
            {
                most = Math.Max(most, Sum(Factors[index], weights));
            }
        }

        // As much is taken from all of them, so that they stay in their order.
        var excess = most - least + (Behind * OrderRules.Sum(weights));
        var share = weights.FairShare > 0 ? Math.Clamp(excess / weights.FairShare, 0, 1) : 0;
        var age = weights.Age > 0 ? Math.Clamp((excess - (share * weights.FairShare)) / weights.Age, 0, 1) : 0;
        for (var index = 0; index < count; index++)
        {
            if (starved[index] && Classes[index] != PriorityClass.Critical)
            {
                Factors[index] = Factors[index] with { FairShare = 1 - share, Age = 1 - age };
            }
        }
    }

    /// <summary>The computed priorities of so many.</summary>
    public void Sum(OrderSettings settings, Span<double> priorities)
    {
        var weights = settings.Weights;
        var sum = OrderRules.Sum(weights);
        for (var index = 0; index < priorities.Length; index++)
        {
            ref readonly var of = ref Factors[index];
            priorities[index] = settings.Policy switch
            {
                QueuePolicy.Fifo => 0.5,
                QueuePolicy.Priority => of.Class,
                QueuePolicy.Fair => of.FairShare,
                QueuePolicy.Deadline => of.Deadline,
                _ => Sum(of, weights) / sum,
            };
        }
    }

    private static double Sum(in PriorityFactors of, PriorityWeights weights) =>
        (weights.Class * of.Class) + (weights.Age * of.Age) + (weights.FairShare * of.FairShare) + (weights.Deadline * of.Deadline) + (weights.Size * of.Size) + (weights.Promise * of.Promise);

    /// <summary>Falls with the time that is left, without end, so that the earlier of two deadlines is always the more urgent; risk is worth more than any nearness.</summary>
    private static double Urgency(long left, bool atRisk)
    {
        var nearness = left >= 0 ? 0.75 * UrgencyTicks / (UrgencyTicks + (double)left) : 0.75 + (0.25 * (1 - (UrgencyTicks / (UrgencyTicks - (double)left))));
        return (atRisk ? 0.5 : 0) + (0.5 * Math.Max(nearness, double.Epsilon));
    }
}
