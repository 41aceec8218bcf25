using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orchestrator.Grains.Effects;

/// <summary>
/// Does what a grain owes the world, after it was stored. Effects of one lane are done in their order, one at a time; lanes are independent, each with its own deadline
/// and backoff, so that a dead peer holds up nobody, least of all the grain: calls run between its turns and touch no state. What came back is stepped into the machine
/// by a timer turn that does not interleave. An effect may be done twice; it is owed until the state says otherwise.
/// </summary>
internal sealed class EffectPump<TEffect, TInput>
    where TEffect : class
    where TInput : class
{
    private readonly EffectPumpOptions<TEffect, TInput> options;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly IGrainTimer timer;
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly Queue<Outcome> outcomes = new();
    private int busy;
    private bool stopped;

    /// <summary>The pump lives as long as the grain's activation, and runs on the clock of grains.</summary>
    public EffectPump(IGrainBase grain, EffectPumpOptions<TEffect, TInput> options, TimeProvider clock, ILogger logger)
    {
        this.options = options;
        this.clock = clock;
        this.logger = logger;
        timer = grain.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions
        {
            DueTime = Timeout.InfiniteTimeSpan,
            Period = Timeout.InfiniteTimeSpan,
            KeepAlive = true,
        });
    }

    /// <summary>Nothing is under way.</summary>
    public bool IsIdle => !lanes.Values.Any(static lane => lane.Busy) && outcomes.Count == 0;

    /// <summary>Looks at what is owed, after the present turn. Cheap; call it after every step.</summary>
    public void Arm() => ArmIn(TimeSpan.Zero);

    /// <summary>On deactivation: nothing more is started, and what comes back is dropped.</summary>
    public void Stop()
    {
        stopped = true;
        timer.Dispose();
    }

    private void ArmIn(TimeSpan due)
    {
        if (!stopped)
        {
            timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        List<Task> together = [];
        while (outcomes.TryDequeue(out var outcome))
        {
            var applied = ApplyAsync(outcome);
            if (options.ApplyTogether)
            {
                together.Add(applied);
            }
            else
            {
                await applied;
            }
        }

        await Task.WhenAll(together);

        if (stopped)
        {
            return;
        }

        var now = clock.GetUtcNow();
        DateTimeOffset? next = null;
        HashSet<string> seen = new(StringComparer.Ordinal);
        var isWhole = true;
        foreach (var effect in options.Owed())
        {
            if (busy >= options.Width)
            {
                // The rest follows as these come back.
                isWhole = false;
                break;
            }

            var name = options.Lane(effect);
            if (!seen.Add(name))
            {
                continue;
            }

            if (!lanes.TryGetValue(name, out var lane))
            {
                lanes.Add(name, lane = new());
            }

            if (lane.Busy)
            {
                continue;
            }

            if (lane.NotBefore > now)
            {
                next = next is { } earlier && earlier < lane.NotBefore ? next : lane.NotBefore;
                continue;
            }

            lane.Busy = true;
            busy++;
            _ = PerformAsync(name, effect);
        }

        if (isWhole && lanes.Count > seen.Count)
        {
            foreach (var idle in lanes.Where(pair => !pair.Value.Busy && !seen.Contains(pair.Key)).Select(static pair => pair.Key).ToArray())
            {
                lanes.Remove(idle);
            }
        }

        if (outcomes.Count > 0)
        {
            Arm();
        }
        else if (next is { } due)
        {
            ArmIn(due - now);
        }
    }

    private async Task ApplyAsync(Outcome outcome)
    {
        var lane = lanes[outcome.Lane];
        if (outcome.Error is { } error)
        {
            Free(lane);
            Postpone(lane, outcome.Lane, outcome.Effect, error);
            return;
        }

        try
        {
            await options.Apply(outcome.Input!);
            lane.Failures = 0;
            lane.NotBefore = default;
        }
        catch (Exception applyError)
        {
            // The effect stays owed, so it comes again.
            Postpone(lane, outcome.Lane, outcome.Effect, applyError);
        }

        Free(lane);
    }

    private void Free(Lane lane)
    {
        lane.Busy = false;
        busy--;
    }

    /// <summary>Runs between turns on the activation's scheduler; it never throws, and touches nothing but the queue of outcomes.</summary>
    private async Task PerformAsync(string lane, TEffect effect)
    {
        try
        {
            using var deadline = new CancellationTokenSource(options.Deadline, clock);
            var input = await options.Perform(effect, deadline.Token).WaitAsync(options.Deadline, clock, CancellationToken.None);
            outcomes.Enqueue(new(lane, effect, input, null));
        }
        catch (Exception error)
        {
            outcomes.Enqueue(new(lane, effect, null, error));
        }

        Arm();
    }

    private void Postpone(Lane lane, string name, TEffect effect, Exception error)
    {
        lane.Failures = Math.Min(lane.Failures + 1, 30);
        var wait = TimeSpan.FromTicks(Math.Min(options.BackoffMax.Ticks, options.BackoffFirst.Ticks << Math.Min(lane.Failures - 1, 20)));
        lane.NotBefore = clock.GetUtcNow() + wait;
        EffectPumpLog.EffectFailed(logger, options.Owner, effect.GetType().Name, name, lane.Failures, wait, error);
    }

    private sealed class Lane
    {
        public bool Busy { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset NotBefore { get; set; }
    }

    private sealed record Outcome(string Lane, TEffect Effect, TInput? Input, Exception? Error);
}
