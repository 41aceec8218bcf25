using System.Runtime.InteropServices;

namespace Orchestrator.Core.Forecasting.Runtimes;

/// <summary>
/// How long the next run takes, learned from runs that ended. Several simple experts answer (the user's last runs, those of the same program, size and estimate, the part of estimates that is
/// usually used, the estimate itself); each is believed as far as it was right for this user of late, and the answer is their weighted median, since the absolute error counts. The parts follow
/// Tsafrir, Etsion and Feitelson (2007) and Gaussier, Glesser, Reis and Trystram, "Improving backfilling by using machine learning to predict running times" (2015). Not safe for threads.
/// </summary>
public sealed class RuntimeModel
{
    /// <summary>So many kinds of work are remembered; then the older half is forgotten.</summary>
    private const int KindsMax = 100_000;

    private const int Experts = 9;

    /// <summary>How much of an expert's past errors is kept at each run.</summary>
    private const double Memory = 0.9;

    /// <summary>How sharply better experts are preferred.</summary>
    private const double Sharpness = 3;

    private static readonly string[] Names =
    [
        "the estimate", "the user's last two runs", "the last run of the same kind", "the user's runs of the same kind", "the user's last runs", "what part of estimates the user uses",
        "what part of such estimates is used", "the user's runs with the same estimate", "the user's runs of the same program",
    ];

    private Dictionary<Kind, RecentRuns> kinds = [];
    private Dictionary<Kind, RecentRuns> older = [];
    private readonly Dictionary<string, Errors> users = new(StringComparer.Ordinal);
    private readonly Errors everybody = new();

    /// <summary>What the model would say of the work if it were submitted now.</summary>
    public RuntimePrediction Predict(RuntimeRequest request)
    {
        Span<double> answers = stackalloc double[Experts];
        Span<int> runs = stackalloc int[Experts];
        Ask(request, answers, runs);
        var errors = users.GetValueOrDefault(request.User ?? "") ?? everybody;
        var (expected, best) = Decide(answers, errors);
        var most = request is { Estimate: { } estimate, IsUnlimited: false } ? Math.Max(1, estimate.TotalSeconds) : double.PositiveInfinity;
        if (double.IsNaN(expected))
        {
            // Nothing ever ended and nobody said anything: an hour, with all that is possible.
            return new RuntimePrediction { Expected = TimeSpan.FromHours(1), Lower = TimeSpan.FromSeconds(1), Upper = TimeSpan.FromDays(30), Basis = "nothing is known" };
        }

        expected = Math.Clamp(expected, 1, most);
        var (lower, upper) = errors.Ratios.Count >= 10 ? errors.Range(0.05, 0.95) : everybody.Ratios.Count >= 10 ? everybody.Range(0.05, 0.95) : (0.01, double.PositiveInfinity);
        var highest = double.IsPositiveInfinity(most) ? Math.Max(expected * 100, 3600) : most;
        return new RuntimePrediction
        {
            Expected = TimeSpan.FromSeconds(expected),
            Lower = TimeSpan.FromSeconds(Math.Max(Math.Min(1, expected), Math.Min(expected, expected * lower))),
            Upper = TimeSpan.FromSeconds(Math.Min(highest, Math.Max(expected, expected * upper))),
            Runs = runs[best],
            Basis = Names[best],
        };
    }

    /// <summary>Work ended by itself after so long.</summary>
    /// <param name="request">As it was submitted.</param>
    /// <param name="run">Not negative.</param>
    public void Ended(RuntimeRequest request, TimeSpan run)
    {
        var seconds = Math.Max(1, run.TotalSeconds);
        var user = request.User ?? "";
        if (!users.TryGetValue(user, out var own))
        {
            users[user] = own = new Errors();
        }

        Span<double> answers = stackalloc double[Experts];
        Span<int> runs = stackalloc int[Experts];
        Ask(request, answers, runs);
        var (expected, _) = Decide(answers, own);
        own.Learn(answers, seconds, expected);
        everybody.Learn(answers, seconds, expected);
        var part = request.Estimate is { } estimate && estimate > TimeSpan.Zero ? seconds / estimate.TotalSeconds : double.NaN;
        foreach (var kind in Kinds(request))
        {
            if (kind.What is What.UserPart or What.EstimatePart)
            {
                if (!double.IsNaN(part))
                {
                    Runs(kind).Add(part);
                }
            }
            else
            {
                Runs(kind).Add(seconds);
            }
        }
    }

