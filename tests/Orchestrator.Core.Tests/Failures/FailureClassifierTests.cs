using Orchestrator.Core.Failures;

namespace Orchestrator.Core.Tests.Failures;

public sealed class FailureClassifierTests
{
    [Theory]
    [InlineData("Heartbeat timeout: last heard 30 s ago", FailureKind.NodeOffline)]
    [InlineData("CPU load 0.98 above threshold", FailureKind.ResourceContention)]
    [InlineData("Memory usage 0.99 above threshold", FailureKind.MemoryExhaustion)]
    [InlineData("Disk space nearly exhausted", FailureKind.DiskFull)]
    [InlineData("Too many network errors: 12", FailureKind.NetworkFailure)]
    [InlineData("Simulation stalled for 120 minutes", FailureKind.Deadlock)]
    [InlineData("Stage exceeded time limit", FailureKind.Timeout)]
    [InlineData("Storage system failure", FailureKind.StorageFailure)]
    [InlineData("something odd", FailureKind.Unknown)]
    public void A_message_tells_the_kind_of_failure(string message, FailureKind kind) => FailureClassifier.OfMessage(message).ShouldBe(kind);

    [Theory]
    [InlineData("terminate called after throwing an instance of 'std::bad_alloc'", FailureKind.MemoryExhaustion, false)]
    [InlineData("slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1.0", FailureKind.MemoryExhaustion, false)]
    [InlineData("RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB", FailureKind.MemoryExhaustion, false)]
    [InlineData("CUDA error: uncorrectable ECC error encountered", FailureKind.NodeDegraded, true)]
    [InlineData("At line 12: write error: No space left on device", FailureKind.DiskFull, false)]
    [InlineData("nccl error: unhandled system error", FailureKind.NetworkFailure, false)]
    [InlineData("OSError: [Errno 5] Input/output error", FailureKind.StorageFailure, true)]
    [InlineData("Stale file handle", FailureKind.StorageFailure, true)]
    [InlineData("MPI_ABORT was invoked on rank 3 in communicator MPI_COMM_WORLD", FailureKind.ProcessCrash, false)]
    [InlineData("ERROR: tas is NaN at step 81", FailureKind.ProcessCrash, false)]
    [InlineData("Program received signal SIGSEGV: Segmentation fault - invalid memory reference.", FailureKind.ProcessCrash, false)]
    [InlineData("t-17: exit status 1: out of memory\nsimulate: tasks fail on this node that others complete", FailureKind.NodeDegraded, true)]
    [InlineData("ORTE has lost communication with a remote daemon.", FailureKind.NodeOffline, true)]
    public void The_last_words_of_a_program_tell_what_it_died_of_and_whether_its_node_had_a_part_in_it(string words, FailureKind kind, bool node)
    {
        var diagnosis = FailureClassifier.Of(new() { ExitStatus = 1, Words = words });

        diagnosis.Kind.ShouldBe(kind);
        diagnosis.NodeAtFault.ShouldBe(node);
        diagnosis.Detection.ShouldBe(FailureDetection.LogAnalysis);
        diagnosis.Explanation.ShouldNotBeEmpty();
    }

    [Fact]
    public void What_a_rank_said_counts_before_the_abort_that_it_caused() =>
        FailureClassifier.Of(new() { ExitStatus = 1, Words = "rank 3: Cannot allocate memory\nMPI_ABORT was invoked on rank 3" }).Kind.ShouldBe(FailureKind.MemoryExhaustion);

    [Fact]
    public void A_nan_inside_a_word_is_none() => FailureClassifier.Of(new() { ExitStatus = 1, Words = "finance banana" }).Explanation.ShouldBe("exit status 1");

    [Theory]
    [InlineData("OUT_OF_MEMORY", FailureKind.MemoryExhaustion)]
    [InlineData("NODE_FAIL", FailureKind.NodeOffline)]
    [InlineData("TIMEOUT", FailureKind.Timeout)]
    public void The_reason_of_the_batch_system_counts_before_all_else(string reason, FailureKind kind) =>
        FailureClassifier.Of(new() { ExitStatus = 1, Words = "no space left on device", SchedulerReason = reason }).Kind.ShouldBe(kind);

    [Theory]
    [InlineData(11, FailureKind.ProcessCrash)]
    [InlineData(6, FailureKind.ProcessCrash)]
    [InlineData(4, FailureKind.ProcessCrash)]
    [InlineData(8, FailureKind.ProcessCrash)]
    [InlineData(3, FailureKind.ProcessCrash)]
    [InlineData(7, FailureKind.StorageFailure)]
    [InlineData(9, FailureKind.Unknown)]
    [InlineData(15, FailureKind.Unknown)]
    [InlineData(24, FailureKind.Timeout)]
    [InlineData(25, FailureKind.DiskFull)]
    public void A_signal_tells_the_kind_and_so_does_the_status_that_a_shell_makes_of_it(int signal, FailureKind kind)
    {
        FailureClassifier.Of(new() { Signal = signal }).Kind.ShouldBe(kind);
        FailureClassifier.Of(new() { ExitStatus = 128 + signal }).Kind.ShouldBe(kind);
    }

    [Fact]
    public void What_is_killed_at_the_limit_of_its_memory_ran_out_of_it()
    {
        FailureClassifier.Of(new() { Signal = 9, MemoryPeak = 96, MemoryLimit = 100 }).Kind.ShouldBe(FailureKind.MemoryExhaustion);
        FailureClassifier.Of(new() { Signal = 9, MemoryPeak = 50, MemoryLimit = 100 }).Kind.ShouldBe(FailureKind.Unknown);
    }

    [Theory]
    [InlineData(1, FailureKind.ProcessCrash)]
    [InlineData(124, FailureKind.Timeout)]
    [InlineData(126, FailureKind.ProcessCrash)]
    [InlineData(127, FailureKind.ProcessCrash)]
    public void A_status_tells_what_is_left(int status, FailureKind kind) => FailureClassifier.Of(new() { ExitStatus = status }).Kind.ShouldBe(kind);

    [Fact]
    public void An_end_without_a_record_is_the_loss_of_the_node_and_one_of_which_nothing_is_known_is_unknown()
    {
        FailureClassifier.Of(new() { NodeGone = true }).Kind.ShouldBe(FailureKind.NodeOffline);
        FailureClassifier.Of(new()).Kind.ShouldBe(FailureKind.Unknown);
        FailureClassifier.Of(new() { ExitStatus = 0, OutputsMissing = true }).Explanation.ShouldContain("outputs");
    }
}
