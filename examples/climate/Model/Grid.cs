namespace Climate.Model;

/// <summary>
/// A longitude-latitude channel on the sphere between two walls, with the metric terms of an Arakawa C grid:
/// h and temperatures at cell centres, u on east faces, v on south faces (row 0 and row <see cref="Rows"/> lie on the walls).
/// </summary>
internal sealed class Grid
{
    /// <summary>Latitude of the walls in degrees. The channel holds 94 % of the area of the sphere; beyond it, cells get too narrow for the time step.</summary>
    public const double WallLatitude = 70;

    public const int ColumnsMin = 8, ColumnsMax = 5760, RowsMin = 8, RowsMax = 2880;

    public Grid(int columns, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, ColumnsMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, ColumnsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, RowsMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, RowsMax);

        Columns = columns;
        Rows = rows;
        var wall = WallLatitude * Math.PI / 180;
        var latitudeStep = 2 * wall / rows;
        LongitudeStep = 2 * Math.PI / columns;
        Dy = Physics.Radius * latitudeStep;

        Latitude = new double[rows];
        CosCentre = new double[rows];
        DxCentre = new double[rows];
        Area = new double[rows];
        CosFace = new double[rows + 1];
        DxFace = new double[rows + 1];
        Coriolis = new double[rows + 1];

        for (var j = 0; j <= rows; j++)
        {
            var face = -wall + j * latitudeStep;
            CosFace[j] = Math.Cos(face);
            DxFace[j] = Physics.Radius * CosFace[j] * LongitudeStep;
            Coriolis[j] = 2 * Physics.Rotation * Math.Sin(face);
        }

        for (var j = 0; j < rows; j++)
        {
            var south = -wall + j * latitudeStep;
            Latitude[j] = south + 0.5 * latitudeStep;
            CosCentre[j] = Math.Cos(Latitude[j]);
            DxCentre[j] = Physics.Radius * CosCentre[j] * LongitudeStep;
            Area[j] = Physics.Radius * Physics.Radius * LongitudeStep * (Math.Sin(south + latitudeStep) - Math.Sin(south));
            TotalArea += Area[j] * columns;
        }

        // Stability of the three-stage Runge-Kutta scheme: |imaginary| up to 1.73 for waves and advection, |real| up to 2.5 for
        // diffusion. The bound is taken with room to spare, at the narrowest cells, and rounded down to whole ten seconds.
        var narrowest = Math.Sqrt(1 / (DxCentre[0] * DxCentre[0]) + 1 / (Dy * Dy));
        var waves = 1.25 / (2 * (Math.Sqrt(Physics.Gravity * Physics.MeanDepth) + 20) * narrowest);
        var diffusion = 1.6 / (4 * Physics.HeatDiffusivity * narrowest * narrowest);
        var bound = Math.Min(600, Math.Min(waves, diffusion));
        TimeStep = bound >= 10 ? Math.Floor(bound / 10) * 10 : bound;
    }

    public int Columns { get; }

    public int Rows { get; }

    public int Cells => Columns * Rows;

    /// <summary>Radians.</summary>
    public double LongitudeStep { get; }

    /// <summary>Time step of the atmosphere in seconds, from the grid alone.</summary>
    public double TimeStep { get; }

    /// <summary>Metres, the same everywhere.</summary>
    public double Dy { get; }

    /// <summary>Square metres, all cells.</summary>
    public double TotalArea { get; }

    /// <summary>Radians, at centres.</summary>
    public double[] Latitude { get; }

    public double[] CosCentre { get; }

    public double[] CosFace { get; }

    /// <summary>Metres, zonal width of a cell at its centre.</summary>
    public double[] DxCentre { get; }

    /// <summary>Metres, zonal width at south faces.</summary>
    public double[] DxFace { get; }

    /// <summary>Square metres of one cell of a row.</summary>
    public double[] Area { get; }

    /// <summary>1/s, at south faces, where the corners lie.</summary>
    public double[] Coriolis { get; }

    /// <summary>Annual mean insolation in W/m2 at a latitude: the second-order Legendre fit of North (1975).</summary>
    public static double Insolation(double latitude)
    {
        var sine = Math.Sin(latitude);
        return Physics.SolarMean * (1 - 0.482 * 0.5 * (3 * sine * sine - 1));
    }
}
