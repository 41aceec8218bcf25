using System.Globalization;
using MathNet.Numerics;

namespace Orchestrator.Core.Failures;

/// <summary>How long something lasts, by chance. What is drawn is above zero and at most a hundred years.</summary>
public abstract record TimeDistribution
{
    private const double SecondsMax = 100 * 365.25 * 86_400;

    private TimeDistribution()
    {
    }

    public abstract TimeSpan Mean { get; }

    public TimeSpan Draw(SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Bounded(Seconds(random));
    }

    protected abstract double Seconds(SeededRandom random);

    private static TimeSpan Bounded(double seconds) => TimeSpan.FromTicks(Math.Max(1, (long)(Math.Min(seconds, SecondsMax) * TimeSpan.TicksPerSecond)));

    private static double Checked(double value, string name) => double.IsFinite(value) && value > 0
        ? value
        : throw new ArgumentOutOfRangeException(name, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; a number above 0 is allowed"));

    /// <summary>The longer it has lasted, the longer it will, for a shape below 1; with shape 1 it is exponential.</summary>
    public sealed record Weibull : TimeDistribution
    {
        /// <param name="shape">Above 0.</param>
        /// <param name="scale">Above zero: 63 % last less.</param>
        /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
        public Weibull(double shape, TimeSpan scale)
        {
            Shape = Checked(shape, nameof(shape));
            Checked(scale.TotalSeconds, nameof(scale));
            Scale = scale;
        }

        public double Shape { get; }

        public TimeSpan Scale { get; }

        public override TimeSpan Mean => Bounded(Scale.TotalSeconds * SpecialFunctions.Gamma(1 + (1 / Shape)));

        /// <summary>Of this shape, with this mean.</summary>
        public static Weibull WithMean(double shape, TimeSpan mean) => new(shape, mean / SpecialFunctions.Gamma(1 + (1 / Checked(shape, nameof(shape)))));

        protected override double Seconds(SeededRandom random) => Scale.TotalSeconds * Math.Pow(-Math.Log(random.Next()), 1 / Shape);
    }

    /// <summary>Its logarithm is normal: many short ones, and a few that are very long.</summary>
    public sealed record Lognormal : TimeDistribution
    {
        /// <param name="median">Above zero: half last less.</param>
        /// <param name="sigma">Above 0: spread of the natural logarithm.</param>
        /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
        public Lognormal(TimeSpan median, double sigma)
        {
            Checked(median.TotalSeconds, nameof(median));
            Median = median;
            Sigma = Checked(sigma, nameof(sigma));
        }

        public TimeSpan Median { get; }

        public double Sigma { get; }

        public override TimeSpan Mean => Bounded(Median.TotalSeconds * Math.Exp(Sigma * Sigma / 2));

        protected override double Seconds(SeededRandom random) => Median.TotalSeconds * Math.Exp(Sigma * random.Normal());
    }

    /// <summary>Always the same.</summary>
    public sealed record Fixed : TimeDistribution
    {
        /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
        public Fixed(TimeSpan time)
        {
            Checked(time.TotalSeconds, nameof(time));
            Time = time;
        }

        public TimeSpan Time { get; }

        public override TimeSpan Mean => Time;

        protected override double Seconds(SeededRandom random) => Time.TotalSeconds;
    }
}
