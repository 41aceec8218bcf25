using System.Globalization;

namespace Orchestrator.Definitions;

/// <summary>From which number to which a setting may be; <paramref name="AboveMin"/>: the least one is not allowed itself.</summary>
internal readonly record struct PolicyRange(double Min, double Max, bool AboveMin)
{
    public bool Holds(double number) => (AboveMin ? number > Min : number >= Min) && number <= Max;

    public override string ToString() =>
        AboveMin ? string.Create(CultureInfo.InvariantCulture, $"above {Min}, at most {Max}") : string.Create(CultureInfo.InvariantCulture, $"from {Min} to {Max}");
}

/// <summary>What the records of settings say of their members' ranges. What is not listed is not negative, a time included.</summary>
internal static class PolicyRanges
{
    private const double Most = 1e6;

    public static PolicyRange Of(string record, string member, Type type) => (record, member) switch
    {
        ("OrderSettings", "AgeHalf" or "RaiseAfter" or "UsageHalfLife") => new(0, Most, true),
        ("OrderSettings", "PromiseRaises" or "PromiseLowers") => new(0, 1, false),
        ("HeadStartSettings", "SmallPart") => new(0, 1, true),
        ("BackfillSettings", "Reservations" or "Depth") => new(1, Most, false),
        ("BackfillSettings", "Window") => new(0, Most, true),
        ("PreemptionSettings", "ClassGap") => new(1, 4, false),
        ("PreemptionSettings", "TriesMax") => new(1, Most, false),
        ("ProtectionSettings", "AccountPart") => new(0, 1, false),
        ("ShareSettings", "UnknownDuration") => new(0, Most, true),
        ("MatchingSettings", "LearningRate") => new(0, 1, false),
        ("MatchingSettings", "SpeedHalfLife") => new(0, Most, true),
        ("MatchingSettings", "SpeedWeight") => new(0, 100, false),
        ("EnergySettings", "NightFrom" or "NightUntil") or ("DayTariff", "PeakFrom") => new(0, 23, false),
        ("EnergySettings", "LeastSaving") => new(0, 1, false),
        ("EnergySettings", "IntensiveCores") => new(1, Most, false),
        ("DayTariff", "PeakUntil") => new(1, 24, false),
        ("SchedulingSettings", "RunningMax") => new(1, Most, false),
        _ => new(0, Most, false),
    };
}
