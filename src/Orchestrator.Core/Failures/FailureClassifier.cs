using System.Collections.Immutable;

namespace Orchestrator.Core.Failures;

/// <summary>
/// Tells kinds of failures apart, by the first that speaks: the batch system, the last words of the program, its memory, its signal, its status. Words come before signals: a killed
/// rank takes the others with it, and only what was said tells which came first.
/// </summary>
public static class FailureClassifier
{
    private const int Sigkill = 9;
    private const int Sigbus = 7;
    private const int Sigxcpu = 24;
    private const int Sigxfsz = 25;

    /// <summary>So much of the memory that it may use: the kernel may have ended it, though nobody said so.</summary>
    private const double NearLimit = 0.95;

    private static readonly ImmutableArray<(string Word, FailureKind Kind, string Meaning, bool Node)> SchedulerReasons =
    [
        ("OUT_OF_MEMORY", FailureKind.MemoryExhaustion, "it used more memory than it asked for", false),
        ("OOM", FailureKind.MemoryExhaustion, "it used more memory than it asked for", false),
        ("TERM_MEMLIMIT", FailureKind.MemoryExhaustion, "it used more memory than it asked for", false),
        ("NODE_FAIL", FailureKind.NodeOffline, "its node failed", true),
        ("BOOT_FAIL", FailureKind.NodeOffline, "its node did not come up", true),
        ("LAUNCH FAILED", FailureKind.NodeDegraded, "its node could not launch it", true),
        ("TIMEOUT", FailureKind.Timeout, "its time was up", false),
        ("DEADLINE", FailureKind.Timeout, "its deadline passed", false),
        ("TERM_RUNLIMIT", FailureKind.Timeout, "its time was up", false),
    ];

