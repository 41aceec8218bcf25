using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Agent.Checkpoints;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Programs;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <content>From the launch specification to a running wrapper.</content>
internal sealed partial class AttemptRunner
{
    /// <summary>The wrapper is a shell: it says that it is there within milliseconds, on an overloaded machine within seconds.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    /// <summary>False when it was refused, and reported so.</summary>
    private async Task<bool> StartAsync(LaunchSpecification launch, CancellationToken cancellationToken)
    {
        if (record.Start > 0 && FindEarlierStart())
        {
            ReportStarted();
            return true;
        }

        if (record.Start == 0 && File.Exists(Files.PidFile(1)))
        {
            Refuse($"The directory {Files.Attempt} belongs to an earlier start of the same attempt, of which this agent knows nothing.", nodeAtFault: false);
            return false;
        }

        try
        {
            Directory.CreateDirectory(Files.Run);
            Directory.CreateDirectory(Files.Checkpoints);
            File.WriteAllBytes(Files.Specification, JsonSerializer.SerializeToUtf8Bytes(launch, WireJson.Options));
            File.WriteAllText(Files.HostFile, HostFile(launch));
            File.WriteAllBytes(Files.Results, StageResultWords.File(launch.Results));
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            Refuse($"The directory {Files.Attempt} cannot be written: {unusable.Message}", nodeAtFault: true);
            return false;
        }

        if (await ChooseCheckpointAsync(launch, cancellationToken) is not var (restored, damaged, unreadable))
        {
            return false;
        }

        var candidate = record with
        {
            Start = record.Start + 1,
            StartedAt = agent.Time.GetUtcNow(),
            BootId = agent.Machine.BootId,
            Restored = restored?.Name,
            Damaged = [.. damaged],
            Unreadable = [.. unreadable],
        };
        var restore = restored is null ? null : CheckpointFiles.DirectoryOf(Files.Data, restored);
        var words = new CommandLine(launch, Files, restore);
        var line = words.Line(restored is not null && launch.Stage.Restart is { } restart ? restart : launch.Stage.Run);
        var environment = CreateEnvironment(launch, words, restore);
        if (ProgramCheck.Explain(line, Files.Run, environment) is { } problem)
        {
            Refuse(problem, nodeAtFault: true);
            return false;
        }

        cancellationToken.ThrowIfCancellationRequested();
        Store(candidate);
        Volatile.Write(ref hasProcesses, true);
        try
        {
            var process = Wrapper.Start(agent.WrapperScript, Files.Attempt, AttemptFiles.PidFileName(record.Start), line, Cores(), environment);
            process.EnableRaisingEvents = true;
            process.Exited += (_, _) => wake.Set();
            if (!await WaitForPidFileAsync(process, cancellationToken))
            {
                Refuse($"The program could not be started: the shell that carries it ended at once. {LastWords()}".TrimEnd(), nodeAtFault: true);
                Volatile.Write(ref hasProcesses, false);
                return false;
            }
        }
        catch (Win32Exception missing)
        {
            Refuse($"The program could not be started: {missing.Message}", nodeAtFault: true);
            Volatile.Write(ref hasProcesses, false);
            return false;
        }

        ReportStarted();
        return true;
    }

