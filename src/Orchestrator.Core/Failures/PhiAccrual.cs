using MathNet.Numerics;

namespace Orchestrator.Core.Failures;

/// <summary>
/// How suspicious a silence is, by how regular the heartbeats were before it: the accrual failure detector of Hayashibara and others (SRDS 2004). Phi is minus the decimal logarithm of
/// the likelihood that a heartbeat comes after a silence as long as this. Mean and variance fade over the last hundred heartbeats, so that three numbers are all of its memory.
/// </summary>
public sealed record PhiAccrual
{
    /// <summary>Before so many heartbeats nothing is concluded.</summary>
    public const int SamplesMin = 8;

    private const int SamplesMax = 100;

    /// <summary>No agent is more regular than this part of its interval: a pause must not become a failure because the pauses before it were short.</summary>
    private const double DeviationMin = 0.25;

    public static PhiAccrual None { get; } = new();

    /// <summary>Heartbeats that count; at most a hundred.</summary>
    public int Samples { get; private init; }

    /// <summary>Seconds.</summary>
    public double Mean { get; private init; }

    /// <summary>Seconds squared.</summary>
    public double Variance { get; private init; }

    public bool IsSure => Samples >= SamplesMin;

    /// <summary>With one more interval between two heartbeats.</summary>
    public PhiAccrual After(TimeSpan interval)
    {
        var seconds = Math.Max(0, interval.TotalSeconds);
        if (Samples == 0)
        {
            return new() { Samples = 1, Mean = seconds };
        }

        var samples = Math.Min(Samples + 1, SamplesMax);
        var weight = 1.0 / samples;
        var off = seconds - Mean;
        return new() { Samples = samples, Mean = Mean + (weight * off), Variance = (1 - weight) * (Variance + (weight * off * off)) };
    }

    /// <summary>0 where nothing is to be concluded yet.</summary>
    public double Phi(TimeSpan silence)
    {
        if (!IsSure)
        {
            return 0;
        }

        var later = 0.5 * SpecialFunctions.Erfc((silence.TotalSeconds - Mean) / (Deviation * Math.Sqrt(2)));
        return later <= 0 ? double.PositiveInfinity : -Math.Log10(later);
    }

    /// <summary>The silence at which phi is reached; null where nothing is to be concluded yet.</summary>
    /// <param name="phi">Above 0.</param>
    public TimeSpan? SilenceAt(double phi) =>
        IsSure ? TimeSpan.FromSeconds(Mean + (Deviation * Math.Sqrt(2) * SpecialFunctions.ErfcInv(2 * Math.Pow(10, -phi)))) : null;

    private double Deviation => Math.Max(Math.Sqrt(Variance), DeviationMin * Mean);
}