    /// <summary>In this order: what is surely meant before what may be meant by many things.</summary>
    private static readonly ImmutableArray<(string Word, FailureKind Kind, string Meaning, bool Node)> Words =
    [
        (TaskSets.Segments.TaskSetDefinition.BadNodeWords, FailureKind.NodeDegraded, "its tasks go on elsewhere", true),
        ("double bit ecc", FailureKind.NodeDegraded, "the memory of a GPU is damaged", true),
        ("uncorrectable ecc", FailureKind.NodeDegraded, "memory of the node is damaged", true),
        ("uncorrectable nvlink", FailureKind.NodeDegraded, "a link between GPUs is damaged", true),
        ("gpu has fallen off the bus", FailureKind.NodeDegraded, "a GPU is gone", true),
        ("cuda_error_no_device", FailureKind.NodeDegraded, "a GPU is gone", true),
        ("no cuda-capable device", FailureKind.NodeDegraded, "a GPU is gone", true),
        ("cudaerrordevicesunavailable", FailureKind.NodeDegraded, "a GPU does not answer", true),
        ("machine check", FailureKind.NodeDegraded, "the hardware of the node reported an error", true),
        ("thermal throttling", FailureKind.NodeDegraded, "the node is too hot", true),
        ("cuda out of memory", FailureKind.MemoryExhaustion, "the memory of a GPU was used up", false),
        ("cuda_error_out_of_memory", FailureKind.MemoryExhaustion, "the memory of a GPU was used up", false),
        ("out of memory", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("out-of-memory", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("oom-kill", FailureKind.MemoryExhaustion, "the kernel ended it to get memory back", false),
        ("oom kill", FailureKind.MemoryExhaustion, "the kernel ended it to get memory back", false),
        ("cannot allocate memory", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("bad_alloc", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("memoryerror", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("memory exhausted", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("memory usage", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("insufficient virtual memory", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("error allocating", FailureKind.MemoryExhaustion, "memory was used up", false),
        ("no space left on device", FailureKind.DiskFull, "no space or no inode is left", false),
        ("disk quota exceeded", FailureKind.DiskFull, "a quota is used up", false),
        ("enospc", FailureKind.DiskFull, "no space or no inode is left", false),
        ("edquot", FailureKind.DiskFull, "a quota is used up", false),
        ("disk space", FailureKind.DiskFull, "no space is left", false),
        ("disk full", FailureKind.DiskFull, "no space is left", false),
        ("file too large", FailureKind.DiskFull, "a file reached the largest size allowed", false),
        ("input/output error", FailureKind.StorageFailure, "a file system could not read or write", true),
        ("stale file handle", FailureKind.StorageFailure, "a file server forgot a file", true),
        ("stale nfs file handle", FailureKind.StorageFailure, "a file server forgot a file", true),
        ("read-only file system", FailureKind.StorageFailure, "a file system went read-only", true),
        ("transport endpoint is not connected", FailureKind.StorageFailure, "a mounted file system is gone", true),
        ("cannot send after transport endpoint shutdown", FailureKind.StorageFailure, "the client of a parallel file system was evicted", true),
        ("structure needs cleaning", FailureKind.StorageFailure, "a file system is damaged", true),
        ("storage system failure", FailureKind.StorageFailure, "the storage failed", false),
        ("storage failure", FailureKind.StorageFailure, "the storage failed", false),
        ("bus error", FailureKind.StorageFailure, "a mapped file could not be read", true),
        ("nccl error", FailureKind.NetworkFailure, "the ranks lost each other", false),
        ("nccl warn", FailureKind.NetworkFailure, "the ranks lost each other", false),
        ("connection reset by peer", FailureKind.NetworkFailure, "a connection broke", false),
        ("connection refused", FailureKind.NetworkFailure, "nobody listened at the other end", false),
        ("connection timed out", FailureKind.NetworkFailure, "the other end did not answer", false),
        ("network is unreachable", FailureKind.NetworkFailure, "the network is not there", true),
        ("no route to host", FailureKind.NetworkFailure, "the network is not there", true),
        ("network errors", FailureKind.NetworkFailure, "the network lost packets", false),
        ("network error", FailureKind.NetworkFailure, "the network failed", false),
        ("ibv_", FailureKind.NetworkFailure, "the fast network failed", true),
        ("ucx  error", FailureKind.NetworkFailure, "the fast network failed", true),
        ("retry exceeded", FailureKind.NetworkFailure, "the fast network failed", true),
        ("heartbeat timeout", FailureKind.NodeOffline, "the node was not heard of", true),
        ("lost connection to node", FailureKind.NodeOffline, "a node is gone", true),
        ("lost communication with a remote daemon", FailureKind.NodeOffline, "a node of the run is gone", true),
        ("cpu load", FailureKind.ResourceContention, "others use the node", false),
        ("resource temporarily unavailable", FailureKind.ResourceContention, "processes or handles are used up", true),
        ("too many open files", FailureKind.ResourceContention, "file handles are used up", false),
        ("deadlock", FailureKind.Deadlock, "it got no further", false),
        ("stalled", FailureKind.Deadlock, "it got no further", false),
        ("exceeded time limit", FailureKind.Timeout, "it took longer than it may", false),
        ("time limit exceeded", FailureKind.Timeout, "it took longer than it may", false),
        ("cpu time limit", FailureKind.Timeout, "it used more processor time than it may", false),
        ("floating point exception", FailureKind.ProcessCrash, "its numbers went wrong", false),
        ("floating-point exception", FailureKind.ProcessCrash, "its numbers went wrong", false),
        ("cfl", FailureKind.ProcessCrash, "its time step is too long for its state", false),
        ("segmentation fault", FailureKind.ProcessCrash, "it touched memory that is not its own", false),
        ("mpi_abort", FailureKind.ProcessCrash, "a rank gave up", false),
        ("stack smashing", FailureKind.ProcessCrash, "it wrote over its stack", false),
        ("assertion", FailureKind.ProcessCrash, "it found itself in the wrong", false),
        ("traceback (most recent call last)", FailureKind.ProcessCrash, "it threw an error that nobody caught", false),
        ("double free", FailureKind.ProcessCrash, "it freed memory twice", false),
    ];

    public static FailureDiagnosis Of(FailureEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        if (evidence.SchedulerReason is { Length: > 0 } reason && Find(SchedulerReasons, reason) is { } said)
        {
            return new() { Kind = said.Kind, Detection = FailureDetection.SystemReport, Explanation = $"the batch system gave {reason}: {said.Meaning}", NodeAtFault = said.Node };
        }

        if (evidence.NodeGone)
        {
            return new() { Kind = FailureKind.NodeOffline, Detection = FailureDetection.SystemReport, Explanation = "no exit record: its node went down", NodeAtFault = true };
        }

        if (evidence.Words is { Length: > 0 } words && OfWords(words) is { } heard)
        {
            return heard;
        }

        if (evidence is { Signal: Sigkill, MemoryLimit: > 0 } && evidence.MemoryPeak >= NearLimit * evidence.MemoryLimit)
        {
            return System(FailureKind.MemoryExhaustion, "it was killed while it used all the memory that it may: so does the kernel");
        }

        return OfSignal(evidence) ?? OfStatus(evidence);
    }

    /// <summary>By a message alone; <see cref="FailureKind.Unknown"/> where nothing in it is known.</summary>
    public static FailureKind OfMessage(string message) => OfWords(message)?.Kind ?? FailureKind.Unknown;

    private static FailureDiagnosis? OfWords(string words)
    {
        if (Find(Words, words) is { } known)
        {
            return new() { Kind = known.Kind, Detection = FailureDetection.LogAnalysis, Explanation = $"it said \"{known.Word}\": {known.Meaning}", NodeAtFault = known.Node };
        }

        return HasNaN(words)
            ? new() { Kind = FailureKind.ProcessCrash, Detection = FailureDetection.LogAnalysis, Explanation = "it said \"NaN\": its numbers went wrong" }
            : null;
    }

    private static FailureDiagnosis? OfSignal(FailureEvidence evidence) => (evidence.Signal ?? (evidence.ExitStatus is > 128 and < 160 and { } status ? status - 128 : null)) switch
    {
        null => null,
        4 => System(FailureKind.ProcessCrash, "illegal instruction: built for another processor, or damaged"),
        6 => System(FailureKind.ProcessCrash, "it aborted"),
        Sigbus => System(FailureKind.StorageFailure, "bus error: a mapped file or memory could not be read", node: true),
        8 => System(FailureKind.ProcessCrash, "arithmetic error: its numbers went wrong"),
        Sigkill => System(FailureKind.Unknown, "killed by somebody: a person, the kernel for want of memory, or its batch system"),
        11 => System(FailureKind.ProcessCrash, "segmentation fault: it touched memory that is not its own"),
        Sigxcpu => System(FailureKind.Timeout, "it used more processor time than it may"),
        Sigxfsz => System(FailureKind.DiskFull, "a file reached the largest size allowed"),
        15 => System(FailureKind.Unknown, "asked to end by somebody else"),
        var signal => System(FailureKind.ProcessCrash, FormattableString.Invariant($"ended by signal {signal}")),
    };

    private static FailureDiagnosis OfStatus(FailureEvidence evidence) => evidence switch
    {
        { OutputsMissing: true } => System(FailureKind.ProcessCrash, "it ended without the outputs that it declares"),
        { ExitStatus: 124 } => System(FailureKind.Timeout, "exit status 124: timeout(1) ended it"),
        { ExitStatus: 126 } => System(FailureKind.ProcessCrash, "exit status 126: a command is there and cannot be executed"),
        { ExitStatus: 127 } => System(FailureKind.ProcessCrash, "exit status 127: a command is not there"),
        { ExitStatus: { } status } => System(FailureKind.ProcessCrash, FormattableString.Invariant($"exit status {status}")),
        _ => System(FailureKind.Unknown, "nothing is known of its end"),
    };

    private static FailureDiagnosis System(FailureKind kind, string explanation, bool node = false) =>
        new() { Kind = kind, Detection = FailureDetection.SystemReport, Explanation = explanation, NodeAtFault = node };

    private static (string Word, FailureKind Kind, string Meaning, bool Node)? Find(ImmutableArray<(string Word, FailureKind Kind, string Meaning, bool Node)> table, string text)
    {
        foreach (var row in table)
        {
            if (text.Contains(row.Word, StringComparison.OrdinalIgnoreCase))
            {
                return row;
            }
        }

        if (text.Contains("memory", StringComparison.OrdinalIgnoreCase) && text.Contains("threshold", StringComparison.OrdinalIgnoreCase))
        {
            return ("memory", FailureKind.MemoryExhaustion, "memory was all but used up", false);
        }

        return null;
    }

    /// <summary>As a word of its own, however it is written.</summary>
    private static bool HasNaN(string text)
    {
        for (var at = text.IndexOf("nan", StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf("nan", at + 3, StringComparison.OrdinalIgnoreCase))
        {
            var before = at == 0 || !char.IsLetterOrDigit(text[at - 1]);
            var after = at + 3 >= text.Length || !char.IsLetterOrDigit(text[at + 3]);
            if (before && after)
            {
                return true;
            }
        }

        return false;
    }
}
