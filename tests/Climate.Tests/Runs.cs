using Climate.Commands;
using Climate.Protocol;

namespace Climate.Tests;

/// <summary>Runs the model in this process, on a grid small enough for tests.</summary>
internal static class Runs
{
    public const int Steps = 60;

    public static RunOptions Options(string output) => new()
    {
        Grid = (16, 8),
        Steps = Steps,
        HistoryEvery = 7,
        Member = 2,
        Seed = 5,
        Forcing = 2,
        Output = output,
        Quiet = true,
    };

    public static int Run(RunOptions options, RunEnvironment? environment = null)
    {
        using var leave = new LeaveRequest();
        using var command = new RunCommand(options, environment ?? new RunEnvironment(), TimeProvider.System, leave);
        return command.Run();
    }

    /// <summary>The histories and final states of two output directories, byte for byte.</summary>
    public static void ShouldBeIdentical(string first, string second)
    {
        foreach (var file in new[] { "history.nc", "restart/state.bin", "summary.json" })
        {
            File.ReadAllBytes(Path.Combine(first, file)).ShouldBe(File.ReadAllBytes(Path.Combine(second, file)), file);
        }
    }
}
