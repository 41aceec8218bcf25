namespace Orchestrator.Silo.Tests;

/// <summary>Campaign files.</summary>
internal static class Campaigns
{
    public static string Small(string name, string project = "lab/heat", string run = "true", int members = 2) => $$"""
        name: {{name}}
        project: {{project}}
        members: {{members}}
        stages:
          warm:
            run: {{run}}
            duration: 1m
          report:
            after: warm
            run: "true"
            duration: 1m
        """;
}
