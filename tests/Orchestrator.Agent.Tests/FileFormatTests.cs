using System.Collections.Immutable;
using System.Text;
using Orchestrator.Agent.Attempts;
using Orchestrator.Agent.Machine;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Programs;
using Orchestrator.Agent.Reports;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

public sealed class FileFormatTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-files-test-").FullName;

    [Fact]
    public void A_line_counts_once_it_ends()
    {
        var path = Path.Combine(folder, "lines");
        var tail = new LineTail(path);
        tail.Read().ShouldBeEmpty();

        File.WriteAllText(path, "one\ntw");
        Texts(tail).ShouldBe(["one"]);
        File.AppendAllText(path, "o\nthree\n");
        Texts(tail).ShouldBe(["two", "three"]);
        Texts(tail).ShouldBeEmpty();
        File.WriteAllText(path, "anew\n");
        Texts(tail).ShouldBe(["anew"]);
    }

    [Theory]
    [InlineData("""{"progress":0.4,"step":1200,"metrics":{"tas":287.1,"bad":null}}""", 0.4, 1200L)]
    [InlineData("""{"progress":7,"step":"x","other":[1]}""", 1.0, null)]
    [InlineData("""{"step":3}""", null, 3L)]
    public void Progress_lines_are_read_with_patience(string text, double? progress, long? step)
    {
        var line = ProgressLine.Parse(Encoding.UTF8.GetBytes(text)).ShouldNotBeNull();

        line.Progress.ShouldBe(progress);
        line.Step.ShouldBe(step);
        line.Metrics.Keys.ShouldNotContain("bad");
    }

    [Fact]
    public void A_line_that_names_stages_is_passed_on_without_the_rest_of_it()
    {
        var line = ProgressLine.Parse("""{"progress":0.5,"key":"k","stages":{"b":{"run":"x"}},"other":1}"""u8.ToArray()).ShouldNotBeNull();

        line.Stages.ShouldBe("""{"key":"k","stages":{"b":{"run":"x"}}}""");
        ProgressLine.Parse("""{"stages":[1]}"""u8.ToArray())!.Stages.ShouldBeNull();
        ProgressLine.Parse("""{"edges":{"b":"a"}}"""u8.ToArray())!.Stages.ShouldNotBeNull();
    }

    [Fact]
    public void Results_of_stages_become_variables()
    {
        StageOutcome outcome = new() { Stage = "spin-up", Status = StageStatus.Completed, ExitStatus = 0, Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("tas.mean", 287.25) };

        StageResultWords.Of([outcome]).ShouldBe([("ORCHESTRATOR_STAGE_SPIN_UP_STATUS", "completed"), ("ORCHESTRATOR_STAGE_SPIN_UP_EXIT", "0"), ("ORCHESTRATOR_STAGE_SPIN_UP_METRIC_TAS_MEAN", "287.25")]);
        Encoding.UTF8.GetString(StageResultWords.File([outcome])).ShouldContain("\"tas.mean\":287.25");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[1]")]
    [InlineData("")]
    public void What_is_no_object_is_no_progress(string text) => ProgressLine.Parse(Encoding.UTF8.GetBytes(text)).ShouldBeNull();

    [Fact]
    public void Names_of_processes_may_hold_anything()
    {
        var stat = ProcessStat.Parse("42 (a) b (c) S 1 42 42 0 -1 4194304 10 0 0 0 3 4 5 6 20 0 1 0 777 1000 25 18446744073709551615 0 0 0").ShouldNotBeNull();

        stat.Name.ShouldBe("a) b (c");
        (stat.Parent, stat.Session, stat.StartTicks, stat.CpuTicks, stat.Pages).ShouldBe((1, 42, 777L, 18L, 25L));
        stat.IsAlive.ShouldBeTrue();
    }

    [Fact]
    public void The_exit_record_tells_status_and_use()
    {
        var path = Path.Combine(folder, "exit");
        File.WriteAllText(path, "status 137\n0m0.010000s 0m0.020000s\n1m2.500s 0m1.0s\nread_bytes: 100\nwrite_bytes: 200\n");

        var record = ExitRecord.Read(path).ShouldNotBeNull();

        record.Signal.ShouldBe(9);
        record.CpuTime.ShouldBe(TimeSpan.FromSeconds(63.53));
        (record.BytesRead, record.BytesWritten).ShouldBe((100L, 200L));
    }

    [Fact]
    public void Sets_of_cores_are_read_as_the_kernel_writes_them() => MachineInfo.ParseCoreList("0-2,8,10-11\n").ShouldBe([0, 1, 2, 8, 10, 11]);

    [Fact]
    public void Gpus_are_read_from_the_table_of_nvidia_smi()
    {
        var gpus = MachineInfo.ParseGpus("NVIDIA A100-SXM4-80GB, 81920\nNVIDIA A100-SXM4-80GB, 81920\n");

        gpus.Length.ShouldBe(2);
        gpus[0].Model.ShouldBe("NVIDIA A100-SXM4-80GB");
        gpus[0].Memory.ShouldBe(81920L * 1024 * 1024);
        MachineInfo.ParseGpus("NVIDIA A100-SXM4-80GB, 81920, 8.0\nTesla K40, 11441, [N/A]\n").Select(gpu => gpu.ComputeCapability).ShouldBe(["8.0", ""]);
    }

    [Fact]
    public void The_storage_of_a_node_is_that_of_its_file_system_however_full_it_is()
    {
        const long gigaByte = 1024 * 1024 * 1024;
        var directory = Path.GetTempPath();

        MachineInfo.StorageOf(directory).ShouldBe(new DriveInfo(directory).TotalSize / gigaByte * gigaByte);
    }

    [Fact]
    public void The_rate_of_the_network_is_that_of_the_fastest_link_that_is_up()
    {
        Link("eth0", "up", "10000");
        Link("eth1", "down", "100000");
        Link("ib0", "up", "25000");
        Link("virtual", "up", "-1");
        Link("lo", "unknown", null);

        MachineInfo.Network(folder).ShouldBe(25_000_000_000);
        MachineInfo.Network(Path.Combine(folder, "lo")).ShouldBe(0);
        MachineInfo.Network(Path.Combine(folder, "nothing")).ShouldBe(0);

        void Link(string name, string state, string? speed)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            File.WriteAllText(Path.Combine(folder, name, "operstate"), state + "\n");
            if (speed is not null)
            {
                File.WriteAllText(Path.Combine(folder, name, "speed"), speed + "\n");
            }
        }
    }

    [Fact]
    public void An_agent_that_starts_again_knows_what_was_ordered()
    {
        var path = Path.Combine(folder, "control");
        var by = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var first = new ControlFile(path);
        first.OrderCheckpoint(3).ShouldBeTrue();
        first.OrderStop(by, StopReason.Drain).ShouldBeTrue();
        File.AppendAllText(path, "{\"order\":\"che");

        var second = new ControlFile(path);

        (second.Checkpoint, second.StopBy, second.Reason).ShouldBe((3L, by, StopReason.Drain));
        second.OrderCheckpoint(3).ShouldBeFalse();
        second.OrderStop(by.AddSeconds(1), StopReason.Drain).ShouldBeFalse();
        second.OrderStop(by.AddSeconds(-1), StopReason.Cancel).ShouldBeTrue();
    }

    [Fact]
    public void A_preview_is_ordered_once_with_where_it_goes()
    {
        var path = Path.Combine(folder, "control");
        var first = new ControlFile(path);
        first.OrderPreview(2, 25, "/data/a \"b\"/ü/progressive_25pct_2").ShouldBeTrue();
        first.OrderCheckpoint(7).ShouldBeTrue();

        var second = new ControlFile(path);

        (second.Preview, second.Checkpoint).ShouldBe((2L, 7L));
        second.OrderPreview(2, 50, "x").ShouldBeFalse();
        second.OrderPreview(3, 50, "x").ShouldBeTrue();
        var lines = File.ReadAllLines(path);
        lines[0].ShouldBe("""{"order":"preview","level":25,"id":2,"path":"/data/a \"b\"/ü/progressive_25pct_2"}""");
        lines[2].ShouldBe("""{"order":"preview","level":50,"id":3,"path":"x"}""");
    }

    [Theory]
    [InlineData("""{"artifact":"progressive_25pct_3.png"}""", 0.25, null)]
    [InlineData("""{"artifact":"progressive_25pct_3.png","quality":0.3,"seconds":1.5}""", 0.3, 1.5)]
    [InlineData("""{"artifact":"history.nc","seconds":-1}""", 1.0, null)]
    public void What_is_called_like_a_preview_has_the_quality_of_its_level(string text, double quality, double? seconds)
    {
        var line = ProgressLine.Parse(Encoding.UTF8.GetBytes(text)).ShouldNotBeNull();

        line.Artifact!.Quality.ShouldBe(quality);
        line.Took.ShouldBe(seconds is { } said ? TimeSpan.FromSeconds(said) : null);
    }

    [Fact]
    public void A_preview_takes_what_the_program_says_or_else_the_time_since_its_order()
    {
        var now = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var watch = new PreviewWatch("/data", "/data/runs/s-1/a/e1/run");
        watch.Ordered(3, now);
        var file = new Artifact { Path = "progressive_25pct_3.png", Quality = 0.25, Size = 12, WrittenAt = now.AddSeconds(8) };

        watch.PathOf(25, 3).ShouldBe("/data/runs/s-1/a/e1/run/progressive_25pct_3");
        watch.Recognize(file, null, now.AddSeconds(9)).ShouldBe(new()
        {
            Level = 25, Path = "runs/s-1/a/e1/run/progressive_25pct_3.png", Quality = 0.25, Order = 3, MadeAt = now.AddSeconds(8), Cost = TimeSpan.FromSeconds(8), Size = 12,
        });
        watch.Recognize(file, TimeSpan.FromSeconds(2), now)!.Cost.ShouldBe(TimeSpan.FromSeconds(2));
        watch.Recognize(file with { Path = "progressive_50pct_9/", WrittenAt = null }, null, now)!.ShouldSatisfyAllConditions(
            frames => frames.Cost.ShouldBeNull(), frames => frames.MadeAt.ShouldBe(now), frames => frames.Path.ShouldBe("runs/s-1/a/e1/run/progressive_50pct_9"));
        watch.Recognize(file with { Path = "history.nc" }, null, now).ShouldBeNull();
        watch.Recognize(file with { Path = "../progressive_25pct_3.png" }, null, now).ShouldBeNull();
    }

    [Fact]
    public void The_spool_goes_on_counting_where_it_stopped_and_says_again_what_was_not_acknowledged()
    {
        var path = Path.Combine(folder, "spool");
        using (var spool = new ReportSpool(path))
        {
            spool.Append(new AttemptReport.Started());
            spool.Append(new AttemptReport.Progressed { Step = 1 });
            spool.Append(new AttemptReport.Verified());
            spool.Acknowledge(1);
        }

        File.AppendAllText(path, "{\"kind\":\"exi");
        using var again = new ReportSpool(path);

        again.Waiting(10).Select(report => report.Sequence).ShouldBe([2L, 3L]);
        again.Append(new AttemptReport.Exited()).Sequence.ShouldBe(4);
        again.Waiting(10).Select(report => report.Sequence).ShouldBe([2L, 3L, 4L]);
        again.Acknowledge(4);
        again.HasWaiting.ShouldBeFalse();
        again.Rewind();
        again.Waiting(2).Select(report => report.Sequence).ShouldBe([1L, 2L]);
    }

    [Fact]
    public void An_answer_that_comes_after_an_attempt_was_forgotten_finds_nobody_and_writes_nothing()
    {
        var state = Directory.CreateDirectory(Path.Combine(folder, "attempt")).FullName;
        var spool = new ReportSpool(Path.Combine(state, "spool"));
        spool.Append(new AttemptReport.Started());
        spool.Dispose();
        Directory.Delete(state, recursive: true);

        Should.Throw<ObjectDisposedException>(() => spool.Acknowledge(1));
        Should.Throw<ObjectDisposedException>(spool.Rewind);
        Should.Throw<ObjectDisposedException>(() => spool.Append(new AttemptReport.Verified()));
        Directory.Exists(state).ShouldBeFalse();
    }

    [Fact]
    public void A_note_that_cannot_be_written_costs_only_that_a_report_is_said_again()
    {
        var path = Path.Combine(folder, "spool");
        using var spool = new ReportSpool(path);
        spool.Append(new AttemptReport.Started());
        // A directory in its place, as a full disk would not do it, but just as firmly.
        Directory.CreateDirectory(path + ".acknowledged");

        spool.Acknowledge(1);

        spool.HasWaiting.ShouldBeFalse();
        using var again = new ReportSpool(path);
        again.Waiting(10).ShouldHaveSingleItem().Sequence.ShouldBe(1);
    }

    [Fact]
    public void What_a_fall_of_the_machine_left_in_the_spool_is_cut_off()
    {
        var path = Path.Combine(folder, "spool");
        using (var spool = new ReportSpool(path))
        {
            spool.Append(new AttemptReport.Started());
        }

        File.AppendAllText(path, new string('\0', 100) + "\n");
        using var again = new ReportSpool(path);

        again.Append(new AttemptReport.Exited()).Sequence.ShouldBe(2);
        again.Rewind();
        again.Waiting(10).Select(report => report.Sequence).ShouldBe([1L, 2L]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("status 13")]
    [InlineData("status \n")]
    [InlineData("0m0.1s 0m0.2s\n")]
    public void An_exit_record_that_a_full_disk_cut_short_is_none_and_no_success(string text)
    {
        var path = Path.Combine(folder, "exit");
        File.WriteAllText(path, text);

        ExitRecord.Read(path).ShouldBeNull();
    }

    [Fact]
    public void A_long_run_does_not_fill_the_disk_with_old_progress()
    {
        var path = Path.Combine(folder, "spool");
        using var spool = new ReportSpool(path);
        spool.Append(new AttemptReport.Started());
        var report = new AttemptReport.Progressed { Metrics = System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty.Add(new('x', 1 << 20), 1) };
        for (var i = 0; i < 6; i++)
        {
            spool.Append(report);
        }

        spool.Acknowledge(7);

        new FileInfo(path).Length.ShouldBeLessThan(2 << 20);
        spool.Append(new AttemptReport.Verified()).Sequence.ShouldBe(8);
        spool.Waiting(10).ShouldHaveSingleItem();
        using var again = new ReportSpool(path);
        again.Last!.Sequence.ShouldBe(8);
    }

    [Fact]
    public void A_run_of_which_many_reports_stay_does_not_rewrite_them_with_each_one()
    {
        var path = Path.Combine(folder, "spool");
        using var spool = new ReportSpool(path);
        spool.Append(new AttemptReport.Announced { Text = new('x', 5 << 20) });
        for (var sequence = 2; sequence <= 5; sequence++)
        {
            spool.Append(new AttemptReport.Progressed { Step = sequence });
            spool.Acknowledge(sequence);
        }

        File.ReadLines(path).Count(static line => line.Contains("\"step\":", StringComparison.Ordinal)).ShouldBe(4);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static List<string> Texts(LineTail tail) => [.. tail.Read().Select(line => Encoding.UTF8.GetString(line.Span))];
}
