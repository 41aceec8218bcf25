using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>
/// As EffectPump: effects of one lane one after the other, each lane with its own backoff; what came back is stepped in a turn. Simplified: a deadline is that of the call that is made, and
/// any number of effects are under way.
/// </summary>
internal sealed class Pump<TEffect, TInput>
    where TEffect : class
    where TInput : class
{
    private static readonly TimeSpan BackoffFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);

    private readonly Activation activation;
    private readonly GrainTimer timer;
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly Queue<(string Lane, TInput? Input)> outcomes = new();

    public Pump(Activation activation)
    {
        this.activation = activation;
        timer = new(activation, TickAsync);
    }

    public required Func<IEnumerable<TEffect>> Owed { get; init; }

    public required Func<TEffect, string> LaneOf { get; init; }

    public required Func<TEffect, Task<TInput>> Perform { get; init; }

    public required Func<TInput, Task> Apply { get; init; }

    public bool ApplyTogether { get; init; }

    public void Arm() => timer.Change(TimeSpan.Zero);

    private async Task TickAsync()
    {
        List<Task> together = [];
        while (outcomes.TryDequeue(out var outcome))
        {
            var applied = ApplyAsync(outcome.Lane, outcome.Input);
            if (ApplyTogether)
            {
                together.Add(applied);
            }
            else
            {
                await applied;
            }
        }

        await Task.WhenAll(together);
        DateTimeOffset? next = null;
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var effect in Owed())
        {
            var name = LaneOf(effect);
            if (!seen.Add(name))
            {
                continue;
            }

            if (!lanes.TryGetValue(name, out var lane))
            {
                lanes.Add(name, lane = new());
            }

            if (lane.IsBusy)
            {
                continue;
            }

            if (lane.NotBefore > activation.Clock)
            {
                next = next is { } earlier && earlier < lane.NotBefore ? next : lane.NotBefore;
                continue;
            }

            lane.IsBusy = true;
            activation.World.Start(() => PerformAsync(name, effect));
        }

        foreach (var idle in lanes.Where(pair => !pair.Value.IsBusy && !seen.Contains(pair.Key)).Select(static pair => pair.Key).ToArray())
        {
            lanes.Remove(idle);
        }

        if (outcomes.Count > 0)
        {
            Arm();
        }
        else if (next is { } due)
        {
            timer.Change(due - activation.Clock);
        }
    }

    private async Task PerformAsync(string lane, TEffect effect)
    {
        TInput? input = null;
        try
        {
            input = await Perform(effect);
        }
        catch (CallFailedException)
        {
            // Postponed below.
        }

        outcomes.Enqueue((lane, input));
        Arm();
    }

    private async Task ApplyAsync(string name, TInput? input)
    {
        var lane = lanes[name];
        if (input is null)
        {
            Postpone(lane);
        }
        else
        {
            try
            {
                await Apply(input);
                lane.Failures = 0;
                lane.NotBefore = default;
            }
            catch (CallFailedException)
            {
                Postpone(lane);
            }
        }

        lane.IsBusy = false;
    }

    private void Postpone(Lane lane)
    {
        lane.Failures = Math.Min(lane.Failures + 1, 30);
        lane.NotBefore = activation.Clock + TimeSpan.FromTicks(Math.Min(BackoffMax.Ticks, BackoffFirst.Ticks << Math.Min(lane.Failures - 1, 20)));
    }

    private sealed class Lane
    {
        public bool IsBusy { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset NotBefore { get; set; }
    }
}
