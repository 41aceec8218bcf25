using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Orchestrator.Core.Scheduling.Energy;

namespace Orchestrator.Core.Scheduling;

/// <summary>What settings may be: for policy files, and for what a cluster is told, alike.</summary>
public static class SettingsRules
{
    private const double Most = 1e6;
    private static readonly TimeSpan OffsetMost = TimeSpan.FromHours(14);

    /// <summary>The range of a member of a record of settings: numbers in themselves, times only as to whether 0 is allowed. What is not listed is not negative.</summary>
    public static SettingRange RangeOf(string record, string member) => (record, member) switch
    {
        ("OrderSettings", "AgeHalf" or "RaiseAfter" or "LongestWait" or "UsageHalfLife") => new(0, Most, true),
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

    /// <summary>A member that an enumeration's 0 means "none" for.</summary>
    public static bool MayBeAbsent(Type record, Type choice)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(choice);
        return choice.IsEnum && record == typeof(EnergySettings);
    }

    /// <summary>All that is wrong, by the paths of fields ("order.weights.age"); empty: nothing.</summary>
    public static ImmutableArray<ArrangementRefusal> Problems(SchedulingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = ImmutableArray.CreateBuilder<ArrangementRefusal>();
        Look(settings, "", problems);
        return problems.Count == 0 ? Together(settings) : problems.ToImmutable();
    }

    /// <summary>What is wrong although each number for itself is allowed.</summary>
    public static ImmutableArray<ArrangementRefusal> Together(SchedulingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = ImmutableArray.CreateBuilder<ArrangementRefusal>();
        if (settings.Order.Weights is { Class: 0, Age: 0, FairShare: 0, Deadline: 0, Size: 0, Promise: 0 })
        {
            problems.Add(new() { Field = "order.weights", Problem = "all weights are 0; at least one above 0" });
        }

        if (settings.Energy.Tariff.PeakUntil <= settings.Energy.Tariff.PeakFrom)
        {
            problems.Add(new() { Field = "energy.tariff.peak_until", Problem = "it is not after peak_from; an hour after peak_from, up to 24" });
        }

        return problems.ToImmutable();
    }

    private static void Look(object record, string path, ImmutableArray<ArrangementRefusal>.Builder problems)
    {
        foreach (var member in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static member => member.CanWrite))
        {
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name);
            var field = path.Length == 0 ? name : $"{path}.{name}";
            var (value, range) = (member.GetValue(record), RangeOf(record.GetType().Name, member.Name));
            var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
            if (value is null)
            {
                if (type == member.PropertyType)
                {
                    problems.Add(new() { Field = field, Problem = "it is null; leave it out for the default" });
                }
            }
            else if (value is TimeSpan time)
            {
                var isOffset = member.Name == nameof(EnergySettings.UtcOffset);
                Check(field, time, isOffset ? time.Duration() <= OffsetMost : range.AboveMin ? time > TimeSpan.Zero : time >= TimeSpan.Zero,
                    isOffset ? "-14:00 to 14:00" : range.AboveMin ? "above 0" : "0 and more", problems);
            }
            else if (value is int or long or double)
            {
                var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                var allowed = value is long ? range with { Max = long.MaxValue } : range;
                Check(field, value, double.IsFinite(number) && allowed.Holds(number), allowed.ToString(), problems);
            }
            else if (type.IsEnum)
            {
                var isNone = Convert.ToInt32(value, CultureInfo.InvariantCulture) == 0;
                var words = Enum.GetValues(type).Cast<object>().Where(static choice => Convert.ToInt32(choice, CultureInfo.InvariantCulture) != 0)
                    .Select(static choice => JsonNamingPolicy.SnakeCaseLower.ConvertName(choice.ToString()!));
                Check(field, value, Enum.IsDefined(type, value) && (!isNone || MayBeAbsent(record.GetType(), type)), string.Join(", ", words), problems);
            }
            else if (type.IsClass && type != typeof(string))
            {
                Look(value, field, problems);
            }
        }
    }

    private static void Check(string field, object value, bool isAllowed, string allowed, ImmutableArray<ArrangementRefusal>.Builder problems)
    {
        if (!isAllowed)
        {
            problems.Add(new() { Field = field, Problem = string.Create(CultureInfo.InvariantCulture, $"it is {value}; allowed is {allowed}") });
        }
    }
}
