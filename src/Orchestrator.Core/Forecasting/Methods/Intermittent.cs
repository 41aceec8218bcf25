namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>
/// Use that comes now and then. TSB smooths how likely a step has use and how much it then is (Teunter, Syntetos and Babai, "Intermittent demand: linking forecasting to inventory obsolescence",
/// 2011), and so forgets who is gone; Croston's method (1972) smooths amount and distance, here with the correction of Syntetos and Boylan (2005).
/// </summary>
/// <param name="name">As users name it.</param>
/// <param name="forgets">TSB, else Croston.</param>
/// <param name="alpha">How fast both are smoothed; 0 to 1.</param>
internal sealed class Intermittent(string name, bool forgets, double alpha) : PlainMethod(name, 4)
{
    public override void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        double amount = 0, likely = 0, distance = 0, since = 1;
        var any = false;
        foreach (var value in history)
        {
            if (value == 0)
            {
                likely -= any ? alpha * likely : 0;
                since++;
                continue;
            }

            amount = any ? amount + (alpha * (value - amount)) : value;
            likely = any ? likely + (alpha * (1 - likely)) : 1 / since;
            distance = any ? distance + (alpha * (since - distance)) : since;
            (any, since) = (true, 1);
        }

        forecast.Fill(!any ? 0 : forgets ? likely * amount : (1 - (alpha / 2)) * amount / distance);
    }
}
