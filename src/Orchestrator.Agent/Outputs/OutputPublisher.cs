using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Outputs;

/// <summary>
/// Moves the declared outputs of an attempt into the results of its stage. They gather in <c>.STAGE.eN.partial</c> beside it and appear all at once by its rename, so a
/// crash between any two steps leaves something that a repeat finishes.
/// </summary>
internal static class OutputPublisher
{
    /// <summary>
    /// Declared outputs that are not there, or that the disk did not take. All others are durable then: once the exit is accepted another node may publish them, when this one
    /// has gone down with what it had not written.
    /// </summary>
    public static ImmutableArray<string> Missing(string runDirectory, IEnumerable<string> outputs) =>
        [.. outputs.Where(output => !IsInside(runDirectory, output) || !IsDurable(runDirectory, Path.Combine(runDirectory, output)))];

    /// <summary>Publishes; a repeat gives the same.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="attempt">The attempt whose run directory holds the outputs, which may be an earlier one of the stage.</param>
    /// <param name="outputs">The declared outputs, relative to the run directory.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="FileNotFoundException">An output is neither in the run directory nor published.</exception>
    /// <exception cref="IOException">A file could not be moved or read: trying again may help.</exception>
    public static async Task<ImmutableArray<Artifact>> PublishAsync(string dataDirectory, AttemptId attempt, ImmutableArray<string> outputs, CancellationToken cancellationToken)
    {
        var run = Path.Combine(dataDirectory, RunLayout.RunDirectory(attempt));
        var results = Path.Combine(dataDirectory, RunLayout.ResultsDirectory(attempt.Simulation, attempt.Stage));
        var parent = Path.GetDirectoryName(results)!;
        var partial = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $".{attempt.Stage}.e{attempt.Epoch}.partial"));
        if (Directory.Exists(results) && !outputs.IsEmpty && outputs.All(output => Exists(Path.Combine(run, output)) || Exists(Path.Combine(partial, output))))
        {
            // Publishing takes the outputs away, so these results are of another life of the same simulation, whose records are gone.
            SetAside(results, Path.Combine(parent, $".{attempt.Stage}.replaced"));
        }

        if (!Directory.Exists(results))
        {
            Directory.CreateDirectory(partial);
            foreach (var output in outputs.Where(output => IsInside(run, output)))
            {
                // Before the first is moved: they may lead to one another.
                LooseLinks.Settle(Path.TrimEndingDirectorySeparator(Path.Combine(run, output)), run, isMoved: true);
            }

            // A folder before what lies in it, which would otherwise stand in its way.
            foreach (var output in outputs.Order(StringComparer.Ordinal))
            {
                Gather(run, partial, results, output);
            }

            // Durable before they can be seen under their final name.
            await DescribeAsync(partial, outputs, durable: true, cancellationToken);
            Rename(partial, results);
            DurableFile.SyncDirectory(parent);
        }

        return await DescribeAsync(results, outputs, durable: false, cancellationToken);
    }

    private static bool IsDurable(string runDirectory, string output)
    {
        if (!Exists(output))
        {
            return false;
        }

        try
        {
            foreach (var file in Files(output))
            {
                using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                DurableFile.Sync(handle);
            }

            // The names, too: of all folders below it, and of those in which it lies.
            foreach (var folder in Directory.Exists(output) ? Directory.EnumerateDirectories(output, "*", SearchOption.AllDirectories).Prepend(output) : [])
            {
                DurableFile.SyncDirectory(folder);
            }

            for (var folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(output))!; folder.Length >= runDirectory.Length; folder = Path.GetDirectoryName(folder)!)
            {
                DurableFile.SyncDirectory(folder);
            }

            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Gather(string run, string partial, string results, string output)
    {
        if (!IsInside(partial, output))
        {
            throw new FileNotFoundException($"The output {output} lies outside the run directory.", output);
        }

        string source = Path.Combine(run, output), target = Path.Combine(partial, output);
        if (Exists(target) || Directory.Exists(results))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(target))!);
        try
        {
            if (Directory.Exists(source))
            {
                Directory.Move(source, target);
            }
            else
            {
                File.Move(source, target, overwrite: true);
            }
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            // Another agent that publishes the same attempt may have been faster.
            if (!Exists(target) && !Directory.Exists(results))
            {
                throw new FileNotFoundException($"The output {output} is neither in the run directory nor published.", source, gone);
            }
        }
    }

    private static void SetAside(string results, string aside)
    {
        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
        }

        Directory.Move(results, aside);
    }

    private static void Rename(string partial, string results)
    {
        try
        {
            Directory.Move(partial, results);
        }
        catch (IOException) when (Directory.Exists(results) && !Directory.Exists(partial))
        {
            // As above.
        }
    }

    private static async Task<ImmutableArray<Artifact>> DescribeAsync(string directory, ImmutableArray<string> outputs, bool durable, CancellationToken cancellationToken)
    {
        var artifacts = ImmutableArray.CreateBuilder<Artifact>();
        foreach (var path in outputs.Select(output => Path.Combine(directory, output)).SelectMany(Files).Distinct())
        {
            var file = await CheckpointFiles.DescribeAsync(directory, path, durable, cancellationToken);
            artifacts.Add(new() { Path = file.Name, Size = file.Size, Sha256 = file.Sha256, Quality = 1, WrittenAt = File.GetLastWriteTimeUtc(path) });
        }

        return artifacts.ToImmutable();
    }

    private static IEnumerable<string> Files(string path)
    {
        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        }

        return File.Exists(path) ? [path] : throw new FileNotFoundException($"The output {Path.GetFileName(path)} is neither in the run directory nor published.", path);
    }

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    private static bool IsInside(string directory, string relative) =>
        Path.GetFullPath(Path.Combine(directory, relative)).StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
