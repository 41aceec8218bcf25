using System.Diagnostics;
using System.Text.Json;

namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>
/// The metadata of those packages of Orleans that the registry in use serves: <c>eng/orleans-packages</c> names and restores them.
/// </summary>
internal sealed class ServedPackages
{
    private static readonly TimeSpan RestoreTimeout = TimeSpan.FromMinutes(2);
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static ServedPackages? restored;

    private ServedPackages(MetadataSurface surface, string? whyNone)
    {
        Surface = surface;
        WhyNone = whyNone;
    }

    /// <summary>What the packages declare; empty when there are none.</summary>
    public MetadataSurface Surface { get; }

    /// <summary>Why there are no packages to compare with, or null.</summary>
    public string? WhyNone { get; }

    /// <summary>Restores the packages once per run. Never fails because a registry lacks them: that is <see cref="WhyNone"/>.</summary>
    public static async Task<ServedPackages> RestoreAsync(CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken);
        try
        {
            return restored ??= await ReadAsync(cancellationToken);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Whether a package has this member of this type.</summary>
    public bool Declares(string typeName, string member) =>
        Surface.Types.TryGetValue(typeName, out var facts) && facts.Members.Contains(member);

    private static async Task<ServedPackages> ReadAsync(CancellationToken cancellationToken)
    {
        var project = RepositoryFiles.PathOf("eng", "orleans-packages", "orleans-packages.csproj");
        var start = new ProcessStartInfo("dotnet", ["restore", project, "-nologo", "-v", "quiet"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Of the outer build, which may have set them for this process.
        start.Environment.Remove("MSBUILD_EXE_PATH");
        start.Environment.Remove("MSBuildSDKsPath");
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(RestoreTimeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            if (process.ExitCode != 0)
            {
                var first = $"{await output}{await errors}".Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? $"exit code {process.ExitCode}";
                return new(new(), $"The packages of Orleans are not served here: {first.Trim()}");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return new(new(), $"The packages of Orleans were not restored within {RestoreTimeout.TotalSeconds:0} s.");
        }

        var surface = new MetadataSurface();
        using var assets = JsonDocument.Parse(await File.ReadAllTextAsync(RepositoryFiles.PathOf("artifacts", "orleans-packages", "project.assets.json"), cancellationToken));
        var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(static folder => folder.Name).ToList();
        foreach (var package in assets.RootElement.GetProperty("project").GetProperty("frameworks").GetProperty("net10.0").GetProperty("downloadDependencies").EnumerateArray())
        {
            var id = package.GetProperty("name").GetString()!;
            var version = package.GetProperty("version").GetString()!.Trim('[', ']').Split(',')[0];
            var assembly = folders.Select(folder => Path.Combine(folder, id.ToLowerInvariant(), version, "lib", "net10.0", id["Microsoft.".Length..] + ".dll")).First(File.Exists);
            surface.Add(assembly);
        }

        return new(surface, null);
    }
}
