using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>Which mode is in force.</summary>
public static class EnergyModes
{
    /// <summary>More high and critical work than this is in a hurry.</summary>
    private const int HurryAbove = 5;

    /// <summary>The outlook's mode, which somebody set; else, where the settings leave it to the clock and the queue, the chosen one; else the settings' mode.</summary>
    public static EnergyMode InForce(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        var settings = view.Settings.Energy;
        if (view.Context.Energy.Mode != EnergyMode.Absent || !settings.Automatic)
        {
            return view.Context.Energy.Mode != EnergyMode.Absent ? view.Context.Energy.Mode : settings.Mode;
        }

        var urgent = 0;
        foreach (var request in view.Pending)
        {
            urgent += request.Priority >= PriorityClass.High ? 1 : 0;
        }

        foreach (var lease in view.Running)
        {
            urgent += lease.Priority >= PriorityClass.High ? 1 : 0;
        }

        return Choose(urgent, now, settings);
    }

    /// <summary>
    /// By night savings, or efficiency with anything urgent; by day performance with more than five urgent, balanced with any, and efficiency with none.
    /// </summary>
    /// <param name="urgent">High and critical attempts that wait or run.</param>
    /// <param name="now">Only the local hour counts.</param>
    /// <param name="settings">When night is.</param>
    public static EnergyMode Choose(int urgent, DateTimeOffset now, EnergySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegative(urgent);
        return settings.IsNight(now) ? urgent > 0 ? EnergyMode.Efficiency : EnergyMode.NightSavings
            : urgent > HurryAbove ? EnergyMode.Performance
            : urgent > 0 ? EnergyMode.Balanced
            : EnergyMode.Efficiency;
    }
}
