using Climate.Model;

namespace Climate.Tests;

public sealed class ModelTests
{
    private static readonly Grid Grid = new(32, 16);

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var one = After(80, new CarbonPath(2, 0), threads: 1);

        foreach (var threads in new[] { 2, 3, 5, 16 })
        {
            After(80, new CarbonPath(2, 0), threads).Fields.ShouldBe(one.Fields, $"{threads} threads");
        }
    }

    [Fact]
    public void Mass_is_conserved_to_rounding()
    {
        using var model = new CoupledModel(Grid, seed: 3, member: 1, new CarbonPath(4, 0));
        model.StartFromBalance();
        var before = model.Means.Depth;

        for (var n = 0; n < 500; n++)
        {
            model.Advance();
        }

        (model.Means.Depth / before - 1).ShouldBe(0, 1e-12);
        model.State.Depth.Min().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void More_carbon_dioxide_is_warmer()
    {
        double Warmth(double multiple)
        {
            using var model = new CoupledModel(Grid, seed: 3, member: 1, new CarbonPath(multiple, 0));
            model.StartFromBalance();
            for (var n = 0; n < 600; n++)
            {
                model.Advance();
            }

            return model.Means.Air;
        }

        var (control, twice, fourfold) = (Warmth(1), Warmth(2), Warmth(4));

        twice.ShouldBeGreaterThan(control + 0.2);
        fourfold.ShouldBeGreaterThan(twice + 0.2);
        control.ShouldBeInRange(280, 295);
    }

    [Fact]
    public void Members_and_seeds_differ_and_repeat()
    {
        static double[] Wind(long seed, int member)
        {
            using var model = new CoupledModel(Grid, seed, member, new CarbonPath(1, 0));
            model.StartFromBalance();
            model.Advance();
            return model.State.Zonal;
        }

        Wind(1, 1).ShouldBe(Wind(1, 1));
        Wind(1, 1).ShouldNotBe(Wind(1, 2));
        Wind(1, 1).ShouldNotBe(Wind(2, 1));
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var model = new CoupledModel(Grid, seed: 1, member: 1, new CarbonPath(1, 0));
        model.StartFromBalance();
        model.Advance();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 10; n++)
        {
            model.Advance();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void A_ramp_rises_by_a_constant_rate_and_stays()
    {
        var path = new CarbonPath(4, 2);

        path.At(0).ShouldBe(1);
        path.At(365).ShouldBe(2, 1e-12);
        path.At(730).ShouldBe(4);
        path.At(9999).ShouldBe(4);
    }

    private static ModelState After(int steps, CarbonPath carbon, int threads)
    {
        using var model = new CoupledModel(Grid, seed: 3, member: 1, carbon, threads);
        model.StartFromBalance();
        for (var n = 0; n < steps; n++)
        {
            model.Advance();
        }

        return model.State;
    }
}
