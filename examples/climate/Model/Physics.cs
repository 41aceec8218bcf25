namespace Climate.Model;

/// <summary>Constants, in SI units. Temperatures are in kelvin throughout.</summary>
internal static class Physics
{
    public const double Radius = 6.371e6;
    public const double Rotation = 7.292e-5;
    public const double Gravity = 9.80665;

    /// <summary>Mean depth of the fluid, m: gravity waves run at 140 m/s.</summary>
    public const double MeanDepth = 2000;

    /// <summary>How much thicker a column is where the air is warmer, m/K (half the hypsometric value: one layer stands for a troposphere).</summary>
    public const double ThicknessPerKelvin = 14.6;

    /// <summary>Time over which the thickness follows the temperature, s.</summary>
    public const double ThicknessRelaxation = 5 * 86400;

    /// <summary>Rayleigh drag on the wind, 1/s (five days).</summary>
    public const double Drag = 1.0 / (5 * 86400);

    /// <summary>Viscosity of momentum, m2/s: takes the enstrophy that piles up at the grid scale.</summary>
    public const double Viscosity = 2e5;

    /// <summary>Diffusivity of heat by the eddies that the grid does not carry, m2/s.</summary>
    public const double HeatDiffusivity = 8e6;

    /// <summary>
    /// Heat capacity of the lowest kilometre of air, J/m2/K. Since the air is run for ten minutes of each day, its capacity counts 144 times
    /// on the ocean's clock: in a transient it acts like 42 m of water more. The equilibrium does not depend on it.
    /// </summary>
    public const double AirHeatCapacity = 1.2e6;

    /// <summary>Heat capacity of 30 m of sea water, J/m2/K: with the air, a mixed layer of some 70 m.</summary>
    public const double SlabHeatCapacity = 30 * 4.1e6;

    /// <summary>Ocean time that one step stands for, s. The atmosphere is run for <see cref="Grid.TimeStep"/> of each day (asynchronous coupling).</summary>
    public const double SlabTimeStep = 86400;

    /// <summary>Global and annual mean insolation, W/m2.</summary>
    public const double SolarMean = 340;

    /// <summary>Share of the absorbed sunlight that the air takes.</summary>
    public const double SolarShareOfAir = 0.3;

    public const double AlbedoOpen = 0.30, AlbedoIce = 0.58;

    /// <summary>The slab is half covered by ice at this temperature, and mostly so <see cref="IceWidth"/> below.</summary>
    public const double IceTemperature = 268, IceWidth = 5;

    /// <summary>Outgoing longwave radiation A + B (T - 273.15 K), after Budyko (1969), A set for a control of 288 K: W/m2 and W/m2/K.</summary>
    public const double LongwaveA = 205.5, LongwaveB = 2.09;

    /// <summary>Turbulent and longwave exchange between slab and air, W/m2/K.</summary>
    public const double Exchange = 40;

    public const double Freezing = 273.15;

    /// <summary>Radiative forcing of a CO2 concentration of so many times the reference, W/m2 (Myhre et al. 1998).</summary>
    public static double CarbonForcing(double multiple) => 5.35 * Math.Log(multiple);

    /// <summary>Albedo for a slab temperature. A rational step rather than tanh: the same bits on every machine's mathematics library.</summary>
    public static double Albedo(double slab)
    {
        var x = (slab - IceTemperature) / IceWidth;
        return 0.5 * (AlbedoOpen + AlbedoIce) - 0.5 * (AlbedoIce - AlbedoOpen) * x / Math.Sqrt(1 + x * x);
    }

    public static double Longwave(double air, double carbonForcing) => LongwaveA + LongwaveB * (air - Freezing) - carbonForcing;
}
