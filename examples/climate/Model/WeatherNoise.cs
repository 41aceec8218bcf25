namespace Climate.Model;

/// <summary>
/// Weather that the single layer cannot make itself: each step kicks the wind by a random stream function of planetary and synoptic waves,
/// white in time, zero on the walls. The kick has no divergence, so it moves no mass by itself.
/// </summary>
internal sealed class WeatherNoise
{
    private const int ZonalFirst = 2, ZonalCount = 7, MeridionalCount = 4;

    /// <summary>Amplitude of one mode's stream function per step of 600 s, m2/s: gives winds a standard deviation of about 5 m/s against the drag.</summary>
    private const double Amplitude = 5.0e4;

    private readonly Grid grid;
    private readonly CounterRandom random;
    private readonly double scale;
    private readonly double[] cosine, sine, meridional;
    private readonly double[] drawn = new double[ZonalCount * MeridionalCount * 2];

    public WeatherNoise(Grid grid, long seed, int member)
    {
        this.grid = grid;
        random = new CounterRandom(seed, member);
        scale = Amplitude * Math.Sqrt(grid.TimeStep / 600);
        Stream = new double[(grid.Rows + 1) * grid.Columns];
        cosine = new double[ZonalCount * grid.Columns];
        sine = new double[ZonalCount * grid.Columns];
        meridional = new double[MeridionalCount * (grid.Rows + 1)];
        for (var k = 0; k < ZonalCount; k++)
        {
            for (var i = 0; i < grid.Columns; i++)
            {
                var phase = (ZonalFirst + k) * (i + 0.5) * grid.LongitudeStep;
                cosine[k * grid.Columns + i] = Math.Cos(phase);
                sine[k * grid.Columns + i] = Math.Sin(phase);
            }
        }

        for (var m = 0; m < MeridionalCount; m++)
        {
            for (var j = 1; j < grid.Rows; j++)
            {
                meridional[m * (grid.Rows + 1) + j] = Math.Sin((m + 2) * Math.PI * j / grid.Rows);
            }
        }
    }

    /// <summary>Stream function at corners, m2/s.</summary>
    public double[] Stream { get; }

    /// <summary>Draws the amplitudes of a step.</summary>
    public void Draw(long step)
    {
        for (var mode = 0; mode < ZonalCount * MeridionalCount; mode++)
        {
            (drawn[2 * mode], drawn[2 * mode + 1]) = random.Normals(step, mode);
        }
    }

    /// <summary>Fills rows of <see cref="Stream"/> for the step last drawn.</summary>
    public void Fill(int from, int to)
    {
        var columns = grid.Columns;
        for (var j = from; j < to; j++)
        {
            var row = Stream.AsSpan(j * columns, columns);
            row.Clear();
            for (var k = 0; k < ZonalCount; k++)
            {
                double a = 0, b = 0;
                for (var m = 0; m < MeridionalCount; m++)
                {
                    var shape = scale * meridional[m * (grid.Rows + 1) + j];
                    a += shape * drawn[2 * (k * MeridionalCount + m)];
                    b += shape * drawn[2 * (k * MeridionalCount + m) + 1];
                }

                var c = cosine.AsSpan(k * columns, columns);
                var s = sine.AsSpan(k * columns, columns);
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += a * c[i] + b * s[i];
                }
            }
        }
    }
}
