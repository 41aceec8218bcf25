namespace Orchestrator.Agent.Attempts;

/// <summary>
/// How fast a program gets on beside how it usually does here. Its own work is never judged by anything but itself: a slow phase becomes usual within a quarter of an hour.
/// </summary>
internal sealed class PaceMeter
{
    private const int AdvancesMin = 3;
    private const int WindowsMin = 3;
    private const double Learn = 0.2;
    private const double Forget = 0.01;

    private static readonly TimeSpan WindowMin = TimeSpan.FromSeconds(10);

    private double from, last;
    private DateTimeOffset? since;
    private int advances, windows;
    private double usual;

    /// <summary>1: as ever; null: too little was seen.</summary>
    public double? Pace { get; private set; }

    /// <summary>It said how far it is.</summary>
    /// <param name="place">Its step, or its progress; whichever it says.</param>
    /// <param name="now">When it was read.</param>
    public void Look(double place, DateTimeOffset now)
    {
        if (since is null || place < last)
        {
            (from, last, since, advances) = (place, place, now, 0);
            return;
        }

        if (place > last)
        {
            last = place;
            advances++;
        }

        var window = now - since.Value;
        if (window < WindowMin || advances < AdvancesMin)
        {
            return;
        }

        var rate = (last - from) / window.TotalSeconds;
        (from, since, advances) = (last, now, 0);
        windows++;

        // What is faster is learned at once, what is slower only slowly: it may be the others who slow it down.
        usual = windows == 1 ? rate : rate >= usual ? usual + (Learn * (rate - usual)) : usual + (Forget * (rate - usual));
        Pace = windows >= WindowsMin && usual > 0 ? rate / usual : null;
    }
}
