namespace Orchestrator.TestReport;

/// <summary>Where coverlet's VSTest collector lies, and its settings.</summary>
internal static class CoverageCollector
{
    private const string Settings = """
        <?xml version="1.0" encoding="utf-8"?>
        <RunSettings>
          <DataCollectionRunSettings>
            <DataCollectors>
              <DataCollector friendlyName="XPlat Code Coverage">
                <Configuration>
                  <Format>json</Format>
                  <Include>[Orchestrator.*]*,[LocalEngine.*]*,[climate]*</Include>
                  <!-- The pilot runs only in processes that are not counted. -->
                  <Exclude>[*.Tests]*,[Orchestrator.Pilot]*</Exclude>
                  <ExcludeByFile>**/*.g.cs</ExcludeByFile>
                  <SkipAutoProps>true</SkipAutoProps>
                  <SingleHit>true</SingleHit>
                </Configuration>
              </DataCollector>
            </DataCollectors>
          </DataCollectionRunSettings>
        </RunSettings>
        """;

    /// <summary>The collector's folder in the package cache.</summary>
    public static string Folder()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var versions = Path.Combine(cache, "coverlet.collector");
        return Directory.Exists(versions)
            ? Directory.EnumerateFiles(versions, "coverlet.collector.dll", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal).Last()
            : throw new DirectoryNotFoundException($"{versions} is missing: restore the test projects first.");
    }

    public static string WriteSettings(string folder)
    {
        var file = Path.Combine(folder, "coverage.runsettings");
        File.WriteAllText(file, Settings);
        return file;
    }
}
