namespace Orchestrator.Contract.Tests;

/// <summary>Finds files of the working copy that the tests run from, so that checked-in data can be read and rewritten in place.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder that holds <c>Orchestrator.sln</c>, searched upwards from the test binaries.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root, in the separators of this system.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Orchestrator.sln above {AppContext.BaseDirectory}: run the tests from a working copy.");
    }
}
