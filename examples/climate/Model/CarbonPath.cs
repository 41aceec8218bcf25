namespace Climate.Model;

/// <summary>
/// CO2 as a multiple of the reference: constant, or rising by a constant rate per year from 1 to <see cref="Multiple"/> within
/// <see cref="RampYears"/> years of 365 steps and constant afterwards.
/// </summary>
internal readonly record struct CarbonPath(double Multiple, double RampYears)
{
    public double At(long step)
    {
        var year = step / 365.0;
        return year >= RampYears ? Multiple : Math.Exp(Math.Log(Multiple) * year / RampYears);
    }
}
