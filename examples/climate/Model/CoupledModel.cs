namespace Climate.Model;

/// <summary>
/// A rotating shallow-water atmosphere over a slab ocean with an energy balance.
/// <para>
/// Dynamics: vector-invariant shallow-water equations on a C grid; the Coriolis and vorticity term in Sadourny's (1975) form, which
/// conserves energy; continuity in flux form, so that mass is conserved to rounding; thickness relaxed towards what the temperature
/// asks for, with the global mean of the relaxation taken out; drag and viscosity. Three-stage Runge-Kutta (Shu and Osher 1988).
/// </para>
/// <para>
/// Thermodynamics: air temperature is advected and diffused; sunlight with latitude and ice albedo, longwave A + B T less the CO2
/// forcing, exchange between air and slab. One step is <see cref="Grid.TimeStep"/> seconds of the atmosphere and one day of the ocean
/// (asynchronous coupling, as Manabe and Bryan 1969): the equilibrium is that of the coupled system, the approach to it is the ocean's.
/// </para>
/// <para>A step allocates nothing, and its result depends on (state, seed, member, step, CO2) only.</para>
/// </summary>
internal sealed class CoupledModel : IDisposable
{
    private readonly Grid grid;
    private readonly CarbonPath carbon;
    private readonly WeatherNoise noise;
    private readonly RowTeam team;
    private readonly ModelState first, second;
    private readonly double[] eastFlux, northFlux, vorticity, bernoulli, relaxation;
    private readonly double[] depthSums, airSums, slabSums, sun;
    private readonly Action<int, int> sumPhase, relaxPhase, fluxPhase, updatePhase, noisePhase, physicsPhase;

    private ModelState source, target;
    private double keep, take, forcing;

    public CoupledModel(Grid grid, long seed, int member, CarbonPath carbon, int threads = 1)
    {
        this.grid = grid;
        this.carbon = carbon;
        noise = new WeatherNoise(grid, seed, member);
        team = new RowTeam(grid.Rows, threads);
        State = new ModelState(grid);
        first = new ModelState(grid);
        second = new ModelState(grid);
        source = target = State;
        eastFlux = new double[grid.Cells];
        northFlux = new double[grid.Cells + grid.Columns];
        vorticity = new double[grid.Cells + grid.Columns];
        bernoulli = new double[grid.Cells];
        relaxation = new double[grid.Cells];
        depthSums = new double[grid.Rows];
        airSums = new double[grid.Rows];
        slabSums = new double[grid.Rows];
        sun = [.. grid.Latitude.Select(Grid.Insolation)];
        sumPhase = SumRows;
        relaxPhase = Relax;
        fluxPhase = Fluxes;
        updatePhase = Update;
        noisePhase = noise.Fill;
        physicsPhase = KickAndHeat;
    }

    public ModelState State { get; }

    /// <summary>Area means of the present state: depth in m, temperatures in K.</summary>
    public (double Depth, double Air, double Slab) Means { get; private set; }

    /// <summary>CO2 at the present step as a multiple of the reference.</summary>
    public double CarbonMultiple => carbon.At(State.Step);

    /// <summary>Sets the state of rest with the temperatures of the energy balance.</summary>
    public void StartFromBalance()
    {
        var (air, slab) = EnergyBalance.Steady(grid);
        for (var j = 0; j < grid.Rows; j++)
        {
            State.Air.AsSpan(j * grid.Columns, grid.Columns).Fill(air[j]);
            State.Slab.AsSpan(j * grid.Columns, grid.Columns).Fill(slab[j]);
        }

        Array.Fill(State.Depth, Physics.MeanDepth);
        Array.Clear(State.Zonal);
        Array.Clear(State.Meridional);
        State.Step = 0;
        TakeMeans();
    }

    /// <summary>Takes over the fields and step of a stored state.</summary>
    public void StartFrom(ModelState stored, long step)
    {
        State.CopyFieldsFrom(stored);
        State.Step = step;
        TakeMeans();
    }

    /// <summary>Advances by one step.</summary>
    /// <exception cref="ArithmeticException">The state is no longer finite: the run is lost from here on, and must not be saved.</exception>
    public void Advance()
    {
        forcing = Physics.CarbonForcing(CarbonMultiple);
        noise.Draw(State.Step);
        team.Run(noisePhase);
        team.Run(relaxPhase);
        Stage(State, first, 0, 1);
        Stage(first, second, 0.75, 0.25);
        Stage(second, State, 1.0 / 3, 2.0 / 3);
        team.Run(physicsPhase);
        State.Step++;
        TakeMeans();
        if (!double.IsFinite(Means.Depth + Means.Air + Means.Slab))
        {
            throw new ArithmeticException($"The state is not finite after step {State.Step}.");
        }
    }

    public void Dispose() => team.Dispose();

    /// <summary>target = keep * State + take * (source + dt * tendency(source)).</summary>
    private void Stage(ModelState from, ModelState to, double keepShare, double takeShare)
    {
        source = from;
        target = to;
        keep = keepShare;
        take = takeShare;
        team.Run(fluxPhase);
        team.Run(updatePhase);
    }

