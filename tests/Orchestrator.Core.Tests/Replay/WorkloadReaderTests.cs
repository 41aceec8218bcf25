using System.IO.Compression;
using System.Text;
using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Tests.Replay;

public sealed class WorkloadReaderTests
{
    private const string Heading = "job,submit,run,procs,req_time,user\n";

    [Fact]
    public void The_log_of_KTH_gives_the_jobs_of_its_published_results()
    {
        var published = Traces.Kept("easy-oracle-KTH-SP2.csv.gz").Jobs.ToDictionary(static job => job.Id);

        var log = Traces.Kept("KTH-SP2-1996-2.1-cln.swf.gz");

        log.Processors.ShouldBe(100);
        log.Jobs.Length.ShouldBe(28_467);
        log.Jobs.ShouldAllBe(job => published[job.Id] == job);
        log.Skipped.Count(static job => job.Reason == SkipReason.NeverRan).ShouldBe(8);
        log.Skipped.Single(static job => job.Reason == SkipReason.NoProcessors).Id.ShouldBe("27313");
    }

    [Fact]
    public void A_trace_without_estimates_has_none()
    {
        var lublin = Traces.Kept("lublin_256.swf.gz");

        lublin.Jobs.Length.ShouldBe(10_000);
        lublin.Jobs.ShouldAllBe(static job => job.Estimate == null && job.User == "");
        lublin.Processors.ShouldBe(256);
        lublin.Jobs[0].ShouldBe(new WorkloadJob { Id = "1", Submit = TimeSpan.FromSeconds(5094), Run = TimeSpan.FromSeconds(12072), Processors = 16 });
    }

    [Fact]
    public void A_workload_of_Batsim_is_its_jobs_with_the_delays_of_their_profiles()
    {
        var late = Traces.Kept("batsim-medium_late.json.gz");

        late.Processors.ShouldBe(32);
        late.Jobs.Length.ShouldBe(801);
        late.Jobs[0].ShouldBe(new WorkloadJob { Id = "0", Run = TimeSpan.FromSeconds(88.51), Processors = 1, Estimate = TimeSpan.FromSeconds(149), Computes = false });
    }

    [Fact]
    public void Requested_processors_go_before_allocated_ones_and_a_run_ends_with_its_requested_time()
    {
        var workload = Traces.Read("a.swf", "; MaxNodes: 4\n;MaxProcs:   8 (two each)\n\n" + Traces.Swf(1, 5, 100, 7, requestedTime: 60, requestedProcs: 6, user: 3) + Traces.Swf(2, 0, 100, 7));

        workload.Processors.ShouldBe(8);
        workload.Jobs.ShouldBe(
        [
            new WorkloadJob { Id = "2", Run = TimeSpan.FromSeconds(100), Processors = 7 },
            new WorkloadJob { Id = "1", Submit = TimeSpan.FromSeconds(5), Run = TimeSpan.FromSeconds(60), Processors = 6, Estimate = TimeSpan.FromSeconds(60), User = "3" },
        ]);
    }

    [Fact]
    public void A_job_larger_than_the_machine_is_left_out_and_told()
    {
        var workload = Traces.Read("a.swf", Traces.Swf(1, 0, 100, 9) + Traces.Swf(2, 0, -1, 2) + Traces.Swf(3, 0, 5, 8)).On(8);

        workload.Jobs.Single().Id.ShouldBe("3");
        workload.Skipped.Select(static job => (job.Id, job.Reason)).ShouldBe([("2", SkipReason.NeverRan), ("1", SkipReason.TooLarge)]);
    }

    [Fact]
    public void Parts_of_a_job_are_left_out_since_the_whole_is_there()
    {
        var part = Traces.Swf(1, 0, 40, 2);

        var workload = Traces.Read("a.swf", Traces.Swf(1, 0, 100, 2) + part.Replace("-1 1 -1", "-1 2 -1", StringComparison.Ordinal) + part.Replace("-1 1 -1", "-1 3 -1", StringComparison.Ordinal));

        workload.Jobs.Single().Run.ShouldBe(TimeSpan.FromSeconds(100));
        workload.Skipped.Select(static job => (job.Place, job.Reason)).ShouldBe([(2, SkipReason.PartOfJob), (3, SkipReason.PartOfJob)]);
    }

