using Orchestrator.Pilot.Batch;

namespace Orchestrator.Pilot.Tests;

public sealed class BatchJobTests
{
    [Fact]
    public void Slurm_tells_cores_nodes_and_the_end()
    {
        var job = Read(new() { ["SLURM_JOB_ID"] = "1", ["SLURM_JOB_CPUS_PER_NODE"] = "16(x2)", ["SLURM_JOB_NUM_NODES"] = "2", ["SLURM_JOB_END_TIME"] = "1800000000" });

        job.ShouldBe(new BatchJob { System = "Slurm", Cores = 16, Nodes = 2, EndsAt = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000) });
    }

    [Fact]
    public void PBS_has_a_line_for_each_process_of_a_node()
    {
        Read(new() { ["PBS_JOBID"] = "1", ["PBS_NODEFILE"] = "nodes" }, "n1.site", "n1.site", "n2.site").ShouldBe(new BatchJob { System = "PBS", Cores = 2, Nodes = 2 });
        Read(new() { ["PBS_JOBID"] = "1", ["NCPUS"] = "8" }).ShouldBe(new BatchJob { System = "PBS", Cores = 8, Nodes = 1 });
    }

    [Fact]
    public void LSF_names_hosts_and_slots_in_turn() =>
        Read(new() { ["LSB_JOBID"] = "1", ["LSB_MCPU_HOSTS"] = "n2 4 n1 12" }).ShouldBe(new BatchJob { System = "LSF", Cores = 12, Nodes = 2 });

    [Fact]
    public void Elsewhere_there_is_no_job() => Read([]).ShouldBeNull();

    private static BatchJob? Read(Dictionary<string, string> variables, params string[] nodeFile) => BatchJob.Read(variables.GetValueOrDefault, _ => nodeFile, "n1");
}
