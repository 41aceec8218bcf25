namespace Orchestrator.Pilot.Nodes;

/// <summary>Part of the files of one slot that one task wrote, in bytes.</summary>
internal sealed record PackedOutput
{
    public int Slot { get; init; }

    public long OutputFrom { get; init; }

    public long OutputLength { get; init; }

    public long ErrorFrom { get; init; }

    public long ErrorLength { get; init; }

    public static string OutputFile(string workdir, int slot) => Path.Combine(workdir, "packed", $"{slot:D5}.out");

    public static string ErrorFile(string workdir, int slot) => Path.Combine(workdir, "packed", $"{slot:D5}.err");
}
