namespace Orchestrator.Cli.Demo;

/// <summary>Time-outs of the demo, shortened so that a loss is noticed while somebody watches.</summary>
internal static class DemoSettings
{
    public const string Tell = "Time-outs are shortened for the demo: a heartbeat each 0.5 s, a node is given up after 2 s without one (by default 2 s and 15 s).";

    /// <summary>Configuration of the silo, as environment variables.</summary>
    public static readonly IReadOnlyDictionary<string, string> Silo = new Dictionary<string, string>
    {
        ["Orchestrator__Nodes__HeartbeatInterval"] = "00:00:00.5",
        ["Orchestrator__Nodes__DetectionWindow"] = "00:00:02",
    };
}