    /// <summary>
    /// An earlier agent ended between its decision to start and the report. Either its wrapper left its pid file, or it is revoked here: a late one cannot link its file any
    /// more, and starts nothing.
    /// </summary>
    private bool FindEarlierStart()
    {
        var path = Files.PidFile(record.Start);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Files.Attempt);
            try
            {
                using var revoked = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
                revoked.Write("revoked"u8);
                return false;
            }
            catch (IOException) when (File.Exists(path))
            {
                // The wrapper was faster.
            }
        }

        return ProcessIdentity.FromFile(path) is not null;
    }

    private async Task<bool> WaitForPidFileAsync(Process process, CancellationToken cancellationToken)
    {
        var path = Files.PidFile(record.Start);
        var began = agent.Time.GetTimestamp();
        while (true)
        {
            // In this order: a program may end between the two looks.
            var ended = process.HasExited;
            if (File.Exists(path))
            {
                return true;
            }

            if (ended)
            {
                return false;
            }

            if (agent.Time.GetElapsedTime(began) > StartTimeout)
            {
                process.Kill(entireProcessTree: true);
                return FindEarlierStart();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), agent.Time, cancellationToken);
        }
    }

    /// <summary>Knows the processes of the program that was started, now or by an earlier agent.</summary>
    private void Attach(LaunchSpecification launch)
    {
        // After a reboot the ids mean other processes.
        var leader = record.BootId == agent.Machine.BootId ? ProcessIdentity.FromFile(Files.PidFile(record.Start)) : null;
        lock (metering)
        {
            processes = new(leader, Files.Run, agent.Time);
            meter = new(record.StartedAt, launch.Shares.Sum(share => share.Cores.Length), launch.Shares.Sum(static share => share.Gpus.Length * share.GpuThousandths / 1000.0));
        }
    }

    /// <summary>
    /// The newest checkpoint that is whole, brought back; null when it was refused, and reported so. A file system that fails says nothing of a checkpoint, and when there were
    /// checkpoints nobody but a person decides that the stage begins anew.
    /// </summary>
    private async Task<(CheckpointRecord? Restored, List<string> Damaged, List<string> Unreadable)?> ChooseCheckpointAsync(LaunchSpecification launch, CancellationToken cancellationToken)
    {
        var (damaged, unreadable) = (new List<string>(), new List<string>());
        var (newest, newestDamage) = ("", "");
        foreach (var candidate in launch.Restore)
        {
            string? damage;
            try
            {
                damage = await CheckpointCopies.BringBackAsync(Files.Data, candidate, cancellationToken) ?? await RollBackAsync(launch, candidate, cancellationToken);
            }
            catch (UnreadableCheckpointException failure) when (UnreadableCheckpointException.IsOfMedium(failure))
            {
                // A bad sector gives nothing however often it is asked. It is no damage for good, though: another machine may read it.
                agent.Logger.CheckpointPassedOver(candidate.Name, failure.Message);
                (newest, newestDamage) = newest.Length == 0 ? (candidate.Name, failure.Message) : (newest, newestDamage);
                unreadable.Add(candidate.Name);
                continue;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Refuse($"The checkpoint {candidate.Name} cannot be brought back: {failure.Message}", nodeAtFault: true);
                return null;
            }

            if (damage is null)
            {
                return (candidate, damaged, unreadable);
            }

            agent.Logger.CheckpointDamaged(candidate.Name, damage);
            (newest, newestDamage) = newest.Length == 0 ? (candidate.Name, damage) : (newest, newestDamage);
            damaged.Add(candidate.Name);
        }

        if (newest.Length == 0)
        {
            return (null, damaged, unreadable);
        }

        // Where all are missing it may be that something is not mounted here: another node may have them.
        Refuse($"None of {damaged.Count + unreadable.Count} checkpoints can be restored, and it is not begun anew without being told to. The newest, {newest}: {newestDamage}", nodeAtFault: true);
        return null;
    }

    /// <summary>Gives the new run the files that are only appended to, as they were at the checkpoint.</summary>
    private async Task<string?> RollBackAsync(LaunchSpecification launch, CheckpointRecord candidate, CancellationToken cancellationToken)
    {
        if (launch.Stage.Appends.IsDefaultOrEmpty)
        {
            return null;
        }

        var manifest = await CheckpointFiles.ReadManifestAsync(Files.Data, candidate, cancellationToken);
        return await AppendedFiles.RestoreAsync(
            manifest.Appended,
            Path.Combine(Files.Data, RunLayout.RunDirectory(candidate.Attempt)),
            Path.Combine(Files.Data, RunLayout.ResultsDirectory(candidate.Attempt.Simulation, candidate.Attempt.Stage)),
            Files.Run,
            cancellationToken);
    }

    private void ReportStarted()
    {
        var leader = ProcessIdentity.FromFile(Files.PidFile(record.Start));
        agent.Logger.AttemptStarted(Attempt, leader?.Id ?? 0, record.Restored ?? "nothing");
        Report(new AttemptReport.Started { Restored = record.Restored, Damaged = record.Damaged, Unreadable = record.Unreadable, ProcessId = leader?.Id ?? 0 });
    }

    private string? RestoreDirectory(LaunchSpecification launch) =>
        launch.Restore.FirstOrDefault(candidate => candidate.Name == record.Restored) is { } restored ? CheckpointFiles.DirectoryOf(Files.Data, restored) : null;

    private Dictionary<string, string> CreateEnvironment(LaunchSpecification launch, CommandLine words, string? restore) =>
        AttemptEnvironment.Create(launch, record.Lease.Share, Files, words, restore, agent.HelperDirectory, !agent.Machine.Capabilities.Gpus.IsEmpty);

    private IReadOnlyList<int>? Cores()
    {
        var cores = agent.Machine.CoresOf(record.Lease.Share.Cores, agent.Options.FirstCore);
        if (cores is null && agent.CoresMissing.Exchange())
        {
            agent.Logger.NoSuchCores(Attempt);
        }

        return cores;
    }

    /// <summary>One line for each node: the name by which it is reached, as its agent left it in the data directory, and its ranks.</summary>
    private string HostFile(LaunchSpecification launch)
    {
        var text = new StringBuilder();
        foreach (var share in launch.Shares)
        {
            var file = AgentContext.HostNameFile(Files.Data, share.Node.Value);
            var host = File.Exists(file) ? File.ReadAllText(file).Trim() : share.Node.Value[2..];
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{host} slots={launch.Stage.Resources.RanksPerNode}\n");
        }

        return text.ToString();
    }

    /// <summary>The end of the standard error, whole lines, at most 2,000 characters; null when there is none.</summary>
    private string? LastWords()
    {
        const int charactersMax = 2_000;
        if (!File.Exists(Files.StandardError))
        {
            return null;
        }

        using var stream = new FileStream(Files.StandardError, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Max(0, stream.Length - (4 * charactersMax));
        var bytes = new byte[stream.Length - stream.Position];
        var text = Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).TrimEnd();
        if (text.Length > charactersMax)
        {
            text = text[^charactersMax..];
            text = text.IndexOf('\n', StringComparison.Ordinal) is > 0 and var end && end < text.Length - 1 ? text[(end + 1)..] : text;
        }

        return text.Length == 0 ? null : text;
    }
}
