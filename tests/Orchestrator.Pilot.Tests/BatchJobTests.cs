using Orchestrator.Pilot.Batch;

namespace Orchestrator.Pilot.Tests;

public sealed class BatchJobTests
{
    [Fact]
    public void Slurm_tells_cores_nodes_and_the_end()
    {
        var job = Read(new() { ["SLURM_JOB_ID"] = "1", ["SLURM_JOB_CPUS_PER_NODE"] = "16(x2),8", ["SLURM_JOB_NODELIST"] = "n[1-2,07]", ["SLURM_JOB_END_TIME"] = "1800000000" })!;

        job.Cores.ShouldBe(16);
        job.Hosts.ShouldBe([new("n1", 16), new("n2", 16), new("n07", 8)]);
        job.EndsAt.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        job.Launcher.ShouldStartWith("srun ");
        Read(new() { ["SLURM_JOB_ID"] = "1", ["SLURMD_NODENAME"] = "n7" })!.Here.ShouldBe("n7", "nodes of a job need not be named as their machines are");
    }

    [Fact]
    public void PBS_has_a_line_for_each_process_of_a_node()
    {
        var job = Read(new() { ["PBS_JOBID"] = "1", ["PBS_NODEFILE"] = "nodes" }, "n1.site", "n1.site", "n2.site")!;

        job.Cores.ShouldBe(2);
        job.Hosts.ShouldBe([new("n1.site", 2), new("n2.site", 1)]);
        Read(new() { ["PBS_JOBID"] = "1", ["NCPUS"] = "8" })!.Cores.ShouldBe(8);
    }

    [Fact]
    public void LSF_names_hosts_and_slots_in_turn()
    {
        var job = Read(new() { ["LSB_JOBID"] = "1", ["LSB_MCPU_HOSTS"] = "n2 4 n1 12" })!;

        job.Cores.ShouldBe(12);
        job.Hosts.ShouldBe([new("n2", 4), new("n1", 12)]);
    }

    [Fact]
    public void The_end_is_what_the_batch_system_answers()
    {
        var now = new DateTimeOffset(2026, 11, 21, 19, 0, 0, TimeSpan.FromHours(2));
        var pbs = new Dictionary<string, string?> { ["PBS_JOBID"] = "17.server" };
        var lsf = new Dictionary<string, string?> { ["LSB_JOBID"] = "17" };
        const string qstat = "Job Id: 17.server\n    Job_Name = pilot\n    Resource_List.walltime = 100:00:30\n    stime = Sat Nov  7 18:00:00 2026\n";

        EndOf(pbs, "qstat -f 17.server", qstat).ShouldBe(new DateTimeOffset(2026, 11, 7, 18, 0, 0, TimeSpan.FromHours(2)) + new TimeSpan(100, 0, 30));
        EndOf(pbs, "qstat -f 17.server", "qstat: no such job").ShouldBeNull();
        EndOf(pbs, "", null).ShouldBeNull();
        EndOf(new(pbs) { ["PBS_WALLTIME"] = "3600" }, "", null).ShouldBe(now.AddMinutes(-10) + TimeSpan.FromHours(1), "from the beginning of the job, not of the pilot");
        EndOf(lsf, "bjobs -noheader -o time_left 17", "0:58 L\n").ShouldBe(now.AddMinutes(58));
        EndOf(lsf, "bjobs -noheader -o time_left 17", "0:58 E\n").ShouldBeNull("an estimate is no limit");
        EndOf(lsf, "bjobs -noheader -o time_left 17", "-\n").ShouldBeNull();

        DateTimeOffset? EndOf(Dictionary<string, string?> variables, string question, string? answer) => BatchEnd.Of(
            Read(variables)!, variables.GetValueOrDefault, (program, words) => $"{program} {string.Join(' ', words)}" == question ? answer : null, now.AddMinutes(-10), now);
    }

    [Fact]
    public void A_session_began_with_its_leader_and_where_that_is_not_seen_with_the_oldest_forebear_of_the_same_session()
    {
        var boot = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var files = new Dictionary<string, string> { ["/proc/stat"] = "cpu  1 2 3\nbtime 1800000000\nprocesses 9\n", ["/proc/self/stat"] = Stat(40, parent: 30, session: 10, start: 900) };

        // The parent of the parent is of another session.
        files["/proc/30/stat"] = Stat(30, parent: 20, session: 10, start: 700);
        files["/proc/20/stat"] = Stat(20, parent: 1, session: 5, start: 100);
        Begun().ShouldBe(boot.AddSeconds(7), "the leader has ended");
        files["/proc/10/stat"] = Stat(10, parent: 1, session: 10, start: 550);
        Begun().ShouldBe(boot.AddSeconds(5.5));

        // Seen from a container the session is that of a process outside.
        files["/proc/self/stat"] = Stat(40, parent: 30, session: 0, start: 900);
        files["/proc/30/stat"] = Stat(30, parent: 0, session: 0, start: 800);
        Begun().ShouldBe(boot.AddSeconds(8));

        files["/proc/self/stat"] = "40 (x) R 1";
        Begun().ShouldBeNull();
        files.Clear();
        Begun().ShouldBeNull();
        SessionStart.Read().ShouldNotBeNull("this machine has a process table");

        DateTimeOffset? Begun() => SessionStart.Read(path => files.GetValueOrDefault(path));

        static string Stat(int id, int parent, int session, int start) => $"{id} (a ) b) S {parent} {id} {session} {string.Join(' ', Enumerable.Repeat(0, 15))} {start} 0 0";
    }

    [Theory]
    [InlineData("n1", "n1")]
    [InlineData("n[1-3,7],m3", "n1 n2 n3 n7 m3")]
    [InlineData("rack[01-02]n[1-2]", "rack01n1 rack01n2 rack02n1 rack02n2")]
    [InlineData("a-[09-10].site", "a-09.site a-10.site")]
    public void Short_forms_of_hosts_are_written_out(string text, string expected) => string.Join(' ', HostList.Expand(text)).ShouldBe(expected);

    [Theory]
    [InlineData("n[1-3"), InlineData("n[a-b]")]
    public void What_is_no_list_of_hosts_is_told(string text) => Should.Throw<FormatException>(() => HostList.Expand(text));

    [Fact]
    public void Elsewhere_there_is_no_job() => Read([]).ShouldBeNull();

    private static BatchJob? Read(Dictionary<string, string?> variables, params string[] nodeFile) => BatchJob.Read(variables.GetValueOrDefault, _ => nodeFile, "n1", static _ => false);
}
