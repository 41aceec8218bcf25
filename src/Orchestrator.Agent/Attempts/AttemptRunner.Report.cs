using Orchestrator.Agent.Outputs;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Programs;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <content>What the program shows and how it ended, told to the simulation.</content>
internal sealed partial class AttemptRunner
{
    private const int ContinueStatus = 85;

    /// <summary>What is written less than this is not worth a word.</summary>
    private const long GrowthMin = 1024 * 1024;

    private readonly HashSet<string> announced = new(StringComparer.Ordinal);
    private long writtenBefore;
    private string? unreadable;
    private ExcessWatch? excess;

    /// <summary>Reports stages that the program wrote, once: the key is made of what it wrote, so that the same comes to the same.</summary>
    private void Announce(string text)
    {
        var key = $"{Attempt.Stage}/{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..32]}";
        if (!announced.Add(key) || Spool.Kept.OfType<AttemptReport.Announced>().Any(report => report.Addition.Key == key))
        {
            return;
        }

        Report(new AttemptReport.Announced { Text = text, Addition = new() { Key = key } });
    }

    /// <summary>With the size and the time of the file, where it is one of the run directory.</summary>
    private Artifact Measured(Artifact artifact)
    {
        var path = Path.GetFullPath(Path.Combine(Files.Run, artifact.Path));
        var file = new FileInfo(path);
        return path.StartsWith(Files.Run + Path.DirectorySeparatorChar, StringComparison.Ordinal) && file.Exists ? artifact with { Size = file.Length, WrittenAt = file.LastWriteTimeUtc } : artifact;
    }

    /// <summary>A program that says nothing and writes is alive: who judges stalls is to know it.</summary>
    private void ReportGrowth(DateTimeOffset now)
    {
        spokeAt ??= now;
        if (now - spokeAt < agent.Options.GrowthInterval || Spool.HoldsProgress)
        {
            return;
        }

        spokeAt = now;
        ResourceUse? use;
        lock (metering)
        {
            use = meter?.Use(now);
        }

        if (use is { } known && known.BytesWritten - writtenBefore >= GrowthMin)
        {
            writtenBefore = known.BytesWritten;
            Report(new AttemptReport.Progressed { Use = known });
        }
    }

    private void ReportProgress(DateTimeOffset now)
    {
        spokeAt = now;
        ResourceUse? use;
        lock (metering)
        {
            use = meter?.Use(now);
        }

        Report(progress.Take() with { Use = use });
    }

    /// <summary>Says once of what it uses more than was declared. Its end is not reported before this returns.</summary>
    private void CompareWithShare(UsageMeter measured, List<ProcessStat> members)
    {
        var share = record.Lease.Share;
        excess ??= new(share.Memory, share.Cores.Length, Spool.Kept.OfType<AttemptReport.UsesMore>().Select(static report => report.Excess.Resource), agent.Time);
        var memory = excess.LookAtMemory(measured.Resident, () => members.Sum(static member => HeldMemory.AtMost(member.Id)), () => members.Sum(static member => HeldMemory.Of(member.Id)));
        foreach (var found in new[] { memory, excess.LookAtCores(measured.Cpu) }.OfType<ResourceExcess>())
        {
            try
            {
                Report(new AttemptReport.UsesMore { Excess = found });
                excess.Told(found.Resource);
                agent.Logger.UsesMore(Attempt, found.Tell());
            }
            catch (Exception full) when (full is IOException or ObjectDisposedException)
            {
                // The next sample says it, unless there is nobody left to say it of.
                SayUnreadable(full.Message);
            }
        }
    }

    private void ReportExit(LaunchSpecification launch, ControlFile control, CommandLine words, ExitRecord? exit)
    {
        var ended = exit?.EndedAt ?? agent.Time.GetUtcNow();
        lock (metering)
        {
            if (exit is not null)
            {
                meter!.Finish(exit);
            }

            finalUse = meter!.Use(ended);
        }

        if (progress.HasNews)
        {
            ReportProgress(ended);
        }

        var order = Volatile.Read(ref lease).Order;
        var asked = control.StopBy is not null;
        var report = new AttemptReport.Exited
        {
            ExitStatus = exit is null || exit.Signal is not null ? null : exit.Status,
            Signal = exit?.Signal,
            AskedToLeave = asked,
            Asked = !asked ? StopReason.Absent : order.StopBy is null ? control.Reason : order.Reason,
            MissingOutputs = OutputPublisher.Missing(Files.Run, launch.Stage.Outputs.Select(words.Value)),
            Progress = progress.Progress,
            Use = finalUse,
            LastWords = exit?.Status is 0 or ContinueStatus ? null : LastWords(),
        };
        agent.Logger.AttemptExited(Attempt, report.ExitStatus, report.Signal, asked);
        Report(report);
        Volatile.Write(ref hasProcesses, false);
        agent.Heartbeat.Set();
    }

    private void SayUnreadable(string reason)
    {
        if (reason != unreadable)
        {
            unreadable = reason;
            agent.Logger.FilesUnreadable(Attempt, reason);
        }
    }
}