    [Fact]
    public void A_table_needs_no_users_and_its_lines_may_end_as_on_Windows() =>
        Traces.Read("a.csv", "job,submit,run,procs,req_time\r\n1,0,10,2,20\r\n").Jobs.ShouldBe([new WorkloadJob { Id = "1", Run = TimeSpan.FromSeconds(10), Processors = 2, Estimate = TimeSpan.FromSeconds(20) }]);

    [Fact]
    public void Columns_stand_in_any_order_and_others_are_ignored()
    {
        var workload = Traces.Read("a.CSV", "\"wait, s\",user,procs,run,submit,job,req_time\n\"1,\"\"5\",ann,2,10.5,3,a,\n9,,1,1,4,b,-1\n");

        workload.Jobs.ShouldBe(
        [
            new WorkloadJob { Id = "a", Submit = TimeSpan.FromSeconds(3), Run = TimeSpan.FromSeconds(10.5), Processors = 2, User = "ann" },
            new WorkloadJob { Id = "b", Submit = TimeSpan.FromSeconds(4), Run = TimeSpan.FromSeconds(1), Processors = 1 },
        ]);
    }

    [Fact]
    public void A_sequence_of_delays_takes_their_sum_as_often_as_it_repeats()
    {
        var workload = Traces.Read("a.json", """
            {"nb_res": 2, "jobs": [{"id": "x", "subtime": 1.5, "res": 2, "profile": "three"}],
             "profiles": {"a": {"type": "delay", "delay": 2}, "three": {"type": "composed", "repeat": 3, "seq": ["a", "a"]}}}
            """);

        workload.Jobs.Single().ShouldBe(new WorkloadJob { Id = "x", Submit = TimeSpan.FromSeconds(1.5), Run = TimeSpan.FromSeconds(12), Processors = 2, Computes = false });
    }

