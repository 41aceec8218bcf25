namespace Climate.Model;

/// <summary>
/// The steady state of the model's own energy balance without wind, at the reference CO2: where a run without an initial state starts,
/// so that the control has little left to drift.
/// </summary>
internal static class EnergyBalance
{
    private const int Rows = 48, Iterations = 6_000;

    /// <summary>Air and slab temperature for each row of the grid, K.</summary>
    public static (double[] Air, double[] Slab) Steady(Grid grid)
    {
        var coarse = grid.Rows == Rows ? grid : new Grid(Grid.ColumnsMin, Rows);
        var air = new double[Rows];
        var slab = new double[Rows];
        var flux = new double[Rows + 1];
        var sun = new double[Rows];
        for (var j = 0; j < Rows; j++)
        {
            var sine = Math.Sin(coarse.Latitude[j]);
            air[j] = 300 - 35 * sine * sine;
            slab[j] = air[j] + 4;
            sun[j] = Grid.Insolation(coarse.Latitude[j]);
        }

        // Both heat capacities are set to the air's: the steady state does not depend on them, and is reached sooner.
        const double Time = 4e3 / Physics.AirHeatCapacity;
        for (var n = 0; n < Iterations; n++)
        {
            for (var j = 1; j < Rows; j++)
            {
                flux[j] = Physics.HeatDiffusivity * Physics.AirHeatCapacity * coarse.CosFace[j] * (air[j] - air[j - 1]) / coarse.Dy;
            }

            for (var j = 0; j < Rows; j++)
            {
                var absorbed = sun[j] * (1 - Physics.Albedo(slab[j]));
                var exchange = Physics.Exchange * (slab[j] - air[j]);
                var transport = (flux[j + 1] - flux[j]) / (coarse.Dy * coarse.CosCentre[j]);
                air[j] += Time * (Physics.SolarShareOfAir * absorbed + exchange - Physics.Longwave(air[j], 0) + transport);
                slab[j] += Time * ((1 - Physics.SolarShareOfAir) * absorbed - exchange);
            }
        }

        return (Interpolate(coarse, air, grid), Interpolate(coarse, slab, grid));
    }

    private static double[] Interpolate(Grid from, double[] values, Grid to)
    {
        if (from.Rows == to.Rows)
        {
            return values;
        }

        var result = new double[to.Rows];
        var spacing = from.Latitude[1] - from.Latitude[0];
        for (var j = 0; j < to.Rows; j++)
        {
            var position = Math.Clamp((to.Latitude[j] - from.Latitude[0]) / spacing, 0, from.Rows - 1);
            var below = Math.Min((int)position, from.Rows - 2);
            result[j] = values[below] + (position - below) * (values[below + 1] - values[below]);
        }

        return result;
    }
}
