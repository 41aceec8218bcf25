using Orchestrator.Core.Replay;
using Orchestrator.Core.Tests.Replay;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Tests.Usage;

public sealed class UsageImportTests
{
    private const string Sacct = """
        JobID|User|Account|JobName|Submit|Start|End|AllocCPUS|AllocNodes|AllocTRES|TotalCPU|MaxRSS|Timelimit|State|
        7|ann|climate|coupled|2024-05-06T00:00:00|2024-05-06T01:00:00|2024-05-06T03:00:00|8|2|cpu=8,mem=4G,node=2,gres/gpu=2|12:00:00||1-00:00:00|COMPLETED|
        7.batch||climate|batch|2024-05-06T01:00:00|2024-05-06T01:00:00|2024-05-06T03:00:00|4|1||||||
        7.0||climate|coupled|2024-05-06T01:00:00|2024-05-06T01:00:00|2024-05-06T03:00:00|8|2|||2G|||
        8_1|bob|climate|array|2024-05-06T00:00:00|2024-05-06T02:00:00|2024-05-06T02:30:00|1|1|||||TIMEOUT|
        9|bob|climate|wait|2024-05-06T00:00:00|Unknown|Unknown|1|1|||||PENDING|
        10|bob|climate|run|2024-05-06T00:00:00|2024-05-06T02:00:00|Unknown|1|1|||||RUNNING|
        8_1|bob|climate|array|2024-05-06T00:00:00|2024-05-06T02:00:00|2024-05-06T02:30:00|1|1|||||TIMEOUT|
        """;

    [Fact]
    public void Jobs_of_sacct_are_counted_once_with_what_their_steps_measured()
    {
        var import = SacctUsage.Read(new StringReader(Sacct), "sacct.txt");

        import.Records.Select(static record => record.Task).ShouldBe(["7", "8_1"]);
        var job = import.Records[0];
        (job.User, job.Project, job.Stage).ShouldBe(("ann", "climate", "coupled"));
        job.Amounts.Cores.ShouldBe(8 * 7200);
        job.Amounts.Gpus.ShouldBe(2 * 7200);
        job.Amounts.Nodes.ShouldBe(2 * 7200);
        job.Amounts.Memory.ShouldBe(2.0 * (1 << 30) * 7200);
        job.MemoryHeld.ShouldBe(4.0 * (1L << 30));
        import.Records[1].MemoryHeld.ShouldBe(0);
        job.Amounts.Busy.ShouldBe(12 * 3600);
        job.Limit.ShouldBe(TimeSpan.FromDays(1));
        (job.From - job.Submitted).ShouldBe(TimeSpan.FromHours(1));
        import.Notes.ShouldBe(["1 job never started: left out", "1 job not ended: left out", "1 job there already: counted once"]);
    }

    [Theory]
    [InlineData("64", "", 64 * 3.0, true)]
    [InlineData("", "cpu=1,mem=180G,fs/disk=3", 180, true)]
    [InlineData("", "", 3, false)]
    public void Memory_of_a_job_is_that_of_all_its_tasks_or_is_known_to_be_that_of_one(string tasks, string total, double gib, bool isWhole)
    {
        var job = SacctUsage.Read(new StringReader($"JobID|Start|End|AllocCPUS|AllocTRES|MaxRSS|NTasks|TRESUsageInTot\n7|2024-05-06T01:00:00|2024-05-06T03:00:00|64|mem=256G|||\n7.extern|2024-05-06T01:00:00|2024-05-06T03:00:00|64||0|1|\n7.0|2024-05-06T01:00:00|2024-05-06T03:00:00|64||3G|{tasks}|{total}\n"), "x.txt").Records.ShouldHaveSingleItem();

        (job.Amounts.Memory / 7200 / (1L << 30)).ShouldBe(gib, 1e-9);
        job.IsMemoryWhole.ShouldBe(isWhole);
        job.MemoryHeld.ShouldBe(256.0 * (1L << 30));
    }

    [Fact]
    public void Sacct_without_what_is_needed_says_what_is_missing()
    {
        var fault = Should.Throw<WorkloadException>(() => SacctUsage.Read(new StringReader("JobID|User\n7|ann\n"), "x.txt"));

        fault.Message.ShouldContain("no column Start");
        fault.Message.ShouldContain("no column AllocCPUS or NCPUS or CPUTimeRAW");
    }

    [Fact]
    public void Wrong_lines_are_all_told_by_number()
    {
        var fault = Should.Throw<WorkloadException>(() => SacctUsage.Read(new StringReader("JobID|Start|End|AllocCPUS\n7|soon|2024-05-06T03:00:00|8\n8|2024-05-06T03:00:00|2024-05-06T01:00:00|8\n"), "x.txt"));

        fault.Message.ShouldContain("x.txt:2: Start: 'soon' is no time");
        fault.Message.ShouldContain("x.txt:3: End: 2024-05-06T01:00:00 is before the start");
    }

    [Fact]
    public void A_job_over_the_hour_in_which_clocks_are_set_back_lasts_as_long_as_it_ran()
    {
        var job = SacctUsage.Read(new StringReader("JobID|Start|End|Elapsed|AllocCPUS\n7|2024-10-27T02:50:00|2024-10-27T02:20:00|00:30:00|8\n"), "x.txt").Records.Single();

        (job.Until - job.From).ShouldBe(TimeSpan.FromMinutes(30));
        job.Amounts.Cores.ShouldBe(8 * 1800);
    }

    [Fact]
    public void A_bar_in_a_name_is_refused_by_its_line_and_shifts_no_columns()
    {
        var fault = Should.Throw<WorkloadException>(() => SacctUsage.Read(new StringReader("JobID|JobName|Start|End|AllocCPUS\n7|a|b|2024-10-27T02:00:00|2024-10-27T03:00:00|8\n"), "x.txt"));

        fault.Message.ShouldContain("x.txt:2: line: 6 cells; the heading has 5: is there a '|' in a name?");
    }

    [Fact]
    public void A_real_log_gives_the_hours_that_are_known_of_it()
    {
        using var file = File.OpenRead(Traces.PathOf("KTH-SP2-1996-2.1-cln.swf.gz"));

        var import = UsageLogs.Read(file, "KTH-SP2-1996-2.1-cln.swf.gz");

        var months = Traces.Rows("usage-monthly.csv.gz").Where(static row => row("trace").StartsWith("KTH", StringComparison.Ordinal)).Sum(static row => double.Parse(row("proc_hours_used"), System.Globalization.CultureInfo.InvariantCulture));
        import.Records.Length.ShouldBeGreaterThan(28_000);
        import.Records.Sum(static record => record.Amounts.Cores / 3600).ShouldBe(months, 0.02 * months);
        import.Records[0].From.Year.ShouldBe(1996);
    }

    [Fact]
    public void A_job_in_two_logs_counts_once()
    {
        var import = SacctUsage.Read(new StringReader(Sacct), "sacct.txt");

        var both = UsageLogs.Together([import, import]);

        both.Records.Length.ShouldBe(2);
        both.Notes.ShouldContain("2 jobs in more than one log: counted once");
    }

    [Theory]
    [InlineData("1-02:03:04", 93_784), InlineData("02:03", 123), InlineData("00:00:01.5", 1.5), InlineData("UNLIMITED", -1), InlineData("", -1)]
    public void Durations_of_slurm_are_read(string text, double seconds) => (SacctUsage.Duration(text)?.TotalSeconds ?? -1).ShouldBe(seconds);
}