    /// <summary>What each expert says, and on how many runs it rests; NaN: nothing.</summary>
    private void Ask(RuntimeRequest request, Span<double> answers, Span<int> counts)
    {
        answers.Fill(double.NaN);
        counts.Clear();
        var estimate = request.Estimate?.TotalSeconds ?? double.NaN;
        answers[0] = estimate;
        foreach (var kind in Kinds(request))
        {
            if (Known(kind) is not { Count: > 0 } runs)
            {
                continue;
            }

            switch (kind.What)
            {
                case What.User:
                    (answers[1], counts[1]) = (runs.Count > 1 ? (runs[0] + runs[1]) / 2 : runs[0], Math.Min(2, runs.Count));
                    (answers[4], counts[4]) = (runs.Median(9), Math.Min(9, runs.Count));
                    break;
                case What.Same:
                    (answers[2], counts[2]) = (runs[0], 1);
                    (answers[3], counts[3]) = (runs.Median(7), Math.Min(7, runs.Count));
                    break;
                case What.UserPart:
                    (answers[5], counts[5]) = (estimate * runs.Median(11), Math.Min(11, runs.Count));
                    break;
                case What.EstimatePart:
                    (answers[6], counts[6]) = (estimate * runs.Median(16), runs.Count);
                    break;
                case What.UserEstimate:
                    (answers[7], counts[7]) = (runs.Median(9), Math.Min(9, runs.Count));
                    break;
                default:
                    (answers[8], counts[8]) = (runs.Median(9), Math.Min(9, runs.Count));
                    break;
            }
        }

        if (double.IsNaN(estimate) || request.IsUnlimited)
        {
            return;
        }

        for (var at = 0; at < Experts; at++)
        {
            answers[at] = Math.Min(answers[at], Math.Max(1, estimate));
        }
    }

    /// <summary>The weighted median of the experts that answer, and the one that it comes from.</summary>
    private (double Expected, int Best) Decide(ReadOnlySpan<double> answers, Errors errors)
    {
        Span<(double Answer, double Weight, int Expert)> known = stackalloc (double, double, int)[Experts];
        var (count, sum) = (0, 0.0);
        for (var at = 0; at < Experts; at++)
        {
            if (double.IsFinite(answers[at]))
            {
                var weight = Math.Pow(1 / (errors.Of(at, everybody) + 1), Sharpness);
                known[count++] = (answers[at], weight, at);
                sum += weight;
            }
        }

        if (count == 0)
        {
            return (double.NaN, 0);
        }

        known = known[..count];
        known.Sort(static (one, other) => one.Answer != other.Answer ? one.Answer.CompareTo(other.Answer) : one.Expert.CompareTo(other.Expert));
        var reached = 0.0;
        foreach (var (answer, weight, expert) in known)
        {
            reached += weight;
            if (reached >= sum / 2)
            {
                return (answer, expert);
            }
        }

        return (known[^1].Answer, known[^1].Expert);
    }

    private static Kind[] Kinds(RuntimeRequest request)
    {
        var (user, program, estimate) = (request.User ?? "", request.Program ?? "", request.Estimate?.Ticks ?? 0);
        return
        [
            new(What.User, user, "", 0, 0), new(What.Same, user, program, request.Size, estimate), new(What.UserPart, user, "", 0, 0), new(What.EstimatePart, "", "", 0, estimate),
            new(What.UserEstimate, user, "", 0, estimate), new(What.UserProgram, user, program, 0, 0),
        ];
    }

    private RecentRuns? Known(Kind kind) => kinds.GetValueOrDefault(kind) ?? older.GetValueOrDefault(kind);

    private RecentRuns Runs(Kind kind)
    {
        if (kinds.Count >= KindsMax / 2)
        {
            (older, kinds) = (kinds, []);
        }

        ref var runs = ref CollectionsMarshal.GetValueRefOrAddDefault(kinds, kind, out _);
        return runs ??= older.GetValueOrDefault(kind) ?? new RecentRuns();
    }

    private enum What
    {
        Absent = 0,
        User = 1,
        Same = 2,
        UserPart = 3,
        EstimatePart = 4,
        UserEstimate = 5,
        UserProgram = 6,
    }

    private readonly record struct Kind(What What, string User, string Program, long Size, long Estimate);

    /// <summary>How far each expert was off, and how far the answers were.</summary>
    private sealed class Errors
    {
        private readonly double[] sums = new double[Experts];
        private readonly double[] weights = new double[Experts];

        /// <summary>Of what came to what was said; the newest.</summary>
        public Queue<double> Ratios { get; } = new();

        /// <summary>Mean absolute error of late in seconds; what is not known of the user is taken from everybody.</summary>
        public double Of(int expert, Errors all)
        {
            var prior = all.weights[expert] > 0 ? all.sums[expert] / all.weights[expert] : 3600;
            return (sums[expert] + prior) / (weights[expert] + 1);
        }

        public void Learn(ReadOnlySpan<double> answers, double run, double expected)
        {
            for (var at = 0; at < Experts; at++)
            {
                if (double.IsFinite(answers[at]))
                {
                    sums[at] = (Memory * sums[at]) + Math.Abs(answers[at] - run);
                    weights[at] = (Memory * weights[at]) + 1;
                }
            }

            if (double.IsFinite(expected))
            {
                Ratios.Enqueue(run / Math.Max(1, expected));
                if (Ratios.Count > 60)
                {
                    Ratios.Dequeue();
                }
            }
        }

        public (double Lower, double Upper) Range(double low, double high)
        {
            var sorted = Ratios.ToArray();
            Array.Sort(sorted);

            // One more than there are would be needed to be sure (conformal).
            var top = (int)Math.Ceiling((sorted.Length + 1) * high);
            return (sorted[Math.Max(0, (int)Math.Floor((sorted.Length + 1) * low) - 1)], top > sorted.Length ? double.PositiveInfinity : sorted[top - 1]);
        }
    }
}