    [Theory]
    [InlineData("a.swf", "; x\n1 0 -1 5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1\n", "a.swf:2: 17 fields; a job has 18")]
    [InlineData("a.swf", "1 0 -1 5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1 -1\n", "a.swf:1: more than 18 fields; a job has 18")]
    [InlineData("a.swf", "1 -1 -1 5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "a.swf:1: submit time: -1 seconds; allowed: 0 to 10000000000")]
    [InlineData("a.swf", "1 0 -1 -5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "a.swf:1: run time: -5 seconds; allowed: 0 to 10000000000")]
    [InlineData("a.swf", "1 0 -1 5 -2 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "a.swf:1: allocated processors: -2 is negative")]
    [InlineData("a.swf", "1 0 -1 five 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "a.swf:1: run time: 'five' is not a number of seconds")]
    [InlineData("a.swf", "1 0 -1 5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 x\n", "a.swf:1: think time: 'x' is not a number")]
    [InlineData("a.swf", "1 0 -1 5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n1 0 -1 5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", "a.swf:2: job: 1 is there twice, first at 1")]
    [InlineData("a.swf", "; only this\n", "a.swf: it has no jobs")]
    [InlineData("a.txt", "", "a.txt: the ending is not of a trace; allowed: .swf, .csv and .json, each also with .gz")]
    [InlineData("a.csv", "", "a.csv:1: it is empty; the first line names the columns")]
    [InlineData("a.csv", "job,submit,run,user\n", "a.csv:1: columns procs, req_time are missing; needed: job, submit, run, procs, req_time")]
    [InlineData("a.csv", Heading + "1,0,5,1,10\n", "a.csv:2: 5 fields; the heading has 6")]
    [InlineData("a.csv", Heading + "1,0,-5,1,10,u\n", "a.csv:2: run: -5 seconds; allowed: 0 to 10000000000")]
    [InlineData("a.csv", Heading + "1,-3,5,1,10,u\n", "a.csv:2: submit: -3 seconds; allowed: 0 to 10000000000")]
    [InlineData("a.csv", Heading + "1,0,5,-1,10,u\n", "a.csv:2: procs: -1 is negative")]
    [InlineData("a.csv", Heading + "1,0,5,1,-10,u\n", "a.csv:2: req_time: -10 seconds; allowed: 0 to 10000000000")]
    [InlineData("a.csv", Heading + "1,0,5,1.5,10,u\n", "a.csv:2: procs: '1.5' is not a whole number")]
    [InlineData("a.csv", Heading + "1,NaN,5,1,10,u\n", "a.csv:2: submit: 'NaN' is not a number of seconds")]
    [InlineData("a.csv", Heading + ",0,5,1,10,u\n", "a.csv:2: job: it is empty")]
    [InlineData("a.csv", Heading + "\"1,0,5,1,10,u\n", "a.csv:2: a quoted field does not end on its line")]
    [InlineData("a.json", "[]", "a.json: it is not an object")]
    [InlineData("a.json", "{\"jobs\": []}", "a.json: profiles: it is missing")]
    [InlineData("a.json", "{\"jobs\": [{\"id\": 1, \"subtime\": -1, \"res\": 1, \"profile\": \"p\"}], \"profiles\": {\"p\": {\"type\": \"delay\", \"delay\": 1}}}", "a.json:1: jobs[0].subtime: -1 seconds; allowed: 0 to 10000000000")]
    [InlineData("a.json", "{\"jobs\": [{\"id\": 1, \"subtime\": 1, \"res\": 1, \"profile\": \"q\"}], \"profiles\": {}}", "a.json:1: jobs[0].profile: there is no profile 'q'")]
    [InlineData("a.json", "{\"jobs\": [{\"id\": 1, \"subtime\": 1, \"res\": 1, \"profile\": \"q\"}], \"profiles\": {\"q\": {\"type\": \"parallel\"}}}", "a.json:1: profiles.q.type: 'parallel' takes a time that depends on the platform; allowed: delay, composed, sequence")]
    [InlineData("a.json", "{\"jobs\": [{\"id\": 1, \"subtime\": 1, \"res\": 1, \"profile\": \"q\"}], \"profiles\": {\"q\": {\"type\": \"composed\", \"seq\": [\"q\"]}}}", "a.json:1: profiles.q: sequences are nested deeper than 32, or contain themselves")]
    public void What_breaks_the_format_is_told_with_its_place(string name, string text, string message)
    {
        var fault = Should.Throw<WorkloadException>(() => Traces.Read(name, text));

        fault.Message.ShouldBe(message);
    }

    [Fact]
    public void Bad_JSON_is_told_with_its_line()
    {
        var fault = Should.Throw<WorkloadException>(() => Traces.Read("a.json", "{\n\"jobs\": [\n"));

        fault.Message.ShouldStartWith("a.json:3: it is no JSON: ");
        fault.Line.ShouldBe(3);
    }

    [Fact]
    public void A_compressed_trace_that_is_cut_off_anywhere_is_refused_as_a_whole()
    {
        var whole = Traces.Bytes("lublin_256.swf.gz");

        foreach (var length in (int[])[0, 5, 17, 100, whole.Length / 2, whole.Length - 9, whole.Length - 8, whole.Length - 4, whole.Length - 1])
        {
            using var content = new MemoryStream(whole, 0, length);
            Should.Throw<WorkloadException>(() => WorkloadReader.Read(content, "lublin_256.swf.gz")).Message.ShouldStartWith("lublin_256.swf.gz: the compressed data is damaged or cut off");
        }
    }

    [Fact]
    public void What_is_not_compressed_is_not_taken_for_it()
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(Traces.Swf(1, 0, 5, 1)));

        Should.Throw<WorkloadException>(() => WorkloadReader.Read(content, "a.swf.gz")).Message.ShouldStartWith("a.swf.gz: the compressed data is damaged or cut off");
    }

    [Fact]
    public void Compressed_parts_that_were_joined_are_read_as_one()
    {
        using var content = new MemoryStream();
        foreach (var part in (string[])[Traces.Swf(1, 0, 5, 1), Traces.Swf(2, 0, 5, 1)])
        {
            using var packed = new GZipStream(content, CompressionLevel.Optimal, leaveOpen: true);
            packed.Write(Encoding.UTF8.GetBytes(part));
        }

        content.Position = 0;

        WorkloadReader.Read(content, "a.swf.gz").Jobs.Length.ShouldBe(2);
    }

    [Fact]
    public void Load_divides_the_times_between_submissions()
    {
        var workload = Traces.Read("a.swf", Traces.Swf(1, 100, 5, 1) + Traces.Swf(2, 110, 5, 1) + Traces.Swf(3, 130, 5, 1));

        workload.WithLoad(2).Jobs.Select(static job => job.Submit.TotalSeconds).ShouldBe([100, 105, 115]);
        Should.Throw<ArgumentOutOfRangeException>(() => workload.WithLoad(0)).Message.ShouldContain("above 0");
        Should.Throw<ArgumentOutOfRangeException>(() => workload.WithLoad(double.NaN));
    }
}