    private void TakeMeans()
    {
        team.Run(sumPhase);
        double depth = 0, air = 0, slab = 0;
        for (var j = 0; j < grid.Rows; j++)
        {
            depth += depthSums[j];
            air += airSums[j];
            slab += slabSums[j];
        }

        Means = (depth / grid.TotalArea, air / grid.TotalArea, slab / grid.TotalArea);
    }

    private void SumRows(int from, int to)
    {
        var columns = grid.Columns;
        for (var j = from; j < to; j++)
        {
            double depth = 0, air = 0, slab = 0;
            for (var c = j * columns; c < (j + 1) * columns; c++)
            {
                depth += State.Depth[c];
                air += State.Air[c];
                slab += State.Slab[c];
            }

            depthSums[j] = depth * grid.Area[j];
            airSums[j] = air * grid.Area[j];
            slabSums[j] = slab * grid.Area[j];
        }
    }

    /// <summary>Thickness source in m/s, held over the stages. Both deviations have zero mean, so it makes and takes no mass.</summary>
    private void Relax(int from, int to)
    {
        var (meanDepth, meanAir, _) = Means;
        for (var c = from * grid.Columns; c < to * grid.Columns; c++)
        {
            var wanted = Physics.ThicknessPerKelvin * (State.Air[c] - meanAir);
            relaxation[c] = (wanted - (State.Depth[c] - meanDepth)) / Physics.ThicknessRelaxation;
        }
    }

    /// <summary>Mass fluxes, potential vorticity and Bernoulli function of the source, on rows and on their south faces.</summary>
    private void Fluxes(int from, int to)
    {
        var columns = grid.Columns;
        var u = source.Zonal;
        var v = source.Meridional;
        var h = source.Depth;
        for (var j = from; j < to; j++)
        {
            var row = j * columns;
            var west = row + columns - 1;
            for (var c = row; c < row + columns; c++)
            {
                var east = c + 1 == row + columns ? row : c + 1;
                var north = c + columns;
                eastFlux[c] = 0.5 * (h[c] + h[east]) * u[c];
                bernoulli[c] = Physics.Gravity * h[c]
                    + 0.25 * (u[c] * u[c] + u[west] * u[west] + v[c] * v[c] + v[north] * v[north]);
                west = c;
            }

            if (j == 0)
            {
                continue;   // the wall: no flux and, with free slip, no vorticity; both arrays hold 0 there
            }

            var south = row - columns;
            var perDx = 1 / grid.DxFace[j];
            var perDy = 1 / (grid.Dy * grid.CosFace[j]);
            double cosNorth = grid.CosCentre[j], cosSouth = grid.CosCentre[j - 1], coriolis = grid.Coriolis[j];
            for (var i = 0; i < columns; i++)
            {
                var ip = i + 1 == columns ? 0 : i + 1;
                double depthNorth = h[row + i], depthSouth = h[south + i];
                northFlux[row + i] = 0.5 * (depthNorth + depthSouth) * v[row + i];
                var curl = (v[row + ip] - v[row + i]) * perDx - (u[row + i] * cosNorth - u[south + i] * cosSouth) * perDy;
                vorticity[row + i] = (coriolis + curl) / (0.25 * (depthNorth + h[row + ip] + depthSouth + h[south + ip]));
            }
        }
    }

    private void Update(int from, int to)
    {
        var dt = grid.TimeStep;
        for (var j = from; j < to; j++)
        {
            UpdateCentres(j, dt);
            UpdateZonal(j, dt);
            if (j > 0)
            {
                UpdateMeridional(j, dt);
            }
        }
    }

    /// <summary>Depth in flux form; temperature by centred advection and diffusion in flux form.</summary>
    private void UpdateCentres(int j, double dt)
    {
        var columns = grid.Columns;
        var row = j * columns;
        double[] h = source.Depth, t = source.Air, u = source.Zonal, v = source.Meridional;
        double[] h0 = State.Depth, t0 = State.Air, hTarget = target.Depth, tTarget = target.Air;
        var perArea = 1 / grid.Area[j];
        double lengthSouth = grid.DxFace[j], lengthNorth = grid.DxFace[j + 1], side = grid.Dy;
        double perDx = 1 / grid.DxCentre[j], perDy = 1 / grid.Dy;
        var zonalDiffusion = Physics.HeatDiffusivity * perDx * perDx;
        var northDiffusion = Physics.HeatDiffusivity * lengthNorth * perDy * perArea;
        var southDiffusion = Physics.HeatDiffusivity * lengthSouth * perDy * perArea;
        int toNorth = j + 1 < grid.Rows ? columns : 0, toSouth = j > 0 ? columns : 0;
        var west = row + columns - 1;
        for (var c = row; c < row + columns; c++)
        {
            var east = c + 1 == row + columns ? row : c + 1;
            var divergence = ((eastFlux[c] - eastFlux[west]) * side
                + (northFlux[c + columns] * lengthNorth - northFlux[c] * lengthSouth)) * perArea;
            hTarget[c] = keep * h0[c] + take * (h[c] + dt * (relaxation[c] - divergence));

            double here = t[c], toEast = t[east] - here, fromWest = here - t[west];
            double northward = t[c + toNorth] - here, fromSouth = here - t[c - toSouth];
            var advection = 0.5 * ((u[c] * toEast + u[west] * fromWest) * perDx + (v[c + columns] * northward + v[c] * fromSouth) * perDy);
            var diffusion = zonalDiffusion * (toEast - fromWest) + northDiffusion * northward - southDiffusion * fromSouth;
            tTarget[c] = keep * t0[c] + take * (here + dt * (diffusion - advection));
            west = c;
        }
    }

