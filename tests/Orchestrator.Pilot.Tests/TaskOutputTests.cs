using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Tests;

public sealed class TaskOutputTests
{
    [Fact]
    public void A_start_that_failed_and_is_tried_again_leaves_what_the_attempt_before_wrote()
    {
        var folder = Directory.CreateTempSubdirectory("o-pilot-").FullName;
        try
        {
            var (newest, first) = (Path.Combine(folder, "stdout.txt"), Path.Combine(folder, "stdout.1.txt"));
            File.WriteAllText(newest, "the first attempt");
            File.WriteAllText(Path.Combine(folder, "stderr.txt"), "");

            // The second attempt finds no process to run in, twice, and then runs.
            for (var tries = 0; tries < 2; tries++)
            {
                TaskOutput.Keep(folder, 1);
                File.WriteAllText(newest, "");
                TaskOutput.Discard(folder);
                File.Exists(newest).ShouldBeFalse();
            }

            TaskOutput.Keep(folder, 1);
            File.WriteAllText(newest, "the second attempt");
            TaskOutput.Discard(folder);

            File.ReadAllText(first).ShouldBe("the first attempt");
            File.ReadAllText(newest).ShouldBe("the second attempt", "what is not empty is no trace of a start that failed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
