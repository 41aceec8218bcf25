namespace Orchestrator.Cli.Tests;

public sealed class AgentInJobTests
{
    // No token can be read, so that it ends before it talks to anybody.
    private static readonly string[] Agent = ["agent", "--url", "http://127.0.0.1:1", "--token-file", "/dev/null", "--data", Path.GetTempPath()];

    [Fact]
    public async Task In_a_job_of_slurm_the_agent_knows_when_its_allocation_ends()
    {
        var (status, _, error) = await CommandLine.RunWithAsync(new() { ["SLURM_JOB_ID"] = "7", ["SLURM_JOB_END_TIME"] = "1900000000" }, Agent);

        error.ShouldContain("in a job of Slurm until 2030-03-17 17:46:40Z: what runs leaves with a checkpoint before it");
        status.ShouldBe(ExitCodes.Unreadable);
    }

    [Fact]
    public async Task In_a_job_whose_end_nobody_tells_the_agent_says_what_follows_from_that()
    {
        var (_, _, error) = await CommandLine.RunWithAsync(new() { ["SLURM_JOB_ID"] = "7" }, Agent);

        error.ShouldContain("in a job of Slurm whose end is not known: say --until, or what runs is killed with it");
    }

    [Fact]
    public async Task What_is_said_of_the_end_goes_before_what_the_job_tells()
    {
        var (_, _, error) = await CommandLine.RunWithAsync(new() { ["SLURM_JOB_ID"] = "7", ["SLURM_JOB_END_TIME"] = "1900000000" }, [.. Agent, "--until", "2029-01-01T00:00:00Z"]);

        error.ShouldContain("until 2029-01-01 00:00:00Z");
    }
}