    private void UpdateZonal(int j, double dt)
    {
        var columns = grid.Columns;
        var row = j * columns;
        double[] u = source.Zonal, u0 = State.Zonal, result = target.Zonal;
        double perDx = 1 / grid.DxCentre[j], perDy = 1 / grid.Dy;
        double shareNorth = 0.25 * grid.CosFace[j + 1] / grid.CosCentre[j], shareSouth = 0.25 * grid.CosFace[j] / grid.CosCentre[j];
        double zonalViscosity = Physics.Viscosity * perDx * perDx, meridionalViscosity = Physics.Viscosity * perDy * perDy;
        int toNorth = j + 1 < grid.Rows ? columns : 0, toSouth = j > 0 ? columns : 0;
        var west = row + columns - 1;
        for (var c = row; c < row + columns; c++)
        {
            var east = c + 1 == row + columns ? row : c + 1;
            var rotation = shareNorth * vorticity[c + columns] * (northFlux[c + columns] + northFlux[east + columns])
                + shareSouth * vorticity[c] * (northFlux[c] + northFlux[east]);
            var here = u[c];
            var viscous = zonalViscosity * (u[east] - 2 * here + u[west]) + meridionalViscosity * (u[c + toNorth] - 2 * here + u[c - toSouth]);
            var tendency = rotation - (bernoulli[east] - bernoulli[c]) * perDx - Physics.Drag * here + viscous;
            result[c] = keep * u0[c] + take * (here + dt * tendency);
            west = c;
        }
    }

    private void UpdateMeridional(int j, double dt)
    {
        var columns = grid.Columns;
        var row = j * columns;
        double[] v = source.Meridional, v0 = State.Meridional, result = target.Meridional;
        double perDx = 1 / grid.DxFace[j], perDy = 1 / grid.Dy;
        double zonalViscosity = Physics.Viscosity * perDx * perDx, meridionalViscosity = Physics.Viscosity * perDy * perDy;
        var west = row + columns - 1;
        for (var c = row; c < row + columns; c++)
        {
            var east = c + 1 == row + columns ? row : c + 1;
            var rotation = -0.25 * (vorticity[c] * (eastFlux[c] + eastFlux[c - columns])
                + vorticity[west] * (eastFlux[west] + eastFlux[west - columns]));
            var here = v[c];
            var viscous = zonalViscosity * (v[east] - 2 * here + v[west]) + meridionalViscosity * (v[c + columns] - 2 * here + v[c - columns]);
            var tendency = rotation - (bernoulli[c] - bernoulli[c - columns]) * perDy - Physics.Drag * here + viscous;
            result[c] = keep * v0[c] + take * (here + dt * tendency);
            west = c;
        }
    }

    /// <summary>Adds the step's weather to the wind, and radiation and exchange to the temperatures.</summary>
    private void KickAndHeat(int from, int to)
    {
        var columns = grid.Columns;
        var stream = noise.Stream;
        double airTime = grid.TimeStep / Physics.AirHeatCapacity, slabTime = Physics.SlabTimeStep / Physics.SlabHeatCapacity;
        for (var j = from; j < to; j++)
        {
            var row = j * columns;
            var perDy = 1 / grid.Dy;
            for (var c = row; c < row + columns; c++)
            {
                // The stream function is 0 on the north wall, whose row the noise does not hold.
                var north = j + 1 < grid.Rows ? stream[c + columns] : 0;
                State.Zonal[c] -= (north - stream[c]) * perDy;

                double air = State.Air[c], slab = State.Slab[c];
                var absorbed = sun[j] * (1 - Physics.Albedo(slab));
                var exchange = Physics.Exchange * (slab - air);
                State.Air[c] = air + airTime * (Physics.SolarShareOfAir * absorbed + exchange - Physics.Longwave(air, forcing));
                State.Slab[c] = slab + slabTime * ((1 - Physics.SolarShareOfAir) * absorbed - exchange);
            }

            if (j > 0)
            {
                var perDx = 1 / grid.DxFace[j];
                var west = row + columns - 1;
                for (var c = row; c < row + columns; c++)
                {
                    State.Meridional[c] += (stream[c] - stream[west]) * perDx;
                    west = c;
                }
            }
        }
    }
}
