using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Forecasting.Runtimes;

/// <summary>
/// What the runs of a user that a cluster remembers say of his next one, by <see cref="RuntimeModel"/>. It follows from those runs alone: so it is never stored, is made when it is first asked for, is kept as
/// long as the runs are, and says the same after a restart. Asking from several threads is safe.
/// </summary>
internal sealed class UserRuntimes
{
    /// <summary>With fewer predictions that were compared with what came, nobody can say what one of ten runs does.</summary>
    private const int RatiosMin = 9;

    /// <summary>Thousands of attempts ask for the same: so many answers are kept.</summary>
    private const int AnswersMax = 1000;

    private static readonly ConditionalWeakTable<EndedRun[], UserRuntimes> Made = new();

    private readonly RuntimeModel model = new();
    private readonly EndedRun newest;
    private readonly int count;

    private readonly ConcurrentDictionary<(string Program, TimeSpan? Estimate, long Cores, bool IsLimit), ExpectedDuration> answers = new();

    /// <summary>Of what came to what was said before, the oldest first.</summary>
    private readonly List<(string Program, double Ratio)> ratios = [];

    private UserRuntimes(EndedRun[] runs)
    {
        foreach (var run in runs)
        {
            var request = Request(run.JobType, run.Estimate, run.Cores);
            if (model.Predict(request) is { Runs: > 0, Expected: var said })
            {
                ratios.Add((run.JobType, Math.Max(1, run.Runtime.TotalSeconds) / said.TotalSeconds));
            }

            model.Ended(request, run.Runtime);
        }

        (newest, count) = (runs[^1], runs.Length);
    }

    /// <param name="runs">At least one, the newest last.</param>
    public static UserRuntimes Of(ImmutableArray<EndedRun> runs) => Made.GetValue(ImmutableCollectionsMarshal.AsArray(runs)!, static runs => new UserRuntimes(runs));

    /// <summary>In whole seconds, so that what hardly changes is not told anew.</summary>
    /// <param name="program">What kind of work.</param>
    /// <param name="estimate">What is asked for.</param>
    /// <param name="cores">How many.</param>
    /// <param name="isLimit">Nothing of the answer is above the estimate.</param>
    public ExpectedDuration Expect(string program, TimeSpan? estimate, long cores, bool isLimit)
    {
        var asked = (program, estimate, cores, isLimit);
        if (!answers.TryGetValue(asked, out var answer))
        {
            answer = Answer(program, estimate, cores, isLimit);
            if (answers.Count < AnswersMax)
            {
                answers.TryAdd(asked, answer);
            }
        }

        return answer;
    }

    private ExpectedDuration Answer(string program, TimeSpan? estimate, long cores, bool isLimit)
    {
        var prediction = model.Predict(Request(program, estimate, cores));
        var (expected, runs, basis) = (prediction.Expected, prediction.Runs, prediction.Basis);
        if (count == 1 && newest.JobType == program)
        {
            // After one run the experts were never compared: it is all that is known. Of other work a test of ten seconds says nothing.
            (expected, runs, basis) = (newest.Runtime, 1, "the user's last run");
        }
        else if (count == 1 || runs == 0)
        {
            return ExpectedDuration.Estimated(estimate);
        }

        var likely = Whole(expected.TotalSeconds, estimate, isLimit);
        var (lower, upper) = Range(program);
        return new()
        {
            Expected = likely,
            Lower = lower is { } low ? Shorter(Whole(expected.TotalSeconds * low, estimate, isLimit), likely) : null,
            Upper = upper is { } high ? Longer(Whole(expected.TotalSeconds * high, estimate, isLimit), likely) : null,
            Source = DurationSource.Learned,
            Runs = runs,
            Basis = basis,
            Estimate = estimate,
        };
    }

    /// <summary>What one of ten runs is below, and one of ten above, to what was said: of the same program where enough of it are known, else of all; one more than there are would be needed to be sure (conformal).</summary>
    private (double? Lower, double? Upper) Range(string program)
    {
        var own = ratios.Where(each => each.Program == program).Select(static each => each.Ratio).ToArray();
        var known = own.Length >= RatiosMin ? own : [.. ratios.Select(static each => each.Ratio)];
        if (known.Length < RatiosMin)
        {
            return (null, null);
        }

        Array.Sort(known);
        var more = known.Length + 1;
        return (known[Math.Max(1, more / 10) - 1], known[(((9 * more) + 9) / 10) - 1]);
    }

    /// <summary>Whose they are is the same for all.</summary>
    private static RuntimeRequest Request(string program, TimeSpan? estimate, long cores) => new() { User = "", Program = program, Size = cores, Estimate = estimate, IsUnlimited = true };

    private static TimeSpan Whole(double seconds, TimeSpan? estimate, bool isLimit)
    {
        var whole = TimeSpan.FromSeconds((long)Math.Ceiling(Math.Clamp(seconds, 1, TimeSpan.FromDays(3650).TotalSeconds)));
        return isLimit && estimate is { } most && most < whole ? most : whole;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
